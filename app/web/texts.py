"""Words in the reader's language: catalogues, the choice of a language, gettext.

English is the language of the messages themselves. A language is a folder of .po files, one a
family of pages, read when they are first needed: nothing to compile and nothing to forget.
"""

import gettext as gnu
import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request

from app.services.sessions import LANGUAGES
from app.web import cookies
from app.web.access import visit
from app.web.cookies import Cookie
from app.web.portal import portal

FOLDER = Path(__file__).parents[2] / "translations"
NAMES = {"en": "English", "cs": "Čeština"}

# Czech typography: a one-letter preposition or conjunction never ends a line.
_LONELY = re.compile(r"(?<![\w%])([aikosuvzAIKOSUVZ]) ")


def language() -> str:
    """The reader's own choice, else this browser's, else the organisation's."""
    if "language" not in g:
        g.language = _choose()
    chosen: str = g.language
    return chosen


def locale() -> Locale:
    """The locale of dates and numbers: British for English."""
    return Locale("en", "GB") if language() == "en" else Locale(language())


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


@cache
def catalogue(name: str) -> gnu.NullTranslations:
    """The messages of one language."""
    files = sorted((FOLDER / name).glob("*.po"))
    if not files:
        return gnu.NullTranslations()
    messages = _read(files[0], name)
    for path in files[1:]:
        for message in _read(path, name):
            messages[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def install(app: Flask) -> None:
    """Give the templates gettext and ngettext."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: catalogue(language()).gettext(message),
        lambda one, many, num: catalogue(language()).ngettext(one, many, num),
        newstyle=True,
    )


def _choose() -> str:
    user = visit().signed_in
    for choice in (user.language if user else "", cookies.read(Cookie.LANGUAGE)):
        if choice in LANGUAGES:
            return choice
    accepted = request.accept_languages.best_match(LANGUAGES)
    wanted = accepted or portal().settings.language
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _read(path: Path, name: str) -> Catalog:
    with path.open("rb") as file:
        messages = read_po(file, locale=name)
    for message in messages if name == "cs" else ():
        said = message.string
        if isinstance(said, str):
            message.string = _bound(said)
        else:
            message.string = tuple(map(_bound, said or ()))
    return messages


def _bound(text: str) -> str:
    return _LONELY.sub("\\1\u00a0", text)
