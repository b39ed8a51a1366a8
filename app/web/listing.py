"""What a list of contacts is asked for, as it stands in the address: the same there and back."""

from collections.abc import Mapping

from app.cards.card import ContactKind
from app.cards.text import xml_safe
from app.queries.filters import Asked
from app.web.forms import SEARCH_LENGTH

_KINDS = frozenset(kind.value for kind in ContactKind)
_SLUG_LENGTH = _ID_LENGTH = 64


def asked_in(said: Mapping[str, str]) -> Asked:
    """The question in an address or a form; what makes no sense there is passed over."""
    kind = said.get("kind", "")
    return Asked(
        search=_text(said, "q", SEARCH_LENGTH),
        directory=_text(said, "directory", _SLUG_LENGTH),
        project=_text(said, "project", _SLUG_LENGTH),
        kind=kind if kind in _KINDS else "",
        assigned=bool(said.get("assigned")),
        favourites=bool(said.get("favourites")),
        imported=_text(said, "import", _ID_LENGTH),
    )


def said_of(asked: Asked, *, without: str = "") -> dict[str, str]:
    """The question as values of an address, in one order; `without` one of them."""
    values = {
        "q": asked.search,
        "directory": asked.directory,
        "project": asked.project,
        "kind": asked.kind,
        "assigned": "1" if asked.assigned else "",
        "favourites": "1" if asked.favourites else "",
        "import": asked.imported,
    }
    return {name: value for name, value in values.items() if value and name != without}


def _text(said: Mapping[str, str], name: str, length: int) -> str:
    return xml_safe(said.get(name, ""))[:length].strip()
