"""What must be true when a drill is over: every phone, every acknowledged act, the ledger.

Each function answers what is wrong, in words; nothing is the answer that is wanted.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.cards import write
from app.models import AuditEvent, Contact, Device, Directory, Grant, ValueChange
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer
from app.queries import contacts, ledger
from app.queries.ledger import HoldingState
from app.services import books
from app.services.books import Offer
from tests.drills.forms import Form, Kind
from tests.drills.site import BULK, HOMES, Site

_FAILED = 500
_SENTINEL = books.href_of(books.SENTINEL)


def of_phones(site: Site, plan: dict[str, Any], held: dict[str, Any], at: datetime) -> list[str]:
    """Each phone holds what is visible to it `at`, card for card, and the help card."""
    found: list[str] = []
    with site.sessions.read() as session:
        for entry in plan["phones"]:
            name = f"{entry['kind']} of {entry['login']}"
            device = session.scalars(
                select(Device).where(Device.public_id == entry["device"])
            ).one()
            cards = {h.rpartition("/")[2]: tuple(card) for h, card in held[entry["device"]].items()}
            found += [f"{name}: {words}" for words in _holds(session, device, cards, at)]
            found += [f"{name}: {w}" for w in _proved(session, device, cards, entry["kind"], at)]
    return found


def _holds(session: Session, device: Device, cards: dict[str, Any], at: datetime) -> Iterator[str]:
    wanted = {}
    for card in contacts.everything(
        session, Viewer(device.user_id, device.id), Channel.CARDDAV, at
    ):
        offer = Offer(
            None, HoldingKind.CARD, card.public_id, card.version, card.profile, has_photo=False
        )
        wanted[books.href_of(card.public_id)] = (books.etag_of(offer), write.write(card))
    if _SENTINEL not in cards:
        yield "has no help card"
    if missing := wanted.keys() - cards.keys():
        yield f"lacks {len(missing)} of {len(wanted)} cards"
    if stray := cards.keys() - wanted.keys() - {_SENTINEL}:
        yield f"keeps {len(stray)} cards that it may not have"
    if stale := [href for href in wanted.keys() & cards.keys() if wanted[href] != cards[href]]:
        yield f"keeps {len(stale)} cards with an old ETag or text"


def _proved(
    session: Session, device: Device, cards: dict[str, Any], kind: str, at: datetime
) -> Iterator[str]:
    """What the ledger says of each removal is what the phone did."""
    read = ledger.on_device(session, device.id, at)
    names = {row[0]: row[1] for row in session.execute(select(Contact.id, Contact.public_id))}
    for holder in read:
        is_kept = books.href_of(names[holder.contact_id]) in cards
        if is_kept and holder.state is HoldingState.CONFIRMED:
            yield f"keeps {holder.contact_id}, whose removal it is said to have confirmed"
    states = {holder.state for holder in read}
    ended = HoldingState.LISTED if kind == Kind.LISTING else HoldingState.CONFIRMED
    if states - {HoldingState.HELD, ended}:
        yield f"has cards that are {', '.join(sorted(states - {HoldingState.HELD, ended}))}"


def of_acts(site: Site, lines: Iterable[dict[str, Any]]) -> list[str]:
    """Every acknowledged act has its audit row, and there are as many facts as acts."""
    with site.sessions.read() as session:
        events = session.execute(
            select(AuditEvent.at, AuditEvent.action, AuditEvent.subject_kind, AuditEvent.subject_id)
        ).all()
        there = {(row[0], (row[1], row[2], row[3])) for row in events}
        lost = [
            line
            for line in lines
            if "done" in line
            and (datetime.fromisoformat(line["at"]), tuple(line["done"])) not in there
        ]
        found = [f"acknowledged and lost: {line['done']} at {line['at']}" for line in lost]
        ends = {
            (line["done"][2], line["at"])
            for line in lines
            if line.get("done", [""])[0] == "grant.end"
        }
        for grant_id, at in ends:
            # The other writer may have begun it a moment after this act asked the clock.
            row = session.get_one(Grant, grant_id)
            if row.valid_until > max(datetime.fromisoformat(at), row.valid_from):
                found.append(f"grant {grant_id} was ended at {at} and holds")
        counts = _counts(session)
        return found + [f"{name}: {a} facts, {b} acts" for name, (a, b) in counts.items() if a != b]


def _counts(session: Session) -> dict[str, tuple[int, int]]:
    def acts(action: str) -> int:
        query = select(func.count()).where(AuditEvent.action == action)
        return session.scalar(query) or 0

    def rows(query: Any) -> int:
        return session.scalar(select(func.count()).select_from(query.subquery())) or 0

    homes = select(Directory.id).where(Directory.slug.in_(HOMES))
    edits = select(ValueChange.contact_id, ValueChange.changed_at).distinct()
    return {
        "grants": (rows(select(Grant.id).where(~Grant.can_manage)), acts("grant.give")),
        "contacts": (
            rows(select(Contact.id).where(Contact.directory_id.in_(homes))),
            acts("contact.add"),
        ),
        "edits": (rows(edits), acts("contact.edit")),
    }


def of_import(site: Site) -> list[str]:
    """The directory of the import holds every card of the file once."""
    with site.sessions.read() as session:
        home = session.scalars(select(Directory.id).where(Directory.slug == BULK)).one()
        query = select(func.count(), func.count(Contact.source_uid.distinct()))
        rows, distinct = session.execute(query.where(Contact.directory_id == home)).one()
    if (rows, distinct) == (site.form.imported, site.form.imported):
        return []
    return [f"imported {rows} contacts with {distinct} UIDs of {site.form.imported}"]


def of_database(site: Site) -> list[str]:
    """The file is whole, and no reference leads nowhere; PostgreSQL sees to it itself."""
    if site.sessions.dialect != "sqlite":
        return []
    with site.sessions.read() as session:
        whole = session.scalar(text("PRAGMA quick_check"))
        stray = session.execute(text("PRAGMA foreign_key_check")).all()
    return [f"quick_check: {whole}"] * (whole != "ok") + [f"foreign keys: {stray}"] * bool(stray)


def of_log(site: Site, *, was_cut: bool) -> list[str]:
    """The server logged no failure; where it was killed, a line may be cut short."""
    found = []
    for line in site.log.read_text(encoding="utf-8").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            said = {"level": "info" if was_cut and "Traceback" not in line else "error"}
        if said.get("logger") == "radicale" and "response status" in said.get("event", ""):
            continue  # it takes a 503 for a failure
        if was_cut and said.get("logger") == "psycopg" and said.get("level") == "warning":
            continue  # the session that it was about to end had been cut off
        if said.get("level") not in {"info", "debug"} or said.get("status") == _FAILED:
            found.append(f"log: {line[:600]}")
    return found


def of_writers(form: Form, lines: Iterable[dict[str, Any]], *, may_be_cut: bool) -> list[str]:
    """No writer was refused, and none waited longer than is promised."""
    found = []
    for line in lines:
        if "failed" in line or ("refused" in line and not may_be_cut):
            found.append(f"a writer was told: {line}")
        elif form.longest_wait and not may_be_cut and line["seconds"] > form.longest_wait:
            found.append(f"a writer waited {line['seconds']:.2f} s")
    return found
