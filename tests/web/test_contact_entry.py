"""Entering and correcting contacts: three fields are enough, hidden ones survive, two at a time."""

from typing import Any

import pytest

from app.cards.card import ContactKind
from app.models import AuditEvent, Contact, ContactPoint, Directory, Grant, Source, ValueChange
from app.models.kinds import BasisKind, PointKind, Profile
from app.services import contact_rows, contacts
from app.services.audit import OPERATOR
from tests import factories as make
from tests.portal import Portal
from tests.rooms.contact import with_everything
from tests.rooms.world import people
from tests.web.browser import Browser, Page, target, words
from tests.web.conftest import signed_in

EDITS = "/contacts/new"


@pytest.fixture
def editor(portal: Portal) -> Browser:
    """Eva, who may edit."""
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).can_edit = True
    return signed_in(portal, portal.eva)


def narrow(portal: Portal, profile: Profile) -> None:
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).fields = int(profile)


def said(portal: Portal, public_id: str) -> dict[str, Any]:
    with portal.sessions.read() as session:
        row = session.query(Contact).filter_by(public_id=public_id).one()
        return contact_rows.states(session, [row.id])[row.id]


def filled(page: Page, address: str) -> dict[str, str]:
    """The form as a browser would send it, with chosen options and texts of several lines."""
    form = next(f for f in page.root.iter("form") if f.attrib["action"] == address)
    found = {}
    for field in form.iter("input"):
        kind = field.attrib.get("type", "text")
        if kind not in {"radio", "checkbox"} or "checked" in field.attrib:
            found[field.attrib["name"]] = field.attrib.get("value", "on")
    for area in form.iter("textarea"):
        found[area.attrib["name"]] = area.text or ""
    for select in form.iter("select"):
        chosen = [o for o in select.iter("option") if "selected" in o.attrib]
        found[select.attrib["name"]] = chosen[0].attrib["value"] if chosen else ""
    return found


def send(browser: Browser, address: str, status: int = 303, /, **typed: str) -> Page:
    page = browser.get(address)
    form = next(f.attrib["action"] for f in page.one("main").iter("form"))
    names = {name.replace("__", "-"): value for name, value in typed.items()}
    return browser.post(form, filled(page, form) | names, status)


def test_three_fields_are_enough(portal: Portal, editor: Browser) -> None:
    typed = {"name": "Ing. Petr Malý, Ph.D.", "phones__0__value": "605 203 938"}
    answer = send(editor, EDITS, **typed, emails__0__value="petr@example.org")
    page = editor.get(target(answer.response))
    assert page.heading == "Ing. Petr Malý, Ph.D."
    assert "Saved." in page.text
    state = said(portal, target(answer.response).rpartition("/")[2])
    assert [state[name] for name in ("prefix", "given", "family", "suffix")] == [
        *("Ing.", "Petr", "Malý", "Ph.D.")
    ]
    assert page.links()["605 203 938"] == "tel:+420605203938"


def test_where_it_came_from_is_kept(portal: Portal, editor: Browser) -> None:
    answer = send(editor, EDITS, name="Petr Malý", source="vizitka z veletrhu")
    text = editor.get(target(answer.response)).text
    assert "entered by hand: vizitka z veletrhu" in text
    with portal.sessions.read() as session:
        assert session.query(Source).filter_by(user_id=portal.eva.id).count() == 1


def test_a_firm_is_named_by_the_one_field(portal: Portal, editor: Browser) -> None:
    answer = send(editor, EDITS, name="Most s. r. o.", kind="organisation", tax_number="CZ1")
    state = said(portal, target(answer.response).rpartition("/")[2])
    assert (state["organisation"], state["family"], state["tax_number"]) == (
        *("Most s. r. o.", "", "CZ1"),
    )


@pytest.mark.parametrize(
    ("typed", "words_of_it"),
    [
        ({}, "something must name the contact"),
        ({"name": "Petr", "phones__0__value": "volat"}, "A phone number needs digits."),
        ({"name": "Petr", "emails__0__value": "petr"}, "looks like name@example.org"),
        ({"name": "Petr", "birthday": "in spring"}, "Write the birthday as 22. 3. 1980"),
        ({"name": "Petr" * 60}, "longer than 200 characters"),
        ({"phones__0__value": "1" * 501}, "longer than 500 characters"),
        ({"name": "Petr", "kind": "dog"}, "Choose a person or a firm."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    portal: Portal, editor: Browser, typed: dict[str, str], words_of_it: str
) -> None:
    page = send(editor, EDITS, 422, **typed)
    assert words_of_it in page.text
    names = {name.replace("__", "-"): value for name, value in typed.items()}
    sent = filled(page, f"{EDITS}?directory={portal.directory.slug}")
    assert {name: sent.get(name) for name in names if name != "kind"} == {
        name: value for name, value in names.items() if name != "kind"
    }
    with portal.sessions.read() as session:
        assert session.query(Contact).count() == 3


def test_more_is_open_where_something_stands_in_it(editor: Browser) -> None:
    folds = editor.get(EDITS).one("main").findall(".//form/details")
    assert [("open" in fold.attrib) for fold in folds] == [False]
    page = send(editor, EDITS, 422, birthday="in spring")
    assert "open" in page.one("main").findall(".//form/details")[0].attrib


def test_of_several_directories_one_is_chosen_first(portal: Portal) -> None:
    world = people(portal)
    with portal.sessions.write() as session:
        other, closed = make.directory(session), make.directory(session)
        make.grant(session, other, world.olga, can="read,edit")
        make.grant(session, closed, world.olga, can="read")
        slugs = (other.slug, closed.slug)
    olga = signed_in(portal, world.olga)
    main = olga.get(EDITS).one("main")
    assert [words(a) for a in main.findall(".//ul/li/a")] == ["Customers", "Customers"]
    olga.get(f"{EDITS}?directory={slugs[1]}", 403)
    olga.get(f"{EDITS}?directory=nowhere", 404)
    assert olga.get(f"{EDITS}?directory={slugs[0]}").links()["Another directory"] == EDITS


def test_what_the_basis_says_is_said(portal: Portal, editor: Browser) -> None:
    portal.set(portal.directory, basis=BasisKind.CONSENT)
    answer = send(editor, EDITS, name="Petr Malý")
    assert target(answer.response) == f"{EDITS}?directory={portal.directory.slug}"
    assert "no consent of this person is recorded yet" in editor.get(EDITS).text
    portal.set(portal.directory, basis=BasisKind.CONTRACT)
    send(editor, EDITS, name="Petr Malý", organisation="Most")
    assert "names no reason that covers a firm's contact" in editor.get(EDITS).text
    fallback = {"basis": BasisKind.CONTRACT, "fallback_basis": "legitimate-interest"}
    portal.set(portal.directory, **fallback)
    answer = send(editor, EDITS, name="Petr Malý", organisation="Most")
    assert "for this reason: legitimate interest." in editor.get(target(answer.response)).text


@pytest.mark.parametrize("profile", [p for p in Profile if p])
def test_saving_the_form_as_it_came_changes_nothing(
    portal: Portal, editor: Browser, profile: Profile
) -> None:
    address = with_everything(people(portal))
    narrow(portal, profile)
    before = said(portal, address.rpartition("/")[2])
    answer = send(editor, f"{address}/edit")
    assert "Nothing was changed." in editor.get(target(answer.response)).text
    assert said(portal, address.rpartition("/")[2]) == before


@pytest.mark.parametrize("profile", [Profile.CALLER, Profile.MINIMAL, Profile.STANDARD])
def test_what_is_hidden_is_not_in_the_form_and_survives(
    portal: Portal, editor: Browser, profile: Profile
) -> None:
    address = with_everything(people(portal))
    narrow(portal, profile)
    before = said(portal, address.rpartition("/")[2])
    page = editor.get(f"{address}/edit")
    assert "CZ8003221234" not in page.response.text
    assert page.root.find(".//textarea") is None
    forged = {"note": "", "tax_number": "", "birthday": "", "phones__0__value": "605 203 938"}
    send(editor, f"{address}/edit", **forged)
    after = said(portal, address.rpartition("/")[2])
    assert {name for name in after if after[name] != before[name]} == {"phones"}
    assert after["phones"][1:] == before["phones"][1:]


def test_of_several_lines_only_the_wrong_one_is_marked(portal: Portal, editor: Browser) -> None:
    address = editor.get(f"/contacts/{portal.contacts[0].public_id}").links()["Edit"]
    page = send(editor, address, 422, phones__1__value="volat", emails__0__value="a@example.org")
    marked = [
        (one.attrib["name"], one.attrib["aria-invalid"], one.attrib["aria-describedby"])
        for one in page.root.iter("input")
        if "is-invalid" in one.attrib.get("class", "")
    ]
    assert marked == [("phones-1-value", "true", "phones-error")]
    assert "A phone number needs digits." in page.text
    page = send(editor, EDITS, 422, name="Petr", emails__2__value="petr")
    assert [f.attrib["name"] for f in page.root.iter("input") if "aria-invalid" in f.attrib] == [
        "emails-2-value"
    ]


def test_a_firm_becomes_a_sole_trader_and_back(portal: Portal, editor: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.merge(portal.directory)
        firm = make.contact(session, home, "Truhlářství Dub", kind=ContactKind.ORGANISATION)
        address = f"/contacts/{firm.public_id}"
    edit = editor.get(address).links()["Edit"]
    send(editor, edit, is_sole_trader="y")
    page = editor.get(address)
    assert "Saved." in page.text
    assert "sole trader" in page.text
    form = filled(editor.get(edit), edit)
    assert form["is_sole_trader"] == "y"
    send(editor, edit)
    assert "Nothing was changed." in editor.get(address).text
    del form["is_sole_trader"]
    editor.post(edit, form)
    assert "sole trader" not in editor.get(address).text
    with portal.sessions.read() as session:
        found = session.query(AuditEvent).filter_by(action="contact.sole-trader").all()
        assert [event.detail for event in found] == [{"is_one": True}, {"is_one": False}]


def test_a_typo_is_mended_and_the_way_back_is_at_hand(portal: Portal, editor: Browser) -> None:
    address = f"/contacts/{portal.contacts[0].public_id}"
    answer = send(editor, editor.get(address).links()["Edit"], family="Novotny")
    assert target(answer.response) == address
    page = editor.get(address)
    assert page.heading == "Karel Novotny"
    past = editor.get(page.links()["Undo"])
    forms = [f.attrib["action"] for f in past.one("main").iter("form")]
    assert len(forms) == 2
    editor.submit(past, next(f for f in forms if f.endswith("/2")))
    assert "The earlier value is back." in editor.get(f"{address}/history").text


def test_old_oddities_do_not_stand_in_the_way(portal: Portal, editor: Browser) -> None:
    who = portal.contacts[0]
    portal.add(ContactPoint(contact_id=who.id, kind=PointKind.PHONE, value="u vrátného",
                            label="u dcery", is_preferred=True, position=1))  # fmt: skip
    portal.set(who, organisation="x" * 300)
    send(editor, f"/contacts/{who.public_id}/edit", title="tesař")
    state = said(portal, who.public_id)
    assert state["title"] == "tesař"
    assert (state["phones"][1].label, state["phones"][1].preferred) == ("u dcery", True)


def test_a_word_of_ones_own_stands_in_the_form_as_it_was_written(
    portal: Portal, editor: Browser
) -> None:
    who, label = portal.contacts[0], "100 % <b>ráno</b>"
    portal.add(ContactPoint(contact_id=who.id, kind=PointKind.PHONE, value="543 210 000",
                            label=label, position=1))  # fmt: skip
    assert label in editor.get(f"/contacts/{who.public_id}/edit").text


def test_the_name_of_a_firm_moves_as_one(portal: Portal, editor: Browser) -> None:
    who = portal.contacts[0]
    portal.set(who, kind="organisation", organisation="Most", full_name="Most", given="", family="")
    send(editor, f"/contacts/{who.public_id}/edit", organisation="Most a. s.")
    state = said(portal, who.public_id)
    assert (state["full_name"], state["organisation"]) == ("Most a. s.", "Most a. s.")


def test_a_name_of_its_own_can_be_mended(portal: Portal, editor: Browser) -> None:
    who = portal.contacts[0]
    portal.set(who, full_name="Pan Novotny")
    send(editor, f"/contacts/{who.public_id}/edit", full_name="Pan Novotný")
    assert said(portal, who.public_id)["full_name"] == "Pan Novotný"


def test_two_who_mend_different_fields_do_not_meet(portal: Portal, editor: Browser) -> None:
    who = portal.contacts[0]
    address = f"/contacts/{who.public_id}/edit"
    page = editor.get(address)
    first = filled(page, address) | {"phones-0-value": "605 111 222", "note": "volat"}
    second = filled(page, address) | {"family": "Novotny"}
    editor.post(address, first)
    editor.post(
        address,
        first | {"note": "volat ráno", "seen": filled(editor.get(address), address)["seen"]},
    )
    editor.post(address, second)
    state = said(portal, who.public_id)
    assert (state["family"], state["note"]) == ("Novotny", "volat ráno")
    assert [point.value for point in state["phones"]] == ["605 111 222"]


@pytest.mark.parametrize(("take", "note"), [("mine", "volat"), ("theirs", "nevolat")])
def test_two_at_a_time_choose(portal: Portal, editor: Browser, take: str, note: str) -> None:
    who = portal.contacts[0]
    address = f"/contacts/{who.public_id}/edit"
    form = filled(editor.get(address), address) | {"note": "volat", "title": "tesař"}
    with portal.sessions.write() as session:
        contacts.edit(session, OPERATOR, who.id, {"note": "nevolat"}, portal.clock.now())
    page = editor.post(address, form, 409)
    assert "What stands there now nevolat What you wrote volat" in page.text
    assert said(portal, who.public_id)["title"] == ""
    editor.post(address, filled(page, address) | {"take-note": take})
    state = said(portal, who.public_id)
    assert (state["note"], state["title"]) == (note, "tesař")


@pytest.mark.parametrize("seen", ["", "x", "²", "9" * 40, "-1"])
def test_a_number_that_we_never_wrote_counts_as_none(
    portal: Portal, editor: Browser, seen: str
) -> None:
    address = f"/contacts/{portal.contacts[0].public_id}/edit"
    send(editor, address, seen=seen, given="Karla")
    send(editor, address, 409, seen=seen, given="Karolína")


def test_a_picture_that_is_gone_and_a_contact_without_a_name(
    portal: Portal, editor: Browser
) -> None:
    who, now = portal.contacts[0], portal.clock.now()
    with portal.sessions.write() as session:
        gone = ValueChange(contact_id=who.id, field="photo_sha256", old="ab", new="",
                           source_id=who.source_id, changed_at=now)  # fmt: skip
        session.add(gone)
        contacts.edit(session, OPERATOR, who.id, {"note": "x"}, now)
    address = f"/contacts/{who.public_id}/history"
    page = editor.submit(editor.get(address), f"{address}/1", 409)
    assert "That picture is kept no more." in page.text
    for absent in ("99", "x", "9" * 30):
        editor.post(f"{address}/{absent}", page.form(f"{address}/1"), 404)


def test_reading_alone_shows_no_way_to_change(portal: Portal, jan: Browser) -> None:
    address = f"/contacts/{portal.contacts[0].public_id}"
    assert "Edit" not in jan.get(address).links()
    with portal.sessions.write() as session:
        contacts.edit(session, OPERATOR, portal.contacts[0].id, {"title": "x"}, portal.clock.now())
    page = jan.get(f"{address}/history")
    assert not list(page.one("main").iter("form"))
    assert "tesař" not in page.text


def test_no_directory_is_named(portal: Portal) -> None:
    world = people(portal)
    with portal.sessions.write() as session:
        make.grant(session, make.directory(session), world.olga, can="read,edit")
        assert session.query(Directory).count() == 2
    olga = signed_in(portal, world.olga)
    token = olga.get("/account").form("/sign-out")["csrf_token"]
    olga.post(EDITS, {"name": "Petr", "csrf_token": token}, 400)
