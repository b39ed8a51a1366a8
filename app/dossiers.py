"""An incident in a file, for the authority: what is known of it and what was on the phone.

JSON holds all of it; a table holds the list of contacts, one line for each value of a card.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.db import instant_text
from app.exports import table
from app.queries.carried import Carried, extent
from app.queries.incidents import Case

_OF_THE_ROW = frozenset({"public_id", "version", "profile", "photo", "kind"})


def summary(case: Case, at: datetime) -> dict[str, Any]:
    """What is known of an incident, without a single contact."""
    clock = case.clock(at)
    return {
        "id": case.public_id,
        "user": case.device.user,
        "device": case.device.name,
        "managed": case.was_managed,
        "opened_at": case.opened_at,
        "reported_by": case.reporter,
        "known_at": case.known_at,
        "due_at": clock.due_at,
        "is_open": case.is_open,
        "is_overdue": clock.is_overdue,
        "hours_left": clock.hours if case.is_open else None,
        "locked": case.locked.value,
        "encrypted": case.encrypted.value,
        "state": case.device.state.value,
        "seen_at": case.device.seen_at,
        "emptied_at": case.device.emptied_at,
        "given_up_at": case.given_up_at,
        "give_up_reason": case.give_up_reason,
        "decision": case.verdict.value if case.verdict else None,
        "reason": case.decision.words if case.decision else "",
    }


def entry(one: Carried) -> dict[str, Any]:
    """One value of one contact, with the fields that went to the phone."""
    values = asdict(one.card)
    return {
        "uid": one.card.public_id,
        "name": one.card.shown_name(),
        "kind": one.card.kind.value,
        "is_erased": one.is_erased,
        "is_replaced": one.is_replaced,
        "since": one.since,
        "state": one.state.value,
        "told_at": one.told_at,
        "listed_at": one.listed_at,
        "confirmed_at": one.confirmed_at,
        "fields": one.profile,
        "values": {name: said for name, said in values.items() if said and name not in _OF_THE_ROW},
        "has_photo": one.has_photo,
    }


def document(case: Case, carried: Sequence[Carried], at: datetime) -> dict[str, Any]:
    """All of it."""
    return {
        **summary(case, at),
        "as_of": at,
        "steps": [asdict(step) for step in case.steps],
        "on_it": asdict(extent(carried)),
        "contacts": [entry(one) for one in carried],
    }


def as_json(case: Case, carried: Sequence[Carried], at: datetime) -> bytes:
    """The document as a file."""
    found = document(case, carried, at)
    return json.dumps(found, ensure_ascii=False, indent=2, default=_plain).encode()


def as_csv(_case: Case, carried: Sequence[Carried], _at: datetime) -> bytes:
    """The contacts as a table."""
    rest = [
        {
            "on_phone_since": instant_text(one.since),
            "state": one.state.value,
            "confirmed_at": instant_text(one.confirmed_at) if one.confirmed_at else "",
            "fields": one.profile,
            "has_photo": "yes" if one.has_photo else "",
        }
        for one in carried
    ]
    return b"".join(table([one.card for one in carried], rest))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant_text(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


FORMATS: dict[str, tuple[str, Callable[[Case, Sequence[Carried], datetime], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}
"""The type of each file, and what writes it."""
