import pytest

from app.db import Sessions
from app.errors import Invalid, NotFound
from app.queries import collection_points as found
from app.services import collection_points
from app.services.audit import OPERATOR
from app.services.collection_points import NewPoint
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON, acts

ORIGINS = ("https://www.example.org", "http://127.0.0.1:8123")


def new(scene: Consenting, **more: object) -> NewPoint:
    root = scene.purposes["P"]
    values = {"name": "Web", "kind": "web-form", "notice_key": root.slug}
    return NewPoint(**{**values, "purpose_ids": (root.id,), **more})  # type: ignore[arg-type]


def test_a_point_asks_in_words_that_stay(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = stage(session)
        slug = scene.purposes["P"].slug
        made = new(scene, allowed_origins=ORIGINS, double_opt_in=False)
        row = collection_points.add(session, OPERATOR, made, NOON)
        bare = found.find(session, row.public_key)
        assert bare is not None
        assert (bare.form_id, bare.labels, bare.is_active) == (None, {}, True)
        assert (bare.allowed_origins, bare.double_opt_in) == (ORIGINS, False)
        labels = {"cs": {slug: " Ano, pište mi. "}, "en": {slug: "Yes."}}
        first = collection_points.word(session, OPERATOR, row.id, labels, NOON)
        assert collection_points.word(session, OPERATOR, row.id, labels, NOON) is first
        other = {"cs": {slug: "Ano."}}
        second = collection_points.word(session, OPERATOR, row.id, other, NOON)
        assert (first.version, second.version, first.sha256 == second.sha256) == (1, 2, False)
        shown = found.everything(session)[0]
        assert (shown.form_id, shown.form_version, shown.labels) == (second.id, 2, other)
        for _ in range(2):
            collection_points.switch(session, OPERATOR, row.id, NOON, is_active=False)
        off = found.find(session, row.public_key)
        assert off is not None
        assert not off.is_active
        assert acts(session, "collection_point.word") == 2


def test_what_is_no_point_and_no_form(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        for more in (
            {"allowed_origins": ("www.example.org",)},
            {"allowed_origins": ("https://example.org/path",)},
            {"purpose_ids": ()},
            {"kind": "mood"},
        ):
            with pytest.raises(Invalid):
                collection_points.add(session, OPERATOR, new(scene, **more), NOON)
        with pytest.raises(NotFound, match="purpose"):
            collection_points.add(session, OPERATOR, new(scene, purpose_ids=(99,)), NOON)
        row = collection_points.add(session, OPERATOR, new(scene), NOON)
        with pytest.raises(Invalid, match="no language"):
            collection_points.word(session, OPERATOR, row.id, {}, NOON)
        with pytest.raises(Invalid, match="has no words in cs"):
            collection_points.word(session, OPERATOR, row.id, {"cs": {}}, NOON)
        with pytest.raises(NotFound, match="collection point"):
            collection_points.switch(session, OPERATOR, 99, NOON, is_active=True)
        assert found.find(session, "nothing") is None
