"""Every address and every field of the portal, read from the portal itself.

A page that is added is asked for from its first day; nobody has to remember a list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wtforms.fields.core import UnboundField

from app import keys
from app.db import open_database
from app.factory import create_app
from app.settings import Settings
from app.web.forms import OurForm

_GAP = re.compile(r"<(?:[^:<>]*:)?([a-z]+)>")
_NAME = re.compile(r"""\bname="([a-z_-]+)"|args\.get\("([a-z_-]+)"|_argument\("([a-z_-]+)\"""")
_TEXTS = ("templates/**/*.html", "app/web/*.py")


@dataclass(frozen=True)
class Routes:
    """The patterns that are looked at and those that are sent to, and all names of values."""

    pages: tuple[str, ...]
    forms: tuple[str, ...]
    names: tuple[str, ...]


@cache
def routes() -> Routes:
    """Those of the portal as it is."""
    database = open_database("sqlite://")
    app = create_app(Settings(Path()), database, keys.generate())
    rules = [(rule.rule, rule.methods or set()) for rule in app.url_map.iter_rules()]
    database.engine.dispose()
    return Routes(
        pages=tuple(sorted({path for path, methods in rules if "GET" in methods})),
        forms=tuple(sorted({path for path, methods in rules if "POST" in methods})),
        names=tuple(sorted({*_typed(OurForm), *_written()})),
    )


def filled(pattern: str, value: Callable[[str], str]) -> str:
    """The pattern with something in each of its gaps."""
    return _GAP.sub(lambda gap: value(gap[1]), pattern)


def _typed(form: type[OurForm]) -> Iterator[str]:
    """The fields of all forms."""
    for name in dir(form):
        if isinstance(getattr(form, name), UnboundField):
            yield name
    for kind in form.__subclasses__():
        yield from _typed(kind)


def _written() -> Iterator[str]:
    """The values that templates send and views ask the address for."""
    root = Path(__file__).parents[2]
    for texts in _TEXTS:
        for path in root.glob(texts):
            for found in _NAME.findall(path.read_text(encoding="utf-8")):
                yield from filter(None, found)
