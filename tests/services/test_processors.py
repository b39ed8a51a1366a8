"""The register of processors: who was ended stays in it, and no notice names him any more."""

from datetime import timedelta

import pytest

from app.db import Sessions
from app.errors import Invalid, NotFound
from app.queries import processors as found
from app.services import nine_parts, processors
from app.services.audit import OPERATOR
from app.services.notice_texts import missing, parts
from app.services.processors import NewProcessor
from tests.services.consenting import stage
from tests.services.scene import NOON

DAY = timedelta(days=1)


def test_who_is_ended_is_kept_and_named_no_more(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        new = NewProcessor("Hosting", "servers", "Česko")
        name = processors.add(session, OPERATOR, new, NOON).public_id
        assert [one.name for one in found.present(session, NOON)] == ["Hosting"]
        processors.end(session, OPERATOR, name, NOON + DAY)
        row = processors.end(session, OPERATOR, name, NOON + 2 * DAY)
        assert row.valid_until == NOON + DAY
        assert found.present(session, NOON + DAY) == []
        assert [one.name for one in found.everything(session)] == ["Hosting"]
        with pytest.raises(Invalid):
            processors.end(session, OPERATOR, name, NOON, until=NOON - DAY)
        with pytest.raises(NotFound):
            processors.end(session, OPERATOR, "none", NOON)


@pytest.mark.parametrize("language", nine_parts.LANGUAGES)
def test_the_notice_says_everything_that_the_law_asks_for(sqlite: Sessions, language: str) -> None:
    with sqlite.write() as session:
        slug = stage(session).purposes["P"].slug
        text = nine_parts.text(session, slug, language, NOON)
        assert missing(parts(text)) == []
        assert "{" not in text.replace("{#", "")
        with pytest.raises(NotFound):
            nine_parts.text(session, "none", language, NOON)
        with pytest.raises(Invalid):
            nine_parts.text(session, slug, "xx", NOON)
