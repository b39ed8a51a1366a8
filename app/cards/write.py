"""Cards as vCard 3.0 (RFC 2426), the one version every phone takes: macOS fails on 4.0.

The same card gives the same bytes: no clock, no REV, no product name.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace

from app.cards.card import Card, ContactKind, Point
from app.cards.dates import OMITTED_YEAR
from app.cards.labels import TYPES
from app.cards.text import xml_safe

_OCTETS = 75
_SILENT_LABELS = frozenset({"fax", "work fax", "home fax", "pager"})
_ESCAPED = re.compile(r"[\\,;]")

# iPhone shows the network by this name (X-SERVICE-TYPE); the address itself is the URI.
_SERVICES = {
    "aim": "AIM",
    "gg": "GaduGadu",
    "gtalk": "GoogleTalk",
    "icq": "ICQ",
    "msnim": "MSN",
    "qq": "QQ",
    "skype": "Skype",
    "xmpp": "Jabber",
    "ymsgr": "Yahoo",
}


def write(card: Card) -> str:
    """The card as vCard 3.0 in CRLF lines of at most 75 octets; every value in it is escaped."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", *_lines(card), "END:VCARD"]
    return "".join(f"{fold}\r\n" for line in lines for fold in _folded(line))


def _lines(card: Card) -> Iterator[str]:
    yield f"UID:{_text(card.public_id)}"
    yield from _names(card)
    yield from _labelled(card)
    if card.birthday.startswith("--"):
        # 3.0 has no date without a year; this is how iPhone and DAVx5 write one.
        year = OMITTED_YEAR
        yield f"BDAY;X-APPLE-OMIT-YEAR={year}:{year}{_text(card.birthday[1:])}"
    elif card.birthday:
        yield f"BDAY:{_text(card.birthday)}"
    if card.note:
        yield f"NOTE:{_text(card.note)}"
    if card.categories:
        yield f"CATEGORIES:{','.join(map(_text, card.categories))}"
    if card.photo is not None:
        yield f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(card.photo.data).decode('ascii')}"


def _names(card: Card) -> Iterator[str]:
    """FN and N are never empty: iPhone shows N, and a card without FN is refused by many."""
    shown = card.shown_name() or card.public_id
    names = (card.family, card.given, card.additional, card.prefix, card.suffix)
    organisation = card.organisation
    yield f"FN:{_text(shown)}"
    if card.kind is ContactKind.ORGANISATION:
        organisation = organisation or shown
        yield f"N:{_joined(names)}"
        yield "X-ABShowAs:COMPANY"
    else:
        yield f"N:{_joined(names if any(names) else (shown, '', '', '', ''))}"
    if organisation or card.department:
        units = (organisation, card.department) if card.department else (organisation,)
        yield f"ORG:{_joined(units)}"
    for name, value in (
        ("NICKNAME", card.nickname),
        ("TITLE", card.title),
        ("ROLE", card.role),
    ):
        if value:
            yield f"{name}:{_text(value)}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A property with a label. `types` stand in every entry of its name; `text` is escaped."""

    name: str
    text: str
    label: str
    types: tuple[str, ...] = ()
    is_preferred: bool = False
    service: str = ""

    def head(self) -> str:
        """Name and parameters; they hold words of ours only, never a value of the card."""
        types = (*self.types, *TYPES.get(self.label, ()), *(("PREF",) if self.is_preferred else ()))
        service = f";X-SERVICE-TYPE={self.service}" if self.service else ""
        return self.name + service + (f";TYPE={','.join(types)}" if types else "")


def _labelled(card: Card) -> Iterator[str]:
    """Everything that has a label; a label of its own needs a group (item1.TEL, iPhone's way)."""
    group = 0
    for entry in _entries(card):
        if entry.label in TYPES or not entry.label:
            yield f"{entry.head()}:{entry.text}"
        else:
            group += 1
            yield f"item{group}.{entry.head()}:{entry.text}"
            yield f"item{group}.X-ABLabel:{_text(entry.label)}"


def _entries(card: Card) -> Iterator[_Entry]:
    for phone in card.phones:
        yield _entry("TEL", phone, () if phone.label in _SILENT_LABELS else ("VOICE",))
    for email in card.emails:
        yield _entry("EMAIL", email, ("INTERNET",))
    for url in card.urls:
        yield _entry("URL", url)
    for chat in card.ims:
        service = _SERVICES.get(chat.value.partition(":")[0].lower(), "")
        yield replace(_entry("IMPP", chat), service=service)
    for address in card.addresses:
        parts = astuple(address)[1:]
        yield _Entry("ADR", _joined(parts), address.label)


def _entry(name: str, point: Point, types: tuple[str, ...] = ()) -> _Entry:
    return _Entry(name, _text(point.value), point.label, types, point.preferred)


def _joined(parts: Iterable[str]) -> str:
    return ";".join(map(_text, parts))


def _text(value: str) -> str:
    r"""A value that can neither end its line nor its component (RFC 2426, section 4)."""
    return _ESCAPED.sub(r"\\\g<0>", xml_safe(value)).replace("\n", r"\n")


def _folded(line: str) -> Iterator[str]:
    """Folds of at most 75 octets (RFC 2425, 5.8.1) that never cut a character of UTF-8."""
    octets, start, indent = line.encode(), 0, ""
    while len(octets) - start > _OCTETS - len(indent):
        end = start + _OCTETS - len(indent)
        while octets[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the mark of a continuation octet
            end -= 1
        yield indent + octets[start:end].decode()
        start, indent = end, " "
    yield indent + octets[start:].decode()
