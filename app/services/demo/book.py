"""The contacts of the demonstration in their directories, with their firms and their past."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.cards.card import Point
from app.models import Affiliation, Directory, Favourite, Restriction
from app.models.kinds import SourceKind
from app.services import audit, bases, contact_rows, contacts
from app.services.audit import OPERATOR, Actor
from app.services.contact_rows import Fresh, Writing
from app.services.contact_values import State, clean, state_of
from app.services.demo.cards import Entry, Maker
from app.services.demo.company import Company

_SOURCE = "Telefony a tabulky kolegů při zavedení"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ids of the people of each directory, and of firms by name, in the order of making."""

    people: dict[str, list[int]]
    firms: dict[str, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody learned of a contact, so many days ago."""

    days: float
    home: str
    place: int
    changes: State
    source: str = "telefonát"


def _number(number: str) -> State:
    return {"phones": (Point(f"+420 {number}", "cell", preferred=True),)}


CORRECTIONS = (
    Correction(150.2, "suppliers", 2, _number("605 204 150")),
    Correction(64.3, "customers", 5, _number("605 204 164")),
    Correction(41.1, "suppliers", 2, {"title": "vedoucí střediska"}, "podpis v e-mailu"),
    Correction(17.4, "suppliers", 2, _number("605 204 117")),
    Correction(16.2, "builders", 4, {"family": "Horáčková"}, "svatební oznámení"),
)
"""A number that changed twice, another position, a marriage."""


def fill(session: Session, company: Company, at: datetime) -> Shelf:
    """Put every contact into its directory, people after their firms and linked to them."""
    by_home: dict[str, list[Entry]] = defaultdict(list)
    for entry in Maker().entries():
        by_home[entry.home].append(entry)
    shelf = Shelf(defaultdict(list), {})
    links: list[dict[str, object]] = []
    for home, entries in by_home.items():
        ids = _insert(session, company.homes[home], entries, at)
        for entry, inner_id in zip(entries, ids, strict=True):
            if entry.draft.family:
                shelf.people[home].append(inner_id)
            else:
                shelf.firms[entry.draft.organisation] = inner_id
            if entry.firm:
                links.append(_link(inner_id, shelf.firms[entry.firm], entry, at))
    session.execute(insert(Affiliation), links)
    return shelf


def _insert(session: Session, home_id: int, entries: list[Entry], at: datetime) -> list[int]:
    home = session.get_one(Directory, home_id)
    source = contact_rows.add_source(session, OPERATOR, SourceKind.IMPORT, _SOURCE, at)
    fresh = [_fresh(home, entry) for entry in entries]
    ids = contact_rows.insert_contacts(session, Writing(home, source.id, OPERATOR, at), fresh)
    count = len(fresh)
    audit.record(session, OPERATOR, "contact.imported", ("directory", home_id), at, created=count)
    return [ids[one.public_id] for one in fresh]


def _fresh(home: Directory, entry: Entry) -> Fresh:
    draft = clean(entry.draft)
    ground = bases.ground(home, draft.kind, draft.organisation, is_sole_trader=False)
    public_id = contact_rows.new_public_id()
    return Fresh(public_id, draft, state_of(draft), ground, draft.fingerprint())


def _link(person_id: int, firm_id: int, entry: Entry, at: datetime) -> dict[str, object]:
    return {
        "person_id": person_id,
        "organisation_id": firm_id,
        "role": entry.draft.title,
        "valid_from": at,
    }


def put_in_charge(session: Session, company: Company, shelf: Shelf, by: Actor, at: datetime) -> int:
    """Let three colleagues be in charge of some contacts; how many."""
    charges = (("petr", "customers", 12), ("tomas", "builders", 9), ("lenka", "prospects", 15))
    for key, home, many in charges:
        for contact_id in shelf.people[home][:many]:
            contacts.assign(session, by, contact_id, company.users[key], at)
    return sum(many for _, _, many in charges)


def keep_at_hand(session: Session, company: Company, shelf: Shelf, at: datetime) -> None:
    """Favourites of those who call the same people again and again."""
    wanted = (("petr", "suppliers", 5), ("jana", "customers", 4), ("radek", "suppliers", 6))
    rows = [
        {"user_id": company.users[key], "contact_id": contact_id, "kept_at": at}
        for key, home, many in wanted
        for contact_id in shelf.people[home][3 : 3 + many]
    ]
    session.execute(insert(Favourite), rows)


def correct(
    session: Session, shelf: Shelf, by: Actor, correction: Correction, at: datetime
) -> None:
    """Change a contact as somebody did in that year."""
    contact_id = shelf.people[correction.home][correction.place]
    changes = dict(correction.changes)
    contacts.edit(session, by, contact_id, changes, at, source=correction.source)


def shut(session: Session, shelf: Shelf, by: Actor, at: datetime) -> None:
    """One contact that may only be stored, and one whose basis has ended."""
    restricted, without = shelf.people["customers"][6], shelf.people["customers"][7]
    reason = "Námitka se posuzuje."
    session.add(Restriction(contact_id=restricted, reason=reason, valid_from=at))
    audit.record(session, by, "contact.restrict", ("contact", restricted), at)
    bases.end(session, by, without, at)
    session.flush()
