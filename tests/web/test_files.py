"""Static files, the sprite, what watches the server."""

import gzip
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from app.web import icons
from app.web.templating import STATIC, TEMPLATES, icon
from tests.portal import Portal
from tests.web.browser import Browser


def test_a_file_is_packed_and_kept_for_a_year(eva: Browser) -> None:
    page = eva.get("/contacts")
    (sheet,) = [
        e.attrib["href"] for e in page.root.iter("link") if "kustod.css" in e.attrib["href"]
    ]
    eva.headers = {"Accept-Encoding": "gzip, br"}
    packed = eva.open("GET", sheet)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"] == "text/css; charset=utf-8"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in packed.headers["Cache-Control"]
    eva.headers = {}
    plain = eva.open("GET", sheet)
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data == (STATIC / "kustod.css").read_bytes()


def test_without_its_stamp_a_file_is_asked_for_again(browser: Browser) -> None:
    answer = browser.open("GET", "/static/favicon.svg")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    licence = browser.open("GET", "/static/vendor/tabler/LICENCE")
    assert licence.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path", ["nothing.css", "", "vendor", "../app/keys.py", "..%2fpyproject.toml", "/etc/passwd"]
)
def test_only_static_files_are_given_out(portal: Portal, browser: Browser, path: str) -> None:
    browser.client.application = portal.app
    assert browser.open("GET", f"/static/{path}").status_code in {308, 404}


def test_a_name_that_no_disk_can_hold_is_no_file(browser: Browser) -> None:
    browser.get(f"/static/{'x' * 3_000}.css", 404)


def test_the_sprite_holds_what_the_templates_show() -> None:
    places = [*TEMPLATES.rglob("*.html"), *Path(icons.__file__).parent.glob("*.py")]
    places.remove(Path(icons.__file__))
    quoted = {word for path in places for word in re.findall(r'"([a-z0-9-]+)"', path.read_text())}
    assert set(icons.ICONS) <= quoted
    assert re.findall(r'id="tabler-([a-z0-9-]+)"', icons.SPRITE.read_text()) == list(icons.ICONS)
    assert list(icons.ICONS) == sorted(icons.ICONS)


def test_the_sprite_is_cut_as_listed() -> None:
    drawn = '<symbol id="tabler-{}" viewBox="0 0 24 24"><path d="M1 1" /></symbol>'
    sprite = "<svg>" + drawn.format("phone") + drawn.format("phone-off") + "</svg>"
    assert drawn.format("phone") in icons.cut(sprite, ("phone",))
    assert "off" not in icons.cut(sprite, ("phone",))


def test_an_icon_that_is_not_there_is_an_error(portal: Portal) -> None:
    with pytest.raises(LookupError):
        icons.cut("<svg></svg>", ("phone",))
    with portal.app.test_request_context("/"), pytest.raises(LookupError):
        icon("nothing")


def test_vendored_files_carry_version_and_licence() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "VERSION").read_text().strip()
        licence = " ".join((folder / "LICENCE").read_text().split())
        assert re.search("[Pp]ermission .*is hereby granted|Permission to use", licence), folder


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in [
        *TEMPLATES.rglob("*.html"),
        *STATIC.glob("*.css"),
        *STATIC.glob("pages/*.css"),
        *STATIC.glob("*.js"),
    ]:
        assert "//" not in re.sub(r"(?m)^// .*", "", path.read_text()), path
    for path in TEMPLATES.rglob("*.html"):
        assert "|safe" not in path.read_text()


def test_alive_needs_no_database(portal: Portal, browser: Browser) -> None:
    portal.sessions.engine.dispose()
    database = Path(str(portal.sessions.engine.url.database))
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    assert browser.open("GET", "/healthz").text == "ok\n"
    answer = browser.open("GET", "/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")


def test_ready_asks_for_migrations_and_triggers(portal: Portal, browser: Browser) -> None:
    answer = browser.open("GET", "/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer.mimetype == "text/plain"
    with portal.sessions.write() as session:
        name = session.scalar(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        session.execute(text(f'DROP TRIGGER "{name}"'))
    assert browser.open("GET", "/readyz").status_code == 503
