"""A browser for tests that checks every page it opens, and knows where it is."""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import Client, TestResponse

from app.guard import Guard
from app.settings import Settings
from tests.compiled import untraced
from tests.portal import BASE_URL, PASSWORD, Portal

_POLICY_FORBIDS = ("style", "onclick", "onchange", "onsubmit", "onload")


@dataclass(frozen=True)
class Page:
    """One answer, and for a page its parsed tree."""

    response: TestResponse
    root: Element

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The words of the page in one line."""
        return words(self.root)

    @property
    def heading(self) -> str:
        return words(self.one("h1"))

    def one(self, tag: str) -> Element:
        found = list(self.root.iter(tag))
        assert len(found) == 1, f"{len(found)} of <{tag}>"
        return found[0]

    def rows(self) -> list[str]:
        """The rows of the page's table, as words."""
        return [words(row) for row in self.root.findall(".//tbody/tr")]

    def links(self) -> dict[str, str]:
        """Where the links of the page go, by their words."""
        return {words(a): a.attrib["href"] for a in self.root.iter("a")}

    def form(self, action: str) -> dict[str, str]:
        """The values of the form with this action, as a browser would send them."""
        for form in self.root.iter("form"):
            if form.attrib["action"] == action:
                inputs = form.iter("input")
                return {i.attrib["name"]: i.attrib.get("value", "") for i in inputs}
        raise AssertionError(f"no form goes to {action}")

    def has_form(self, action: str) -> bool:
        return any(form.attrib.get("action") == action for form in self.root.iter("form"))


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).replace("\u00a0", " ").split())


class Browser:
    """Keeps cookies; follows nothing by itself; every HTML answer is checked."""

    def __init__(self, portal: Portal, address: str = "192.0.2.7", **headers: str) -> None:
        settings = Settings(instance=portal.app.extensions["kustod"].settings.instance)
        self.client = Client(Guard(portal.app, settings))
        self.portal = portal
        self.address = address
        self.headers = headers

    def open(self, method: str, path: str, data: dict[str, str] | None = None) -> TestResponse:
        return self.client.open(
            path,
            method=method,
            base_url=BASE_URL,
            environ_overrides={"REMOTE_ADDR": self.address},
            headers=self.headers,
            data=data,
        )

    def get(self, path: str, status: int = 200) -> Page:
        return self.page(self.open("GET", path), status)

    def redirect(self, path: str) -> str:
        """Where a GET is sent on to."""
        return target(self.open("GET", path))

    def post(self, path: str, data: dict[str, str], status: int = 303) -> Page:
        return self.page(self.open("POST", path, data=data), status)

    def submit(self, page: Page, action: str, status: int = 303, **typed: str) -> Page:
        """Send the form of a page with what was typed."""
        return self.post(action, page.form(action) | typed, status)

    def sign_in(self, email: str, password: str = PASSWORD, status: int = 303) -> Page:
        page = self.get("/sign-in")
        return self.submit(page, "/sign-in", status, email=email, password=password)

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name, domain="127.0.0.1")
        return found.value if found else ""

    def page(self, response: TestResponse, status: int) -> Page:
        """The answer, checked as every page is."""
        assert response.status_code == status, f"{response.status}: {response.text[:2000]}"
        if response.mimetype != "text/html" or status in {301, 302, 303}:
            return Page(response, Element("html"))
        page = Page(response, _parsed(response.text))
        check(page)
        return page


def target(response: TestResponse) -> str:
    assert response.status_code == 303, response.status
    parts = urlsplit(response.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _parsed(text: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    with untraced():
        root: Element = parser.parse(text)
    return root


def check(page: Page) -> None:
    """What is true of every page."""
    heading, title = page.heading, words(page.root.find("head/title"))  # type: ignore[arg-type]
    assert heading
    assert title.startswith(heading), (title, heading)
    assert page.root.attrib["lang"] in {"cs", "en", "pl", "bg"}
    assert page.response.headers.getlist("Cache-Control") == ["no-store"]
    assert len(page.response.headers.getlist("Content-Security-Policy")) == 1
    repeated = [i for i, n in Counter(e.get("id") for e in page.root.iter()).items() if i and n > 1]
    assert not repeated, repeated
    _check_policy(page.root)
    _check_names(page.root)
    _check_forms(page.root)


def _check_policy(root: Element) -> None:
    assert not list(root.iter("style"))
    for element in root.iter():
        assert not set(_POLICY_FORBIDS) & set(element.attrib), element.attrib
        if element.tag == "script":
            assert element.attrib["src"].startswith("/static/")
            assert not words(element)


def _check_names(root: Element) -> None:
    for element in root.iter():
        if element.tag in {"a", "button", "summary", "th", "label"}:
            assert words(element), f"<{element.tag} {element.attrib}> has no words"
        if element.tag == "img":
            assert "alt" in element.attrib
        if element.tag == "table":
            assert element.find("caption") is not None


def _check_forms(root: Element) -> None:
    needs_proof = root.find("body").get("class") != "p-page"  # type: ignore[union-attr]
    labelled = {label.attrib["for"] for label in root.iter("label")}
    for form in root.iter("form"):
        assert form.attrib["action"].startswith("/")
        names = [i.attrib["name"] for i in form.iter("input")]
        is_proved = needs_proof and form.attrib["method"] == "post"
        assert ("csrf_token" in names) == is_proved, names
        for element in form.iter():
            is_hidden = element.attrib.get("type") == "hidden"
            if element.tag in {"input", "select", "textarea"} and not is_hidden:
                assert element.attrib["id"] in labelled, element.attrib
