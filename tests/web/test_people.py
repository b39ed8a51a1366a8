"""People as those who run the place see and change them."""

import pytest

from app.models import RoleName, User
from app.services import ranks
from app.services.accounts import disable_user
from app.services.audit import OPERATOR
from tests.portal import Portal
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def adam(world: World) -> Browser:
    return signed_in(world.portal, world.adam)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


NEW = {"name": "Ema Chytrá", "email": "ema@example.org", "roles": "staff"}


def test_a_colleague_who_comes_can_sign_in_with_what_is_shown(
    portal: Portal, adam: Browser
) -> None:
    page = adam.submit(adam.get("/people/new"), "/people/new", 200, **NEW)
    assert "ema@example.org" in page.text
    shown = "".join(page.one("code").itertext())
    Browser(portal).sign_in("ema@example.org", shown)
    assert shown not in adam.get("/people").response.text
    page = adam.submit(adam.get("/people/new"), "/people/new", 422, **NEW)
    assert "Somebody has this address already." in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "Write the name."),
        ({"name": "x" * 201}, "The name is too long."),
        ({"email": "ema"}, "This is not an e-mail address."),
        ({"roles": ""}, "Choose at least one role."),
    ],
)
def test_what_is_missing_is_said(adam: Browser, typed: dict[str, str], said: str) -> None:
    page = adam.get("/people/new")
    values = {k: v for k, v in (NEW | typed).items() if v}
    form = page.form("/people/new") | {"roles": ""} | values
    answer = adam.post("/people/new", {k: v for k, v in form.items() if v}, 422)
    assert said in answer.text


def test_an_administrator_gives_no_role_that_owners_give(adam: Browser, olga: Browser) -> None:
    assert "data protection officer" not in adam.get("/people/new").text
    assert "data protection officer" in olga.get("/people/new").text
    form = adam.get("/people/new").form("/people/new")
    adam.post("/people/new", form | NEW | {"roles": "owner"}, 403)


def test_what_is_different_is_changed(world: World, olga: Browser) -> None:
    eva = world.portal.eva
    address = f"/people/{eva.id}/edit"
    page = olga.get(address)
    assert "staff" not in page.form(address)["name"]
    typed = {"name": "Eva Nová", "email": "nova@example.org", "language": "cs", "roles": "dpo"}
    olga.post(address, page.form(address) | typed)
    assert "Saved: Eva Nová" in olga.get(f"/people/{eva.id}").text
    with world.portal.sessions.read() as session:
        row = session.get_one(User, eva.id)
        assert (row.name, row.email, row.language) == ("Eva Nová", "nova@example.org", "cs")
        assert ranks.of_user(session, eva.id) == {RoleName.DPO}
    taken = {"name": "Eva", "email": world.adam.email, "roles": "staff"}
    page = olga.post(address, olga.get(address).form(address) | taken, 422)
    assert "Somebody has this address already." in page.text


def test_the_last_owner_stays(world: World, olga: Browser) -> None:
    address = f"/people/{world.olga.id}"
    typed = {"name": "Olga", "email": world.olga.email, "roles": "staff"}
    page = olga.post(
        f"{address}/edit", olga.get(f"{address}/edit").form(f"{address}/edit") | typed, 422
    )
    assert "This is the last owner." in page.text
    page = olga.get(f"{address}/leave")
    assert "This is the last owner. Make somebody else an owner first." in page.text
    assert not page.has_form(f"{address}/leave")
    token = page.form("/sign-out")
    assert "This is the last owner." in olga.post(f"{address}/leave", token, 422).text


def test_a_new_password_ends_what_was_open(world: World, adam: Browser, eva: Browser) -> None:
    address = f"/people/{world.portal.eva.id}"
    page = adam.submit(adam.get(address), f"{address}/password", 200)
    shown = "".join(page.one("code").itertext())
    assert eva.redirect("/contacts").startswith("/sign-in")
    eva.sign_in(world.portal.eva.email, shown)


def test_disabling_says_what_it_takes_and_takes_it(
    world: World, adam: Browser, eva: Browser
) -> None:
    portal = world.portal
    address = f"/people/{portal.eva.id}"
    assert world.phone.cards
    page = adam.get(f"{address}/leave")
    assert "1 phone or program is told at its next connection" in page.text
    assert "Contacts on it now: 3." in page.text
    assert "Directories: 1, teams: 0, projects: 1." in page.text
    assert not [name for name in ("Novotný", "Chalupová") if name in page.text]
    adam.submit(page, f"{address}/leave")
    page = adam.get(address)
    assert "disabled 3 May 2026, 14:00" in page.text
    assert "being emptied, not confirmed yet" in page.text
    assert "No access to any directory, no team, no project." in page.text
    assert eva.redirect("/contacts").startswith("/sign-in")
    adam.submit(page, f"{address}/enable")
    assert "No access to any directory" in adam.get(address).text


def test_an_heir_must_be_there(world: World, adam: Browser) -> None:
    portal = world.portal
    with portal.sessions.write() as session:
        disable_user(session, OPERATOR, portal.dana.id, portal.clock.now())
    address = f"/people/{portal.eva.id}/leave"
    for heir in (str(portal.dana.id), str(portal.eva.id), "99999", "x"):
        page = adam.submit(adam.get(address), address, 422, heir=heir)
        assert "This colleague cannot take over." in page.text
    adam.submit(adam.get(address), address, heir=str(portal.jan.id))


def test_somebody_is_signed_out_everywhere(world: World, adam: Browser, eva: Browser) -> None:
    address = f"/people/{world.portal.eva.id}"
    page = adam.get(address)
    adam.submit(page, f"{address}/sign-out")
    assert "In no browser now." in adam.get(address).text
    assert eva.redirect("/contacts").startswith("/sign-in")


def test_no_number_is_too_large_to_be_nobody(adam: Browser) -> None:
    for number in (0, 2**31 - 1, 2**31, 2**70):
        adam.get(f"/people/{number}", 404)
