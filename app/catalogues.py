"""The catalogues of words, and the locales they belong to.

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

FOLDER = Path(__file__).parents[1] / "translations"

OF_THE_PORTAL = ("en", "cs")
"""The languages in which everything is said."""

OF_THE_OUTSIDE = ("cs", "en", "pl", "bg")
"""Those of the pages and mails for people who have no account."""

# Czech typography: a one-letter preposition or conjunction never ends a line.
_LONELY = re.compile(r"(?<![\w%])([aikosuvzAIKOSUVZ]) ")


def locale_of(language: str) -> Locale:
    """The locale of dates and numbers: British for English."""
    return Locale("en", "GB") if language == "en" else Locale(language)


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
