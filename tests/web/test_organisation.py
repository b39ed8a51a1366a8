"""What the organisation says of itself, on pages and on phones."""

import pytest
from sqlalchemy import select

from app.models import AuditEvent, Organisation
from tests.portal import Portal
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def typed(**changes: str) -> dict[str, str]:
    said = {"name": "Stavby Haná", "help_email": "rada@example.org", "help_phone": "585 1234 56"}
    return {**said, "phone_policy": "", **changes}


def test_what_is_said_reaches_pages_and_phones(world: World, olga: Browser) -> None:
    phone = world.phone
    assert "1 phone or program" in olga.get("/organisation").text
    olga.submit(olga.get("/organisation"), "/organisation", **typed())  # type: ignore[arg-type]
    page = olga.get("/organisation")
    assert "rada@example.org" in page.text
    assert Browser(world.portal).get("/sign-in").text.count("Stavby Haná") == 1
    phone.sync()
    card = next(text for text in phone.cards.values() if "UID:kustod-help" in text)
    assert "Stavby Haná" in card
    assert "585 1234 56" in card


def test_the_rules_for_phones_are_kept_and_no_phone_is_told(world: World, olga: Browser) -> None:
    with world.portal.sessions.read() as session:
        before = session.scalars(select(Organisation)).one()
        said = typed(name=before.name, help_email=before.help_email, help_phone=before.help_phone)
    world.phone.sync()
    token = world.phone.token
    said["phone_policy"] = " Telefon je zamčený.\r\nŽádný komunikátor. "
    olga.post("/organisation", olga.get("/organisation").form("/organisation") | said)
    with world.portal.sessions.read() as session:
        row = session.scalars(select(Organisation)).one()
        assert row.phone_policy == "Telefon je zamčený.\nŽádný komunikátor."
        acts = select(AuditEvent.action).where(AuditEvent.action == "organisation.describe")
        assert len(session.scalars(acts).all()) == 1
    world.phone.sync()
    assert world.phone.token == token


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Write the name."),
        ({"help_email": "rada"}, "This is not an e-mail address."),
        ({"help_phone": "volejte"}, "This is not a phone number."),
        ({"phone_policy": "x" * 5_001}, "This text is too long."),
    ],
)
def test_what_cannot_be_is_said(olga: Browser, wrong: dict[str, str], said: str) -> None:
    form = olga.get("/organisation").form("/organisation") | typed(**wrong)
    assert said in olga.post("/organisation", form, 422).text
