"""Two windows, an English and a Czech one, in which the pages of one portal after another are seen.

New windows and new addresses begin with cold style sheets, which took longer than all that was
looked for. So the windows stay, and one address leads to the portal of the present test.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, ViewportSize

from app.guard import Guard
from app.models import User
from app.services import sessions
from tests.e2e.conftest import Front
from tests.e2e.serving import serving
from tests.portal import Portal

ENGLISH, CZECH = "en-GB", "cs-CZ"
_REFUSED = re.compile(r"server responded with a status of [45]\d\d")
_SETTLE = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish());
}"""


class Gallery:
    """The windows by their language, and the way to the portal that they show."""

    def __init__(self) -> None:
        self.url = ""
        self.windows: dict[str, Page] = {}
        self.complaints: list[str] = []
        self._portal: WSGIApplication = lambda _environ, _start: []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Let the present portal answer."""
        return self._portal(environ, start)

    @contextmanager
    def showing(
        self, portal: Portal, guest: User | None, *, refusals: bool = False
    ) -> Iterator[None]:
        """Be this guest of this portal, or nobody; what a browser complains about meanwhile
        fails, but for answers that refuse, where `refusals` are looked for."""
        self._portal = Guard(portal.app, portal.app.extensions["kustod"].settings)
        for page in self.windows.values():
            page.context.clear_cookies()
        if guest is not None:
            self._sign_in(portal, guest)
        try:
            yield
        finally:
            # A page that waits for something would ask the next portal for it.
            for page in self.windows.values():
                page.goto("about:blank")
            found = self.complaints.copy()
            self.complaints.clear()
        assert [text for text in found if not (refusals and _REFUSED.search(text))] == []

    def _sign_in(self, portal: Portal, guest: User) -> None:
        with portal.sessions.write() as session:
            token = sessions.sign_in(session, guest.id, "test", portal.clock.now())
        for page in self.windows.values():
            page.context.add_cookies([{"name": "kustod-dev", "value": token, "url": self.url}])


@contextmanager
def gallery(chromium: Chromium) -> Iterator[Gallery]:
    """Open the windows, and close them at the end."""
    opened = Gallery()
    with serving(opened) as url:
        opened.url = url
        front = Front(url, chromium, complaints=opened.complaints)
        opened.windows = {name: front.page(locale=name) for name in (ENGLISH, CZECH)}
        yield opened
        for page in opened.windows.values():
            page.context.close()


def wear(page: Page, size: ViewportSize, scheme: str) -> None:
    """Take this size and colour scheme, and be done with changing."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate(_SETTLE)


def photograph(page: Page, folder: Path, form: str) -> None:
    """Leave a picture of the whole page, in a window so long that nothing in it covers a part."""
    height = page.evaluate("Math.max(document.documentElement.scrollHeight, innerHeight)")
    page.set_viewport_size({"width": page.evaluate("innerWidth"), "height": height})
    page.evaluate(_SETTLE)
    page.screenshot(path=folder / f"{form.replace('.', '-').replace(' ', '-')}.png")
