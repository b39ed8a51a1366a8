"""The list narrowed by what stands in its address, favourites, and the part for a script."""

from tests import factories as make
from tests.portal import Portal
from tests.rooms import imports
from tests.rooms.world import people
from tests.web.browser import Browser, Page, words
from tests.web.conftest import signed_in
from tests.web.test_contacts import names


def chips(page: Page) -> dict[str, str]:
    """What the list is narrowed by, and where it goes without it."""
    return {
        words(a.find("span")): a.attrib["href"]  # type: ignore[arg-type]
        for a in page.root.iter("a")
        if a.attrib.get("class") == "k-chip"
    }


def test_each_filter_can_be_dropped_alone(portal: Portal, eva: Browser) -> None:
    slug = portal.directory.slug
    page = eva.get(f"/contacts?q=kar&directory={slug}&kind=person")
    assert names(page) == ["Novotný Karel"]
    assert chips(page) == {
        "kar": f"/contacts?directory={slug}&kind=person",
        "Customers": "/contacts?q=kar&kind=person",
        "People": f"/contacts?q=kar&directory={slug}",
    }
    assert page.links()["Show all"] == "/contacts"


def test_pages_keep_the_filters(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        for number in range(60):
            make.contact(session, portal.directory, f"Adam Aba{number:02}")
    first = eva.get("/contacts?q=ada&kind=person")
    assert "60 contacts" in first.text
    second = eva.get(first.links()["Next"])
    assert len(names(second)) == 10
    assert second.links()["From the beginning"] == "/contacts?q=ada&kind=person"


def test_a_filter_by_what_one_may_not_know_finds_nothing(portal: Portal, eva: Browser) -> None:
    with portal.sessions.write() as session:
        foreign = make.directory(session)
        make.contact(session, foreign, "Karel Tajný")
    hidden = eva.get(f"/contacts?directory={foreign.slug}").text
    absent = eva.get("/contacts?directory=absent").text
    assert hidden.replace(foreign.slug, "") == absent.replace("absent", "")


def test_what_makes_no_sense_in_the_address_is_passed_over(eva: Browser) -> None:
    page = eva.get("/contacts?kind=tree&assigned=&favourites=&directory=&project=")
    assert len(names(page)) == 3
    assert chips(page) == {}


def test_the_star_keeps_and_drops_and_comes_back_to_its_row(portal: Portal, eva: Browser) -> None:
    who = portal.contacts[0].public_id
    page = eva.get("/contacts?q=karel")
    answer = eva.submit(page, "/contacts/favourites", keep=who)
    assert answer.response.headers["Location"] == f"/contacts?q=karel#star-{who}"
    page = eva.get("/contacts?favourites=1")
    assert names(page) == ["Novotný Karel"]
    star = next(b for b in page.root.iter("button") if b.attrib.get("id") == f"star-{who}")
    assert (star.attrib["aria-pressed"], star.attrib["name"]) == ("true", "drop")
    eva.submit(page, "/contacts/favourites", drop=who)
    assert "Nothing fits this search" in eva.get("/contacts?favourites=1").text


def test_what_is_not_seen_is_no_favourite(portal: Portal, eva: Browser, dana: Browser) -> None:
    page = eva.get("/contacts")
    token = dana.get("/account").form("/sign-out")["csrf_token"]
    form = {"csrf_token": token, "keep": portal.contacts[0].public_id}
    dana.post("/contacts/favourites", form, 404)
    for said in ({"keep": ""}, {"keep": "no id!"}):
        eva.post("/contacts/favourites", page.form("/contacts/favourites") | said, 400)


def test_a_script_gets_the_part_with_the_count_for_the_live_region(portal: Portal) -> None:
    browser = signed_in(portal, portal.eva)
    browser.headers["HX-Request-Type"] = "partial"
    part = browser.open("GET", "/contacts?q=karel").text
    assert part.lstrip().startswith('<div id="found">')
    assert '<div data-hx-swap-oob="innerHTML:#status">1 contact</div>' in part


def test_what_an_import_brought_can_be_shown_alone(portal: Portal) -> None:
    world = people(portal)
    olga = signed_in(portal, world.olga)
    job = imports.worked(world, imports.begun(world))
    listed = olga.get(olga.get(f"/imports/{job}").links()["Show these contacts"])
    assert names(listed) == ["Chalupová Šárka", "Žák Ondřej", "Žluťoučký Příliš"]
    assert chips(listed) == {"From the import: Starý telefon": "/contacts"}
    # What is searched next is searched among these.
    (kept,) = (i for i in listed.root.iter("input") if i.attrib.get("name") == "import")
    assert (kept.attrib["value"], kept.attrib["form"]) == (job, "search")


def test_an_import_of_others_is_no_filter(portal: Portal, eva: Browser) -> None:
    world = people(portal)
    job = imports.worked(world, imports.begun(world))
    hidden = eva.get(f"/contacts?import={job}").text
    assert "Starý telefon" not in hidden
    assert hidden.replace(job, "") == eva.get("/contacts?import=absent").text.replace("absent", "")
