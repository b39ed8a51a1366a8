"""Several contacts at once, without a script: chosen in the list, counted anew, done or not."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.db import Base
from app.models import (
    Assignment,
    AuditEvent,
    Consultation,
    Contact,
    Favourite,
    HandOver,
    Participation,
    User,
)
from tests import factories as make
from tests.portal import Portal
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page, target
from tests.web.conftest import signed_in

CHARGE, PROJECT, STARS, FILE = (
    f"/contacts/chosen/{name}" for name in ("charge", "project", "favourites", "file")
)


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def values(page: Page, action: str) -> list[tuple[str, str]]:
    """What a browser without a script sends: every control of the form, wherever it stands."""
    forms = [form for form in page.root.iter("form") if form.attrib["action"] == action]
    (form,) = forms
    own = list(form.iter())
    linked = [e for e in page.root.iter() if e.attrib.get("form") == form.attrib.get("id", "-")]
    found = []
    for control in (*own, *linked):
        if control.tag != "input" or "disabled" in control.attrib:
            continue
        if control.attrib.get("type") != "checkbox" or "checked" in control.attrib:
            found.append((control.attrib["name"], control.attrib.get("value", "")))
    return found


def tick(world: World, *numbers: int) -> list[tuple[str, str]]:
    return [("contact", world.portal.contacts[number].public_id) for number in numbers]


def asked(address: str, *pairs: tuple[str, str], **said: str) -> str:
    return f"{address}?{urlencode([*pairs, *said.items()])}"


def press(browser: Browser, page: Page, address: str, status: int = 303) -> Page:
    sent: MultiDict[str, str] = MultiDict(values(page, address))
    answer = browser.client.open(
        address,
        method="POST",
        base_url="http://127.0.0.1:8080",
        environ_overrides={"REMOTE_ADDR": browser.address},
        data=sent,
    )
    return browser.page(answer, status)


def count(world: World, table: type[Base]) -> int:
    with world.portal.sessions.read() as session:
        return session.query(table).count()


def acts(world: World) -> list[str]:
    with world.portal.sessions.read() as session:
        rows = session.query(AuditEvent).order_by(AuditEvent.id)
        return [row.action for row in rows if not row.action.startswith("session.")]


def ticks(page: Page) -> list[tuple[bool, bool]]:
    """Each box of the list: whether it is ticked, whether it is fixed."""
    found = [e.attrib for e in page.root.iter("input") if e.attrib.get("name") == "contact"]
    return [("checked" in one, "disabled" in one) for one in found]


# --- In the list ----------------------------------------------------------------------------


def test_the_everyday_list_has_one_link_and_no_ticks(olga: Browser) -> None:
    page = olga.get("/contacts?q=o&kind=person")
    assert ticks(page) == []
    assert page.links()["Choose several"] == "/contacts?q=o&kind=person&choose=1"
    choosing = olga.get(page.links()["Choose several"])
    assert ticks(choosing) == [(False, False)] * 3
    assert choosing.links()["Stop choosing"] == "/contacts?q=o&kind=person"


def test_who_has_nothing_has_nothing_to_choose(dana: Browser) -> None:
    assert dana.get("/contacts?choose=all").text == dana.get("/contacts").text


def test_a_page_is_ticked_by_a_link_and_all_that_fit_are_a_question(
    world: World, olga: Browser
) -> None:
    with world.portal.sessions.write() as session:
        for number in range(57):
            make.contact(session, world.directory, f"Adam Aba{number:02}")
    page = olga.get("/contacts?kind=person&choose=1")
    ticked = olga.get(page.links()["All 50 on this page"])
    assert ticks(ticked) == [(True, False)] * 50
    everybody = olga.get(ticked.links()["All 60 that fit"])
    assert "All 60 contacts that fit are chosen." in everybody.text
    assert ticks(everybody) == [(True, True)] * 50
    assert dict(values(everybody, STARS)) == {"all": "1", "kind": "person", "count": "60"}
    assert set(ticks(olga.get(everybody.links()["Next"]))) == {(True, True)}
    assert set(ticks(olga.get(ticked.links()["Next"]))) == {(False, False)}


def test_only_what_one_may_do_is_offered(world: World, olga: Browser, jan: Browser) -> None:
    def offered(browser: Browser) -> set[str]:
        page = browser.get("/contacts?choose=1")
        buttons = page.one("main").findall(".//form[@id='chosen']/button")
        return {one.attrib.get("formaction", STARS) for one in buttons}

    assert offered(olga) == {CHARGE, PROJECT, STARS, FILE}
    assert offered(jan) == {STARS}


@pytest.mark.parametrize("address", [CHARGE, PROJECT, STARS, FILE])
def test_who_ticks_nothing_is_sent_back_and_told(olga: Browser, address: str) -> None:
    way = olga.redirect(f"{address}?q=o")
    assert way == "/contacts?q=o&choose=none"
    assert "Nothing was ticked." in olga.get(way).text


def test_more_than_the_limit_cannot_be_chosen(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        for number in range(998):
            make.contact(session, world.directory, f"Adam Aba{number:03}")
    page = olga.get("/contacts?choose=all")
    assert ticks(page) == [(False, False)] * 50
    assert "At most 1,000 contacts can be changed at once." in page.text
    found = olga.get(asked(STARS, all="1"))
    assert "More than 1,000 contacts fit." in found.text
    assert not found.has_form(STARS)
    token = olga.get("/account").form("/sign-out")["csrf_token"]
    olga.post(STARS, {"csrf_token": token, "all": "1", "counts": "1001.0.0"}, 409)
    assert count(world, Favourite) == 0


# --- In charge ------------------------------------------------------------------------------


def test_contacts_are_put_in_charge_in_two_presses(world: World, olga: Browser) -> None:
    page = olga.get(asked(CHARGE, *tick(world, 0, 2), q="o"))
    assert "2 contacts are chosen." in page.text
    sent = [(name, value) for name, value in values(page, CHARGE) if value]
    check = olga.get(asked(CHARGE, *sent, who=world.portal.eva.email, until="2026-12-31"))
    assert "31 Dec 2026" in check.text
    assert count(world, Assignment) == 0
    done = press(olga, check, CHARGE)
    assert target(done.response) == "/contacts?q=o"
    assert "In charge: Eva Nováková. Contacts: 2." in olga.get("/contacts").text
    with world.portal.sessions.read() as session:
        rows = session.query(Assignment).all()
        assert {row.contact_id for row in rows} == {world.portal.contacts[n].id for n in (0, 2)}
        assert {row.valid_until.isoformat() for row in rows} == {"2026-12-31T23:00:00+00:00"}
    assert acts(world) == ["contact.assign"] * 2


def test_who_is_left_out_is_counted_by_reason_and_the_hidden_are_not(
    world: World, olga: Browser
) -> None:
    with world.portal.sessions.write() as session:
        received, foreign = make.directory(session), make.directory(session)
        make.grant(session, received, world.olga, can="read")
        seen, hidden = make.contact(session, received), make.contact(session, foreign)
        make.assignment(session, world.contact, session.get_one(User, world.portal.eva.id))
        ids = [("contact", one.public_id) for one in (seen, hidden)]
    address = asked(CHARGE, *tick(world, 0, 1), *ids, who=world.portal.eva.email)
    page = olga.get(address)
    assert "3 contacts are chosen." in page.text
    assert "The list had 4 of them; now there are 3." in page.text
    assert "1 you may look up, but not put in anybody's charge." in page.text
    assert "1 is in this colleague's charge already." in page.text
    press(olga, page, CHARGE)
    assert acts(world) == ["contact.assign"]
    again = olga.get(address)
    assert "There is nothing to do for any of them." in again.text
    assert not again.has_form(CHARGE)


def test_where_the_numbers_moved_nothing_is_done(world: World, olga: Browser) -> None:
    check = olga.get(asked(CHARGE, all="1", count="3", who=world.portal.eva.email))
    with world.portal.sessions.write() as session:
        make.contact(session, world.directory, "Nová Nová")
    page = press(olga, check, CHARGE, 409)
    assert "nothing has been done yet" in page.text
    assert "Before: 3 of 3. Now: 4 of 4." in page.text
    assert acts(world) == []
    press(olga, page, CHARGE)
    assert count(world, Assignment) == 4


def test_other_contacts_of_the_same_number_are_noticed(world: World, olga: Browser) -> None:
    check = olga.get(asked(STARS, all="1"))
    world.portal.set(world.contact, erased_at=world.at)
    with world.portal.sessions.write() as session:
        make.contact(session, world.directory, "Nová Nová")
    page = press(olga, check, STARS, 409)
    assert "not all of them are the same contacts" in page.text
    assert acts(world) == []


def test_a_second_press_does_nothing_twice(world: World, olga: Browser) -> None:
    check = olga.get(asked(CHARGE, *tick(world, 0), who=world.portal.eva.email))
    press(olga, check, CHARGE)
    page = press(olga, check, CHARGE, 409)
    assert "There is nothing to do for any of them." in page.text
    assert acts(world) == ["contact.assign"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"who": ""}, "Choose who is to be in charge."),
        ({"who": "eva", "until": "2026-05-02"}, "This day is over."),
        ({"who": "eva", "since": "in May"}, "Write a date, for example 31. 12. 2026."),
    ],
)
def test_what_is_wrong_is_said_before_and_at_the_press(
    world: World, olga: Browser, typed: dict[str, str], said: str
) -> None:
    typed = {name: value.replace("eva", world.portal.eva.email) for name, value in typed.items()}
    address = asked(CHARGE, *tick(world, 0), **typed)
    assert said in olga.get(address, 422).text
    check = olga.get(asked(CHARGE, *tick(world, 0), who=world.portal.eva.email))
    form = dict(values(check, CHARGE)) | typed
    assert said in olga.post(CHARGE, form, 422).text
    assert count(world, Assignment) == 0


def test_a_day_ahead_is_a_day_ahead(world: World, olga: Browser) -> None:
    said = {"who": world.portal.eva.email, "since": "2026-06-01"}
    check = olga.get(asked(CHARGE, *tick(world, 0), **said))
    assert "1 June 2026" in check.text
    press(olga, check, CHARGE)
    with world.portal.sessions.read() as session:
        assert session.query(Assignment).one().valid_from > world.at + timedelta(days=27)


# --- Into a project ---------------------------------------------------------------------------


def test_contacts_are_put_into_a_project(world: World, olga: Browser, eva: Browser) -> None:
    page = olga.get(asked(PROJECT, *tick(world, 0, 1, 2)))
    assert "Most" in page.text
    said = {"into": world.project.slug, "role": "jeřáb"}
    check = olga.get(asked(PROJECT, *tick(world, 0, 1, 2), **said))
    assert "1 takes part already." in check.text
    assert "jeřáb" in check.text
    done = press(olga, check, PROJECT)
    assert target(done.response) == f"/projects/{world.project.slug}"
    text = olga.get(target(done.response)).text
    assert "Put into the project: Most. Contacts: 2." in text
    assert text.count("jeřáb") >= 2
    assert acts(world) == ["project.set_contact"] * 2
    assert count(world, Participation) == 3
    eva.get(f"{PROJECT}?{urlencode(tick(world, 1))}", 404)


def test_nothing_goes_into_a_project_that_is_over_or_foreign(world: World, olga: Browser) -> None:
    slug = world.project.slug
    world.portal.set(world.project, ends_at=world.at)
    page = olga.get(asked(PROJECT, *tick(world, 1)))
    assert "There is no open project that you know of." in page.text
    for into in (slug, "absent"):
        found = olga.get(asked(PROJECT, *tick(world, 1), into=into), 422)
        assert "Choose the project." in found.text
    long = olga.get(asked(PROJECT, *tick(world, 1), into=slug, role="x" * 201), 422)
    assert "This is too long." in long.text


# --- Favourites -------------------------------------------------------------------------------


def test_whoever_sees_contacts_keeps_them(world: World, jan: Browser) -> None:
    world.portal.add(
        Favourite(user_id=world.portal.jan.id, contact_id=world.contact.id, kept_at=world.at)
    )
    check = jan.get(asked(STARS, all="1", count="3", kind="person"))
    assert "1 is a favourite already." in check.text
    assert target(press(jan, check, STARS).response) == "/contacts?kind=person"
    assert "Kept as favourites. Contacts: 2." in jan.get("/contacts").text
    assert count(world, Favourite) == 3
    assert acts(world) == ["favourite.keep"] * 2


def test_hidden_and_absent_are_the_same_answer(world: World, dana: Browser) -> None:
    hidden = dana.get(asked(STARS, *tick(world, 0)), 404).text
    assert hidden == dana.get(asked(STARS, ("contact", "absent")), 404).text
    dana.get(asked(STARS, all="1"), 404)
    dana.get(asked(CHARGE, *tick(world, 0)), 404)


def test_what_makes_no_sense_is_passed_over(world: World, jan: Browser) -> None:
    one = tick(world, 0)
    page = jan.get(asked(STARS, *one, *one, ("contact", "no id!"), ("contact", ""), count="many"))
    assert "1 contact is chosen." in page.text
    page = jan.get(asked(STARS, all="1", count="many"))
    assert "3 contacts are chosen." in page.text
    assert "The list had" not in page.text
    form = dict(values(page, STARS)) | {"counts": "many"}
    assert "Before:" not in jan.post(STARS, form, 409).text


def test_a_long_search_is_not_carried_beside_ticks(world: World, olga: Browser) -> None:
    page = olga.get(asked(CHARGE, *tick(world, 0), q="x" * 100))
    assert "q" not in dict(values(page, CHARGE))
    whole = olga.get(asked(STARS, *tick(world, 0), q="novot"))
    assert dict(values(whole, STARS))["q"] == "novot"


def test_those_who_are_named_were_shown(world: World, jan: Browser) -> None:
    jan.get(asked(STARS, *tick(world, 0)))
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        row = session.query(Consultation).one()
        assert (row.user_id, list(row.contact_ids)) == (world.portal.jan.id, [world.contact.id])


# --- Why a row was found ------------------------------------------------------------------------


def marks(page: Page) -> set[str]:
    return {"".join(mark.itertext()) for mark in page.root.iter("mark")}


def test_what_was_found_is_marked(world: World, jan: Browser) -> None:
    assert marks(jan.get("/contacts?q=novot")) == {"Novot"}
    assert marks(jan.get("/contacts")) == set()


def test_what_the_row_hides_is_unfolded(world: World, jan: Browser) -> None:
    world.portal.set(world.contact, nickname="Kája", search="karel novotny kaja 777123456")
    page = jan.get("/contacts?q=kaj")
    assert "nickname: Kája" in page.text
    assert marks(page) == {"Káj"}
    folds = [e for e in jan.get("/contacts?q=777").root.iter("details") if "open" in e.attrib]
    assert len(folds) == 1
    assert "nickname" not in jan.get("/contacts?q=karel").text


# --- In a file ------------------------------------------------------------------------------


def taken(world: World) -> list[tuple[str, str, str]]:
    with world.portal.sessions.read() as session:
        rows = session.query(HandOver).order_by(HandOver.contact_id)
        return [(row.channel, row.recipient, row.reason) for row in rows]


def fetch(browser: Browser, page: Page, form: str) -> TestResponse:
    """The answer to the form, filled in."""
    said = {"to": "Účetní kancelář", "reason": "Pozvánky", "form": form}
    hidden = [(name, value) for name, value in values(page, FILE) if name not in said]
    return browser.client.post(
        FILE,
        base_url="http://127.0.0.1:8080",
        environ_overrides={"REMOTE_ADDR": browser.address},
        data=MultiDict([*hidden, *said.items()]),
    )


def test_chosen_contacts_leave_in_a_file_and_each_is_recorded(world: World, olga: Browser) -> None:
    page = olga.get(asked(FILE, *tick(world, 0, 1)))
    answer = fetch(olga, page, "vcard")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts.vcf"'
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer.data.count(b"BEGIN:VCARD") == 2
    assert taken(world) == [("export", "Účetní kancelář", "Pozvánky")] * 2
    assert acts(world)[-1] == "contact.export"


def test_a_file_for_nobody_is_not_made(world: World, olga: Browser) -> None:
    page = olga.get(asked(FILE, *tick(world, 0)))
    again = press(olga, page, FILE, 422)
    assert "Write who receives it." in again.text
    assert taken(world) == []


def test_what_may_not_leave_is_left_out_and_said(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        received = make.directory(session)
        make.grant(session, received, session.get_one(User, world.olga.id), can="read")
        foreign = make.contact(session, received, "Petr Půjčený")
        ticks = [*tick(world, 0), ("contact", foreign.public_id)]
    page = olga.get(asked(FILE, *ticks))
    assert "1 you may look up, but not hand out." in page.text
    assert "Record it and download 1 contact" in page.text


def test_a_file_is_not_made_of_others_than_the_page_said(world: World, olga: Browser) -> None:
    page = olga.get(asked(FILE, *tick(world, 0, 1)))
    with world.portal.sessions.write() as session:
        session.get_one(Contact, world.portal.contacts[1].id).erased_at = world.at
    answer = fetch(olga, page, "csv")
    assert "Something has changed meanwhile" in olga.page(answer, 409).text
    assert taken(world) == []
