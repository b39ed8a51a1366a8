"""Mail to people without an account says in their language who answers, and how to stop."""

import pytest

from app.catalogues import OF_THE_OUTSIDE
from app.db import Sessions
from app.models import Organisation, OutboxMessage
from app.services import outside_mail
from app.services.outside_mail import Reader
from tests.services.scene import NOON

VALUES = {
    "link": "https://k.example.org/p/k/x",
    "statements": ["Yes."],
    "days": 7,
    "day": NOON.date(),
}
STOP = "https://k.example.org/p/stop/x"


def written(sqlite: Sessions, template: str, language: str, stop: str = "") -> OutboxMessage:
    with sqlite.write() as session:
        desk = {"rights_email": "rights@example.org", "rights_phone": "+420 543 210 000"}
        session.add(Organisation(id=1, name="Stavby Morava", authority="Úřad, Praha", **desk))
        session.flush()
        to = Reader("karla@example.org", language, stop)
        return outside_mail.write(session, template, to, VALUES, NOON)


@pytest.mark.parametrize("language", OF_THE_OUTSIDE)
@pytest.mark.parametrize("template", ["consent", "spoken", "stopped", "preferences", "nothing"])
def test_every_mail_names_who_answers_and_the_authority(
    sqlite: Sessions, template: str, language: str
) -> None:
    row = written(sqlite, template, language)
    for text in (row.body, row.html):
        wanted = ("rights@example.org", "+420 543 210 000", "Úřad, Praha", "Stavby Morava")
        assert [one for one in wanted if one not in text] == []
    assert row.language == language


def test_a_mail_that_can_be_stopped_says_so_in_text_and_header(sqlite: Sessions) -> None:
    row = written(sqlite, "consent", "cs", STOP)
    assert (STOP in row.body, STOP in row.html, row.unsubscribe) == (True, True, STOP)
