"""What a contact says, as plain values: from a draft or from rows, compared, and made into rows.

Every text passes `clean` before it comes here or near the database: no NUL, no lone surrogate,
nothing that XML cannot carry.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from functools import lru_cache
from typing import Any

from app.cards.card import Address, ContactKind, Draft, Point
from app.cards.points import email_norm, phone_norm
from app.cards.text import folded, latin, sort_key, terms, xml_safe
from app.models.kinds import PointKind

Value = str | tuple[Point, ...] | tuple[Address, ...]
State = Mapping[str, Value]
"""Field by field; `categories` one a line, the photo by its hash."""

NAMES = ("full_name", "family", "given", "additional", "prefix", "suffix", "nickname")
TEXTS = (
    *NAMES,
    *("organisation", "department", "title", "role", "birthday", "note", "categories"),
)
NUMBERS = ("registration_number", "tax_number")
POINTS = {
    "phones": PointKind.PHONE,
    "emails": PointKind.EMAIL,
    "urls": PointKind.URL,
    "ims": PointKind.IM,
}
LISTS = (*POINTS, "addresses")
COLUMNS = ("kind", *TEXTS, *NUMBERS, "photo_sha256")
FIELDS = (*COLUMNS, *LISTS)
ADDRESS_PARTS = tuple(field.name for field in fields(Address))

_COMPARABLE = frozenset({"phones", "emails"})
_SEARCHED = (*NAMES, "organisation", "department")
_UID_LENGTH = 255


def clean(draft: Draft) -> Draft:
    """The draft without characters that XML cannot carry and without empty points."""
    said: dict[str, Any] = {
        name: xml_safe(getattr(draft, name)).strip()
        for name in (*TEXTS, *NUMBERS)
        if name != "categories"
    }
    said |= {name: _clean_points(getattr(draft, name)) for name in POINTS}
    said["source_uid"] = xml_safe(draft.source_uid).strip()[:_UID_LENGTH]
    categories = (" ".join(xml_safe(name).split()) for name in draft.categories)
    said["categories"] = tuple(filter(None, categories))
    said["addresses"] = _clean_addresses(draft.addresses)
    return replace(draft, **said)


def state_of(draft: Draft) -> dict[str, Value]:
    """What a clean draft says; a name in parts alone is written out as well."""
    state: dict[str, Value] = {name: getattr(draft, name) for name in (*TEXTS, *NUMBERS, *LISTS)}
    state["kind"] = draft.kind.value
    state["full_name"] = draft.full_name or composed(state)
    state["categories"] = "\n".join(draft.categories)
    state["photo_sha256"] = hashlib.sha256(draft.photo.data).hexdigest() if draft.photo else ""
    return state


def draft_of(state: State) -> Draft:
    """The draft that says this; its photo is left out."""
    said: dict[str, Any] = {name: state[name] for name in (*TEXTS, *NUMBERS, *LISTS)}
    said["categories"] = tuple(str(state["categories"]).split("\n"))
    return Draft(kind=ContactKind(str(state["kind"])), **said)


def composed(state: State) -> str:
    """The full name that the parts of a name make."""
    parts = {name: str(state[name]) for name in NAMES if name not in {"full_name", "nickname"}}
    return Draft(**parts).shown_name()  # type: ignore[arg-type]


def differences(old: State, new: State) -> dict[str, tuple[Value, Value]]:
    """The fields that differ, with what they were and what they are."""
    return {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}


def overlaid(old: State, draft: Draft) -> dict[str, Value]:
    """A newer version of the same card: what it says replaces, what it is silent about stays."""
    said = {name: value for name, value in state_of(draft).items() if value}
    return {**old, **said, "kind": old["kind"]}


def filled(old: State, draft: Draft, country: str) -> dict[str, Value]:
    """Another card of the same person: it fills gaps and adds points, and replaces nothing."""
    new = dict(old)
    for name, value in state_of(draft).items():
        if name in LISTS:
            new[name] = _united(name, old[name], value, country)
        elif not old[name]:
            new[name] = value
    return new


def text_of(value: Value) -> str:
    """The spelling of a value in the history of values: text as it is, lists as JSON."""
    if isinstance(value, str):
        return value
    if not value:
        return ""
    return json.dumps([asdict(item) for item in value], ensure_ascii=False)


def value_of(name: str, text: str) -> Value:
    """The value of this field that `text_of` spelled, without any loss."""
    if name not in LISTS:
        return text
    items = json.loads(text or "[]")
    if name == "addresses":
        return tuple(Address(**item) for item in items)
    return tuple(Point(**item) for item in items)


def column_values(state: State, country: str) -> dict[str, Any]:
    """The columns of a contact row, with the derived ones."""
    columns: dict[str, Any] = {name: state[name] for name in COLUMNS if name != "kind"}
    columns["kind"] = ContactKind(str(state["kind"]))
    columns["sort_key"] = sort_key(_sorted_by(state))
    columns["search"] = _search(state, country)
    columns["mail_search"] = _mail_search(state, country)
    return columns


def point_rows(
    contact_id: int, state: State, country: str, names: Iterable[str] = LISTS
) -> list[dict[str, Any]]:
    """The rows of contact points for these fields, in their order."""
    return [
        {
            "contact_id": contact_id,
            "kind": POINTS[name],
            "label": point.label,
            "value": point.value,
            "norm": point_norm(name, point.value, country),
            "is_preferred": point.preferred,
            "position": position,
        }
        for name in names
        if name in POINTS
        for position, point in enumerate(points_of(state, name))
    ]


def address_rows(contact_id: int, state: State) -> list[dict[str, Any]]:
    """The rows of postal addresses, in their order."""
    return [
        {
            "contact_id": contact_id,
            "position": position,
            **{part: getattr(address, part) for part in ADDRESS_PARTS},
        }
        for position, address in enumerate(state["addresses"])
    ]


def points_of(state: State, name: str) -> list[Point]:
    """The points of one kind."""
    return [point for point in state[name] if isinstance(point, Point)]


def point_norm(name: str, value: str, country: str) -> str:
    """The form by which two points of this field are the same; empty where there is none."""
    if name not in _COMPARABLE:
        return ""
    return _norm(name, value, country)


@lru_cache(maxsize=4096)
def _norm(name: str, value: str, country: str) -> str:
    """Asked four times for every phone of an import, and slow."""
    return phone_norm(value, country) if name == "phones" else email_norm(value)


def _clean_points(points: tuple[Point, ...]) -> tuple[Point, ...]:
    cleaned = (
        Point(
            " ".join(xml_safe(point.value).split()),
            " ".join(xml_safe(point.label).split()),
            point.preferred,
        )
        for point in points
    )
    return tuple(point for point in cleaned if point.value)


def _clean_addresses(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    cleaned = (
        Address(**{part: xml_safe(getattr(address, part)).strip() for part in ADDRESS_PARTS})
        for address in addresses
    )
    return tuple(found for found in cleaned if found != Address(label=found.label))


def _united(name: str, old: Value, new: Value, country: str) -> Any:  # noqa: ANN401 - a Value
    """The old list and, behind it, what of the new one is not in it yet."""

    def key(item: object) -> object:
        if not isinstance(item, Point):
            return replace(item, label="") if isinstance(item, Address) else item
        return point_norm(name, item.value, country) or item.value.casefold()

    known = {key(item) for item in old}
    added = {key(item): item for item in new if key(item) not in known}
    return (*old, *added.values())


def _sorted_by(state: State) -> str:
    surname_first = " ".join(filter(None, (str(state[n]) for n in ("family", "given"))))
    names = [surname_first, str(state["full_name"]), str(state["organisation"])]
    if state["kind"] == ContactKind.ORGANISATION:
        names.reverse()
    points = (point.value for name in ("emails", "phones") for point in points_of(state, name))
    return next(filter(None, (*names, *points)), "")


def _search(state: State, country: str) -> str:
    """Every word once: names, firm, and phones as digits, all of them in the narrowest profile.

    Words of other alphabets stand in Latin letters as well, numbers in groups as one number.
    """
    texts = [str(state[name]) for name in _SEARCHED]
    texts += [spelled for text in texts for spelled in (latin(text), " ".join(terms(text)))]
    for point in points_of(state, "phones"):
        digits = "".join(char for char in point.value if char.isdecimal())
        texts += (point_norm("phones", point.value, country), digits)
    return _words(texts)


def _mail_search(state: State, country: str) -> str:
    """The addresses of mail, apart: who may not see them must not find by them either."""
    found = points_of(state, "emails")
    return _words(text for p in found for text in (p.value, point_norm("emails", p.value, country)))


def _words(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(folded(" ".join(texts)).split()))
