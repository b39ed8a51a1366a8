"""A contact in words: its fields, where it came from, what its use rests on; as plain text."""

import re
from collections.abc import Iterator
from datetime import date as calendar_day
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from babel.dates import format_date, format_skeleton

from app.cards.card import Address, Card, Point
from app.queries.history import Said
from app.services.restores import RESTORED
from app.web import texts
from app.web.portal import portal
from app.web.templating import point_label
from app.web.texts import gettext, later

_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#][^\s]*)?")

FIELDS = {
    "kind": later("Person or firm"),
    "full_name": later("Shown as"),
    "prefix": later("Title before the name"),
    "given": later("First name"),
    "additional": later("Middle name"),
    "family": later("Surname"),
    "suffix": later("Title after the name"),
    "nickname": later("Nickname"),
    "organisation": later("Firm"),
    "department": later("Department"),
    "title": later("Position"),
    "role": later("Role"),
    "phones": later("Phones"),
    "emails": later("E-mails"),
    "urls": later("Web pages"),
    "ims": later("Messengers"),
    "addresses": later("Addresses"),
    "birthday": later("Birthday"),
    "categories": later("Categories"),
    "note": later("Note"),
    "registration_number": later("Registration number"),
    "tax_number": later("Tax number"),
    "photo": later("Photo"),
}
KINDS = {"person": later("a person"), "organisation": later("a firm or an office")}
SOURCES = {
    "import": later("imported from a file"),
    "entry": later("entered by hand"),
    "form": later("from a form"),
    "paper": later("from paper"),
    "card": later("from a business card"),
    "colleague": later("from a colleague"),
    "public-register": later("from a public register"),
    "transfer": later("handed over by another organisation"),
    "event": later("from an event"),
    "phone": later("from a phone"),
}
BASES = {
    "consent": later("consent"),
    "contract": later("a contract"),
    "pre-contract": later("talks about a contract"),
    "own-customer": later("legitimate interest, own customer"),
    "legitimate-interest": later("legitimate interest"),
    "legal-obligation": later("a legal obligation"),
}


def label(point: Point | Address) -> str:
    """What a number or an address is for; a person's own word stays as it is."""
    return point_label(point.label)


def address_lines(address: Address) -> list[str]:
    """An address as it is written on an envelope."""
    town = " ".join(filter(None, (address.postcode, address.locality)))
    lines = (address.extended, address.street, address.po_box, town, address.region)
    return [line for line in (*lines, address.country) if line]


def geo(address: Address) -> str:
    """The `geo:` address that maps on a phone open; where it lies is for them to find."""
    place = (address.street, address.postcode, address.locality, address.country)
    said = ", ".join(filter(None, place)) or ", ".join(address_lines(address))
    return f"geo:0,0?q={quote(said, safe='')}"


def web(value: str) -> str:
    """The address behind a web page as somebody typed it, or "" for words that are none."""
    if _WEB.fullmatch(value):
        return value
    return f"https://{value}" if _HOST.fullmatch(value) else ""


def day(birthday: str) -> str:
    """A birthday as people here write it; without a year where none is said."""
    has_year = not birthday.startswith("--")
    typed = calendar_day.fromisoformat(birthday if has_year else f"2000{birthday[1:]}")
    if has_year:
        return _long(typed)
    return format_skeleton("MMMMd", typed, locale=texts.locale()).replace(" ", "\u00a0")


def date(instant: datetime) -> str:
    """The day of an instant here."""
    return _long(instant.astimezone(portal().settings.zone).date())


def last_day(until: datetime) -> str:
    """The last day of a period that ends, exclusively, at this instant."""
    return date(until - timedelta(microseconds=1))


def position(card: Card) -> str:
    """Function, department and firm in one line."""
    firm = card.organisation if card.organisation != card.shown_name() else ""
    return ", ".join(filter(None, (card.title or card.role, card.department, firm)))


def source(kind: str, detail: str) -> str:
    """Where a value came from; what a restoring notes for itself is said in words."""
    if detail.startswith(RESTORED):
        return gettext("an earlier value, restored")
    said = gettext(SOURCES[kind])
    return f"{said}: {detail}" if detail else said


def spelled(field: str, said: Said) -> list[str]:
    """A value of the history in lines; none where there was nothing."""
    if not isinstance(said, str):
        return [_item(field, item) for item in said]
    if field == "kind":
        return [gettext(KINDS[said])]
    if field == "photo":
        return [gettext("a picture")] if said else []
    if field == "birthday":
        return [day(said)] if said else []
    return said.splitlines()


def as_text(card: Card) -> str:
    """The card as somebody would write it into a message."""
    return "\n".join(_lines(card))


def _item(field: str, item: dict[str, Any]) -> str:
    value = Address(**item) if field == "addresses" else Point(**item)
    text = value.value if isinstance(value, Point) else ", ".join(address_lines(value))
    kind = label(value)
    return f"{text} ({kind})" if kind else text


def _lines(card: Card) -> Iterator[str]:
    yield card.shown_name()
    if position(card):
        yield position(card)
    for point in (*card.phones, *card.emails, *card.urls, *card.ims):
        said = label(point)
        yield f"{point.value} ({said})" if said else point.value
    for address in card.addresses:
        yield ", ".join(address_lines(address))


def _long(value: calendar_day) -> str:
    return format_date(value, "long", texts.locale()).replace(" ", "\u00a0")
