"""The page of one contact: how to reach it, what it may be used for, what it does not tell."""

from app.models import Address, Consultation, Contact, ContactPoint, Grant
from app.models.kinds import PointKind, Profile
from tests.portal import Portal
from tests.rooms.contact import JPEG, a_picture, with_everything
from tests.rooms.world import people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


def page_of(contact: Contact) -> str:
    return f"/contacts/{contact.public_id}"


def test_the_page_says_how_to_reach_somebody(portal: Portal, eva: Browser) -> None:
    address = with_everything(people(portal))
    page = eva.get(address)
    links = page.links()
    assert page.heading == "Ing. Karel Novotný"
    assert links["Call"] == "tel:+420777123456"
    assert links["Write"].startswith("mailto:karel.novotny@")
    assert links["Navigate"] == "geo:0,0?q=Kounicova%2065a%2C%20602%2000%2C%20Brno%2C%20%C4%8Cesko"
    assert links["www.example.org/mosty"] == "https://www.example.org/mosty"
    assert "stavbyvedoucí, Stavba D1, Mosty a tunely" in page.text
    assert "22 March 1980" in page.text


def test_the_page_says_what_it_may_be_used_for(portal: Portal, eva: Browser) -> None:
    text = eva.get(page_of(portal.contacts[0])).text
    assert "You may use this for: Orders. The reason: legitimate interest." in text
    portal.set(portal.contacts[0], kind="organisation")
    text = eva.get(page_of(portal.contacts[0])).text
    assert "Orders. A firm's own details need no further reason." in text


def test_the_page_says_on_which_of_his_devices_it_is(portal: Portal, jan: Browser) -> None:
    world = people(portal)
    address = with_everything(world)
    assert "On your devices on none" in jan.get(address).text
    text = signed_in(portal, portal.eva).get(address).text
    assert "On your devices Phone since 3 May 2026, 14:00" in text


def test_a_narrow_grant_shows_a_narrow_page(portal: Portal, eva: Browser) -> None:
    address = with_everything(people(portal))
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).fields = int(Profile.CALLER)
    page = eva.get(address)
    assert page.links()["Call"] == "tel:+420777123456"
    for hidden in ("karel.novotny@", "Kounicova", "1980", "CZ8003221234", "Volat", "beton"):
        assert hidden not in page.response.text


def test_a_web_page_that_is_none_is_no_link(portal: Portal, eva: Browser) -> None:
    who = portal.contacts[0]
    for value in ("javascript:alert(1)", "zeptat se"):
        portal.add(ContactPoint(contact_id=who.id, kind=PointKind.URL, value=value))
    page = eva.get(page_of(who))
    assert "zeptat se" in page.text
    assert not {"javascript:alert(1)", "zeptat se"} & page.links().keys()


def test_the_picture_goes_to_whom_the_profile_gives_it(portal: Portal, eva: Browser) -> None:
    address = a_picture(people(portal))
    page = eva.get(page_of(portal.contacts[0]))
    assert [image.attrib["src"] for image in page.root.findall(".//main//img")] == [address]
    answer = eva.open("GET", address)
    assert (answer.data, answer.mimetype) == (JPEG, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).fields = int(Profile.MINIMAL)
    eva.get(address, 404)


def test_looking_is_recorded_and_asking_for_the_head_is_not(portal: Portal, eva: Browser) -> None:
    eva.open("HEAD", page_of(portal.contacts[0]))
    eva.get(page_of(portal.contacts[0]))
    portal.gatherer.flush()
    with portal.sessions.read() as session:
        row = session.query(Consultation).one()
    assert (row.page, row.contact_ids) == ("contact", [portal.contacts[0].id])


def test_an_address_on_an_envelope(portal: Portal, eva: Browser) -> None:
    who = portal.contacts[0]
    portal.add(Address(contact_id=who.id, po_box="Box 7", locality="Brno", region="Morava"))
    page = eva.get(page_of(who))
    assert page.links()["Box 7, Brno, Morava"] == "geo:0,0?q=Brno"


def test_its_star_keeps_it_and_comes_back_to_it(portal: Portal, eva: Browser) -> None:
    address = f"/contacts/{portal.contacts[0].public_id}"
    page = eva.get(address)
    name = {"keep": portal.contacts[0].public_id}
    sent = eva.post("/contacts/favourites", page.form("/contacts/favourites") | name)
    assert sent.response.headers["Location"].endswith(f"{address}#star-{name['keep']}")
    pressed = [
        b.attrib["aria-pressed"]
        for b in eva.get(address).root.iter("button")
        if "star" in b.attrib.get("id", "")
    ]
    assert pressed == ["true"]
