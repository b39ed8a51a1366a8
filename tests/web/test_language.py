"""Language and theme: the reader's own choice, and catalogues that say everything."""

import os
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from app import catalogues
from app.models import AuditEvent, User
from app.services.sessions import LANGUAGES
from app.web.cookies import YEAR_SECONDS
from tests.portal import Portal
from tests.web.browser import Browser, target

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(
    r"\b(ledger|holding|channel|viewer|sync-token|tombstone|uživatelk|vážen|šifra)", re.IGNORECASE
)
GRAND = re.compile(r"(?<=[^.!?:]\s)V(?:y|ás|ám|ámi|áš|aš\w{0,3})\b")
GENDERED = re.compile(r"\b(jste|jsi)\b.*\w+l[ai]?\b|\bnašel|\bpřidal[ai]?\b", re.IGNORECASE)


def said() -> set[str | tuple[str, ...]]:
    """Every message of the templates and views."""
    with (catalogues.FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        ROOT,
        methods,
        options,
        {"gettext": None, "_": None, "later": None, "ngettext": (1, 2)},
        directory_filter=_holds_sources,
    )
    return {message for _, _, message, _, _ in found}


def _holds_sources(name: str | os.PathLike[str]) -> bool:
    return Path(name).name in {"app", "web", "queries", *folders()}


def folders() -> set[str]:
    return {"templates", *(path.name for path in (ROOT / "templates").iterdir())}


def files(name: str) -> list[Path]:
    return sorted((catalogues.FOLDER / name).glob("*.po"))


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def said_outside() -> set[str | tuple[str, ...]]:
    """Every message that people without an account read: their own templates and views."""
    with (catalogues.FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    marks = {"gettext": None, "_": None, "later": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, marks, directory_filter=_holds_sources)
    return {
        message
        for path, _, message, _, _ in found
        if "public" in Path(path).parts or Path(path).name.startswith("public")
    }


OTHERS = [name for name in LANGUAGES if name != "en"]
ABROAD = [name for name in catalogues.OF_THE_OUTSIDE if name not in LANGUAGES]
FILES = [path for name in [*OTHERS, *ABROAD] for path in files(name)]


@pytest.mark.parametrize("name", OTHERS)
def test_the_catalogue_is_complete(name: str) -> None:
    there = {message.id for path in files(name) for message in catalogue(path) if message.id}
    assert there == said()


@pytest.mark.parametrize("name", ABROAD)
def test_what_people_without_an_account_read_is_there_in_every_language(name: str) -> None:
    there = {message.id for path in files(name) for message in catalogue(path) if message.id}
    assert said_outside() <= there
    assert there <= said()


@pytest.mark.parametrize("name", [*OTHERS, *ABROAD])
def test_one_message_has_one_translation(name: str) -> None:
    there: dict[object, object] = {}
    for path in files(name):
        for message in catalogue(path):
            if message.id:
                assert there.setdefault(message.id, message.string) == message.string, message.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_message_is_translated(path: Path) -> None:
    for message in catalogue(path):
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            assert not message.fuzzy, message.id
            assert all(translated), message.id
            assert not list(message.check()), message.id
    assert not catalogue(path).obsolete


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_words_of_the_house_stay_in_the_house(path: Path) -> None:
    for message in catalogue(path):
        for text in (message.id, message.string):
            assert not FORBIDDEN.search(str(text)), text
        assert not GENDERED.search(str(message.string)), message.string


def test_the_reader_is_no_monument() -> None:
    for path in files("cs"):
        for message in catalogue(path):
            assert not GRAND.search(str(message.string)), message.string


def test_numbers_take_their_form(portal: Portal) -> None:
    speak = catalogues.catalogue("cs").ngettext
    forms = [speak("%(number)s contact", "%(number)s contacts", n) for n in (1, 2, 5, 0, 22)]
    assert [form.split()[1] for form in forms] == [
        *("kontakt", "kontakty", "kontaktů", "kontaktů", "kontaktů")
    ]
    assert catalogues.catalogue("en").ngettext("one", "many", 2) == "many"


def test_no_line_ends_in_a_lonely_letter() -> None:
    assert "k\u00a0sobě" in catalogues.catalogue("cs").gettext(
        "The e-mail address and the password do not fit together."
    )


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("cs-CZ,cs;q=0.9,en;q=0.8", "cs"),
        ("en-US,en;q=0.5", "en"),
        ("sk, de;q=0.7", "en"),
        ("", "en"),
        ("\x80;;q=x,,*", "en"),
    ],
)
def test_a_visitor_reads_what_his_browser_asks_for(
    portal: Portal, accepted: str, expected: str
) -> None:
    browser = Browser(portal, **{"Accept-Language": accepted})
    assert browser.get("/sign-in").root.attrib["lang"] == expected


@pytest.mark.parametrize(("setting", "expected"), [("cs", "cs"), ("pl", "en")])
def test_the_organisation_decides_where_nobody_asks(
    portal: Portal, setting: str, expected: str
) -> None:
    settings = portal.app.extensions["kustod"].settings
    object.__setattr__(settings, "language", setting)
    assert Browser(portal).get("/sign-in").root.attrib["lang"] == expected


def test_a_visitor_chooses_for_his_browser(browser: Browser) -> None:
    page = browser.get("/sign-in?next=/devices")
    answer = browser.submit(page, "/language", language="cs")
    assert target(answer.response) == "/sign-in"
    page = browser.get("/sign-in")
    assert page.heading == "Přihlášení"
    assert "Přihlásit se" in page.text
    assert f"Max-Age={YEAR_SECONDS}" in answer.response.headers["Set-Cookie"]


def test_a_user_chooses_for_every_browser(portal: Portal, eva: Browser) -> None:
    answer = eva.submit(eva.get("/account"), "/language", language="cs")
    assert target(answer.response) == "/account"
    assert eva.get("/contacts").heading == "Kontakty"
    elsewhere = Browser(portal, **{"Accept-Language": "en"})
    elsewhere.sign_in(portal.eva.email)
    page = elsewhere.get("/contacts")
    assert page.heading == "Kontakty"
    assert "3 kontakty" in page.text
    with portal.sessions.read() as session:
        assert session.get_one(User, portal.eva.id).language == "cs"
        event = session.query(AuditEvent).filter_by(action="user.language").one()
        assert event.detail == {"language": "cs"}


def test_what_is_not_spoken_is_passed_over(eva: Browser, browser: Browser) -> None:
    for one in (eva, browser):
        page = one.get("/account" if one is eva else "/sign-in")
        one.submit(page, "/language", language="tlh")
        assert one.get("/account" if one is eva else "/sign-in").root.attrib["lang"] == "en"


def test_dates_are_written_as_people_do(portal: Portal, eva: Browser) -> None:
    portal.phone(portal.eva).sync()
    portal.door.sightings.flush()
    page = eva.get("/devices")
    assert "3 May 2026, 14:00" in page.text
    assert 'datetime="2026-05-03T12:00:00+00:00"' in page.response.text
    eva.submit(eva.get("/account"), "/language", language="cs")
    assert "3. 5. 2026, 14:00" in eva.get("/devices").text


def test_the_theme_is_chosen_for_this_browser(eva: Browser) -> None:
    page = eva.get("/account")
    assert page.root.attrib["data-k-theme"] == "auto"
    assert page.root.find("head/script") is not None
    answer = eva.submit(page, "/theme", theme="dark")
    assert target(answer.response) == "/account"
    page = eva.get("/account")
    assert page.root.attrib["data-bs-theme"] == "dark"
    assert page.root.find("head/script") is None
    eva.submit(eva.get("/account"), "/theme", theme="<pink>")
    assert eva.get("/account").root.attrib["data-bs-theme"] == "dark"


def test_the_account_says_who_is_signed_in(portal: Portal, eva: Browser) -> None:
    text = eva.get("/account").text
    assert "Name Eva Nováková" in text
    assert portal.eva.email in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_and_the_pager_use_different_words(language: str) -> None:
    words = catalogues.catalogue(language)
    assert words.gettext("More") != words.gettext("Next")
