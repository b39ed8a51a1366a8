"""Notices are drafted, published once and for all, and a change of processing asks anew."""

import pytest

from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import NoticeVersion, Organisation
from app.queries import notices as found
from app.services import notice_texts, notices
from app.services.audit import OPERATOR
from app.services.notices import NewNotice
from tests.services.consenting import HOUR, stage
from tests.services.scene import NOON, acts


def marked(*names: str) -> str:
    return "Hello.\n" + "".join(f"## About it {{#{name}}}\nWords.\n\n" for name in names)


def test_a_published_notice_is_read_back_as_it_was(sessions: Sessions) -> None:
    with sessions.write() as session:
        session.add(Organisation(name="Stavby s.r.o.", help_email="osobni@example.org"))
        scene = stage(session)
        root = scene.purposes["P"]
        number = scene.publish(NOON, "Píšeme Vám.  ", labels={root.slug: "Novinky"})
        row = session.get_one(NoticeVersion, number)
        kept = found.named(session, row.public_id)
        assert (kept.body, kept.name) == ("Píšeme Vám.", f"{root.slug}/cs/2")
        assert [named.label for named in kept.purposes] == ["Novinky", "C1", "C2"]
        assert kept.purposes[0].media == ("email", "sms")
        assert kept.parties["controller"] == "Stavby s.r.o."
        assert found.version(session, root.slug, "cs", 2) == kept
        assert found.current(session, root.slug, "cs") == kept
        former = found.version(session, root.slug, "cs", 1)
        assert former is not None
        assert (former.state, former.retired_at) == ("retired", NOON)
        assert acts(session, "notice.publish") == 2


def test_a_draft_is_nobodys(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        root = scene.purposes["P"]
        row = notices.draft(session, OPERATOR, NewNotice(root.id, "en", "We write."), NOON)
        assert row.version == 1
        assert found.version(session, root.slug, "en", 1) is None
        assert found.current(session, root.slug, "en") is None
        with pytest.raises(Refused, match="never published"):
            notices.retire(session, OPERATOR, row.id, NOON)
        with pytest.raises(NotFound, match="no published notice"):
            scene.give("P", notice_id=row.id)


def test_a_language_that_comes_late_takes_the_number_of_the_others(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        scene.publish(NOON)
        new = NewNotice(scene.purposes["P"].id, "en", "We write.")
        assert notices.draft(session, OPERATOR, new, NOON).version == 2
        assert notices.draft(session, OPERATOR, new, NOON).version == 3


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"language": "Czech"}, "language"),
        ({"body": " \n"}, "body"),
        ({"change_class": "small"}, "change"),
        ({"changes": ("nothing",)}, "no purpose nothing"),
        ({"purpose_id": 999}, "no such purpose"),
    ],
)
def test_what_is_no_notice(sqlite: Sessions, more: dict[str, object], words: str) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        values = {"purpose_id": scene.purposes["P"].id, "language": "cs", "body": "x", **more}
        with pytest.raises((Invalid, NotFound), match=words):
            notices.draft(session, OPERATOR, NewNotice(**values), NOON)  # type: ignore[arg-type]


def test_a_text_that_marks_its_parts_must_have_them_all(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        with pytest.raises(Refused, match=r"nothing about: complaint, automated$"):
            scene.publish(
                NOON,
                marked(*(b for b in notice_texts.BLOCKS if b not in {"complaint", "automated"})),
            )
        number = scene.publish(NOON, marked(*notice_texts.BLOCKS))
        kept = session.get_one(NoticeVersion, number)
        assert kept.blocks["rights"] == "Words."


def test_published_once_and_never_in_the_past(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        with pytest.raises(Refused, match="published already"):
            notices.publish(session, OPERATOR, scene.notice_id, NOON)
        for act in (notices.publish, notices.retire):
            with pytest.raises(NotFound, match="no such notice"):
                act(session, OPERATOR, 999, NOON)
        new = NewNotice(scene.purposes["P"].id, "cs", "We write.")
        row = notices.draft(session, OPERATOR, new, NOON)
        with pytest.raises(Invalid, match="past"):
            notices.publish(session, OPERATOR, row.id, NOON, effective_at=NOON - HOUR)
        for _ in range(2):
            notices.retire(session, OPERATOR, scene.notice_id, NOON + HOUR)
        assert session.get_one(NoticeVersion, scene.notice_id).retired_at == NOON + HOUR


def test_a_version_is_named_in_three_ways(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        root, child = scene.purposes["P"], scene.purposes["C1"]
        first = found.everything(session, root.slug)[0]
        assert first == found.named(session, first.id) == found.named(session, first.name)
        assert found.meant(session, "1", child.id) == found.meant(session, "1", root.id) == first
        for words in ("2", "nothing", f"{root.slug}/cs/9"):
            with pytest.raises(NotFound, match="no notice"):
                found.meant(session, words, root.id)
        new = NewNotice(root.id, "en", "We write.")
        notices.draft(session, OPERATOR, new, NOON)
        with pytest.raises(NotFound, match="several languages"):
            found.meant(session, "1", root.id)
        lonely = scene.home.purpose_id + 0
        assert found.meant(session, first.id, lonely) == first


def test_a_change_of_the_processing_ends_what_was_given_before(sessions: Sessions) -> None:
    with sessions.write() as session:
        scene = stage(session)
        scene.give("P")
        scene.publish(NOON + HOUR, "Of words only.", change_class="editorial")
        assert scene.holds(NOON + HOUR) == scene.bases(NOON + HOUR) == "+++"
        changed = {"change_class": "processing", "changes": ("c1",)}
        number = scene.publish(NOON + 2 * HOUR, "C1 goes to others, too.", **changed)
        assert scene.holds(NOON + 2 * HOUR) == scene.bases(NOON + 2 * HOUR) == "+-+"
        scene.give("P", NOON + 3 * HOUR, notice_id=number)
        assert scene.bases(NOON + 3 * HOUR) == "+++"
        everything = scene.publish(NOON + 4 * HOUR, "All of it.", change_class="processing")
        assert scene.holds(NOON + 4 * HOUR) == scene.bases(NOON + 4 * HOUR) == "---"
        assert session.get_one(NoticeVersion, everything).change_class == "processing"


def test_it_may_be_announced_before_it_counts(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        scene = stage(session)
        scene.give("P")
        new = NewNotice(scene.purposes["P"].id, "en", "All of it.", "processing")
        notices.draft(session, OPERATOR, new, NOON)
        row = notices.draft(session, OPERATOR, new, NOON)
        notices.publish(session, OPERATOR, row.id, NOON, effective_at=NOON + 2 * HOUR)
        assert scene.holds(NOON + HOUR) == scene.bases(NOON + HOUR) == "+++"
        assert scene.holds(NOON + 2 * HOUR) == scene.bases(NOON + 2 * HOUR) == "---"
