"""Words in the reader's language: the choice of a language, gettext."""

from babel import Locale
from flask import Flask, g, request

from app.catalogues import OF_THE_OUTSIDE, catalogue, locale_of
from app.services.sessions import LANGUAGES
from app.web import cookies
from app.web.access import is_outside, visit
from app.web.cookies import Cookie
from app.web.portal import portal

NAMES = {"en": "English", "cs": "Čeština"}
OUTSIDE_NAMES = {"cs": "Čeština", "en": "English", "pl": "Polski", "bg": "Български"}
LANGUAGE = "lang"
"""What the address of a page for people without an account says of its language."""


def language() -> str:
    """The reader's own choice, else this browser's, else the organisation's."""
    if "language" not in g:
        g.language = _choose()
    chosen: str = g.language
    return chosen


def speak(chosen: str) -> None:
    """Let the rest of this page be in a language, whatever its reader speaks."""
    g.language = chosen


def locale() -> Locale:
    """The locale of dates and numbers: British for English."""
    return locale_of(language())


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with its named values."""
    text = catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The form of a message that this count takes in the reader's language."""
    text = catalogue(language()).ngettext(one, many, count)
    return text % ({"count": count} | values)


def later(message: str) -> str:
    """Mark a message for the catalogues that is translated where it is shown."""
    return message


def install(app: Flask) -> None:
    """Give the templates gettext and ngettext."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(language()).gettext(message),
        lambda one, many, num: catalogue(language()).ngettext(one, many, num),
        newstyle=True,
    )


def _choose() -> str:
    if is_outside():
        return _choose_outside()
    user = visit().signed_in
    for choice in (user.language if user else "", cookies.read(Cookie.LANGUAGE)):
        if choice in LANGUAGES:
            return choice
    accepted = request.accept_languages.best_match(LANGUAGES)
    wanted = accepted or portal().settings.language
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _choose_outside() -> str:
    """What the address says, else the browser, else the organisation; no cookie is asked."""
    if request.args.get(LANGUAGE) in OF_THE_OUTSIDE:
        return request.args[LANGUAGE]
    accepted = request.accept_languages.best_match(OF_THE_OUTSIDE)
    wanted = accepted or portal().settings.language
    return wanted if wanted in OF_THE_OUTSIDE else "en"
