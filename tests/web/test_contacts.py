"""The contact list: for each of the cast, and in each of its states."""

from app.models import Consultation, Contact, ContactPoint, Directory, Grant
from app.models.kinds import PointKind
from tests import factories as make
from tests.portal import NAMES, Portal
from tests.web.browser import Browser, Page


def names(page: Page) -> list[str]:
    found = page.root.findall(".//tbody/tr/th/div/span[2]")
    return [" ".join("".join(name.itertext()).split()) for name in found]


def test_the_list_works(eva: Browser) -> None:
    page = eva.get("/contacts")
    assert names(page) == ["Chalupová Šárka", "Novotný Karel", "Žák Ondřej"]
    assert "3 contacts" in page.text
    assert page.links()["+420777123456"] == "tel:+420777123456"


def test_a_grant_through_a_team_works(jan: Browser) -> None:
    assert len(names(jan.get("/contacts"))) == 3


def test_a_stranger_gets_nothing(dana: Browser) -> None:
    page = dana.get("/contacts")
    assert "No contacts yet" in page.text
    assert "Novotný" not in page.response.text


def test_signed_out_is_sent_to_sign_in(browser: Browser) -> None:
    assert browser.redirect("/contacts?q=karel") == "/sign-in?next=/contacts?q%3Dkarel"


def test_access_ends_on_the_second(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).valid_until = portal.clock.now()
    assert "No contacts yet" in eva.get("/contacts").text


def test_search_finds_a_part_and_says_what_to_drop(eva: Browser) -> None:
    page = eva.get("/contacts?q=novot")
    assert names(page) == ["Novotný Karel"]
    assert page.one("main").find(".//a[@href='/contacts']") is not None
    page = eva.get("/contacts?q=nikdo")
    assert "Nothing fits this search" in page.text
    assert page.form("/contacts")["q"] == "nikdo"


def test_search_takes_anything(eva: Browser) -> None:
    for text in ("%00", "%ff%fe", "%25", "_", "'%22%3C/script%3E", "x" * 5000, "%ED%A0%80"):
        eva.get(f"/contacts?q={text}")
    eva.get("/contacts?after=%00&after=2")


def test_what_is_typed_is_shown_as_text(eva: Browser) -> None:
    page = eva.get("/contacts?q=%3Cb%3Ebold")
    assert "&lt;b&gt;bold" in page.response.text


def test_pages_follow_one_another(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.get_one(Directory, portal.directory.id)
        for number in range(60):
            make.contact(session, home, f"Adam Aba{number:02}")
    first = eva.get("/contacts")
    assert len(names(first)) == 50
    assert "63 contacts" in first.text
    second = eva.get(first.links()["Next"])
    assert len(names(second)) == 13
    assert not set(names(first)) & set(names(second))
    assert second.links()["From the beginning"] == "/contacts"
    assert "Next" not in second.links()


def test_a_large_count_is_capped(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        home = session.get_one(Directory, portal.directory.id)
        for number in range(1000):
            make.contact(session, home, f"Adam Aba{number:04}", has_basis=True)
    assert "more than 500 contacts" in eva.get("/contacts").text


def test_every_way_to_reach_somebody_is_a_link(portal: Portal, eva: Browser) -> None:
    who = portal.contacts[0].id
    email = ContactPoint(contact_id=who, kind=PointKind.EMAIL, value="k@example.org", label="work")
    home = ContactPoint(contact_id=who, kind=PointKind.PHONE, value="543 210 000", label="home")
    odd = ContactPoint(contact_id=who, kind=PointKind.PHONE, value="volat po 5!", label="u dcery")
    portal.add(email, home, odd)
    page = eva.get("/contacts?q=karel")
    links = page.links()
    assert links["k@example.org"] == "mailto:k@example.org"
    assert links["543 210 000"] == "tel:+420543210000"
    assert "volat po 5!" not in links
    assert links["Call: Karel Novotný"] == "tel:+420777123456"
    assert "u dcery" in page.text
    assert "4 numbers and addresses" in page.text


def test_without_a_number_one_writes(portal: Portal, eva: Browser) -> None:
    who = portal.contacts[0].id
    with portal.sessions.write() as session:
        for point in session.query(ContactPoint).filter_by(contact_id=who):
            session.delete(point)
        session.add(ContactPoint(contact_id=who, kind=PointKind.EMAIL, value="k@example.org"))
    assert eva.get("/contacts?q=karel").links()["Write: Karel Novotný"] == "mailto:k@example.org"


def test_firms_titles_and_nameless_cards_are_named(portal: Portal, eva: Browser) -> None:
    one, two, three = portal.contacts
    portal.set(
        one, prefix="Ing.", suffix="Ph.D.", organisation="Beton a. s.", title="stavbyvedoucí"
    )
    portal.set(two, kind="organisation", full_name="Most s. r. o.", family="", given="")
    portal.set(three, full_name="", family="", given="")
    with portal.sessions.write() as session:
        for point in session.query(ContactPoint).filter_by(contact_id=three.id):
            session.delete(point)
    text = eva.get("/contacts").text
    assert "Novotný Karel Ing., Ph.D. Beton a. s. stavbyvedoucí" in text
    assert "MS Most s. r. o." in text
    assert "(no name)" in text


def test_each_showing_is_recorded_once(portal: Portal, eva: Browser, dana: Browser) -> None:
    eva.get("/contacts")
    eva.open("HEAD", "/contacts")
    dana.get("/contacts")
    portal.gatherer.flush()
    with portal.sessions.read() as session:
        row = session.query(Consultation).one()
        ids = {contact.id for contact in session.query(Contact)}
        assert (row.user_id, row.page, set(row.contact_ids)) == (portal.eva.id, "contacts", ids)
        assert row.at == portal.clock.now()


def test_a_hidden_contact_leaves_no_trace(portal: Portal, eva: Browser) -> None:
    before = eva.get("/contacts").response.data
    with portal.sessions.write() as session:
        elsewhere = make.directory(session)
        make.contact(session, elsewhere, "Karel Tajný")
    assert eva.get("/contacts").response.data == before
    found = eva.get("/contacts?q=tajny").text
    assert found.replace("tajny", "") == eva.get("/contacts?q=nikdo").text.replace("nikdo", "")
    assert NAMES[0].split()[1] not in found
