"""Who sees one contact, through what, and what shuts it: the policy asked for everybody at once.

A number of statements that never grows: the clauses themselves are asked with the ids of the
outer row (`app.policy.each`). For an instant in the past, facts stand as they stood then, as in
app.queries.access.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.models import Contact, Directory, RoleName, User
from app.policy import (
    VETOES,
    Action,
    Channel,
    Ruling,
    Viewer,
    allowed,
    in_role,
    visible,
)
from app.queries import access, contacts, openings, verdicts, whereabouts
from app.queries.access import World
from app.queries.ledger import HoldingState
from app.queries.openings import Bar, Opening
from app.queries.reasons import REASONS, Reason
from app.queries.verdicts import Verdict
from app.queries.whereabouts import OWING, Whereabouts

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """The contact in question, whether the one who asks sees it, and whether he may ask."""

    contact_id: int
    sees: bool
    may_ask: bool


@dataclass(frozen=True, slots=True)
class Phone:
    """A device of a colleague: whether it may have the contact, and where the card is.

    `card` is None while it was not given any.
    """

    device_id: str
    name: str
    may_have: bool
    card: Whereabouts | None

    @property
    def may_be_there(self) -> bool:
        """Whether the card may be on it."""
        return self.card is not None and self.card.may_be_there


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague whom some rule lets see the contact, or whose phone has or had it.

    `fields` is a profile; `shut_by` are the clauses that shut, by name.
    """

    user_id: int
    name: str
    email: str
    is_visible: bool
    fields: int
    openings: tuple[Opening, ...]
    shut_by: tuple[str, ...]
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Sights:
    """Who sees one contact over one channel at one instant.

    `counts` are people over each channel; `stored` the devices that have the card, `owners` the
    people whose they are, `owing` the devices that have not confirmed its removal. `changes` are
    the instants up to now at which the answer
    may have changed, the newest first.
    """

    name: str
    persons: tuple[Person, ...]
    counts: dict[Channel, int]
    stored: int
    owners: int
    owing: int
    bars: tuple[Bar, ...]
    changes: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the policy about one colleague, with what it means, and whether it decides."""

    is_veto: bool
    holds: bool
    decides: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Why:
    """Whether one colleague sees the contact, and every clause, the decisive ones first."""

    name: str
    is_visible: bool
    clauses: tuple[Clause, ...]


def asking(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Asking | None:
    """Whether he may ask: who manages the home directory, and the DPO.

    None where he may not know that the contact is there.
    """
    manages = exists(
        select(Directory.id)
        .where(Directory.id == Contact.directory_id, allowed(viewer, Action.MANAGE, at))
        .correlate(Contact)
    )
    watches = in_role(viewer, RoleName.DPO, at=at)
    sees = visible(viewer, Channel.PORTAL, at)
    query = select(Contact.id, sees, or_(manages, watches)).where(Contact.public_id == public_id)
    found = [Asking(*row) for row in session.execute(query)]
    return next((asked for asked in found if asked.sees or asked.may_ask), None)


def of_contact(
    session: Session, contact_id: int, channel: Channel, at: datetime, now: datetime
) -> Sights:
    """Who sees the contact `at`, asked `now`: past the viewer, for who has leave to know."""
    world = access.facts_about(session, contact_id, BEGINNING, max(at, now) + _MOMENT)
    changes = _changes(world, now)
    _lay_back(world, at, now)
    said = {way: verdicts.of_all(session, world, way, at) for way in openings.CHANNELS}
    through = openings.of_everybody(session, world, channel, at)
    phones = _phones(session, world, said[Channel.CARDDAV], at, now)
    card = contacts.whole(session, contact_id)
    states = [[p.card.state for p in own if p.card] for _, _, own in phones.values()]
    held = [one.count(HoldingState.HELD) for one in states]
    shown = {} if channel is Channel.EXPORT else phones
    return Sights(
        name=card.shown_name(),
        persons=tuple(_persons(said[channel], through, shown)),
        counts={
            way: len({v.user_id for v in all_of if v.is_visible}) for way, all_of in said.items()
        },
        stored=sum(held),
        owners=sum(count > 0 for count in held),
        owing=sum(state in OWING for one in states for state in one),
        bars=openings.bars(session, world, at),
        changes=changes,
    )


def why(
    session: Session, contact_id: int, user_id: int, channel: Channel, at: datetime, now: datetime
) -> Why | None:
    """Every clause about one colleague; on a phone about the one that comes nearest to seeing.

    None where there is no such colleague.
    """
    world = access.facts_about(session, contact_id, BEGINNING, at + _MOMENT)
    _lay_back(world, at, now)
    found = verdicts.of_one(session, world, user_id, channel, at)
    if not found:
        return None
    best = min(found, key=lambda verdict: (not verdict.is_visible, len(verdict.shut_by)))
    clauses = [_clause(ruling, best) for ruling in best.rulings]
    clauses.sort(key=lambda clause: (not clause.decides, not clause.is_veto))
    return Why(best.name, best.is_visible, tuple(clauses))


def colleagues(session: Session) -> list[tuple[int, str, str]]:
    """Everybody who could be asked about: id, name, e-mail, in the order of names."""
    query = select(User.id, User.name, User.email).order_by(User.name, User.email)
    return [(user_id, name, email) for user_id, name, email in session.execute(query)]


def _clause(ruling: Ruling, verdict: Verdict) -> Clause:
    """A veto that holds decides; so does what opens, or where nothing does, that nothing does."""
    is_veto = ruling.kind == "veto"
    is_open = any(one.holds for one in verdict.rulings if one.kind == "grant")
    opens = ruling.holds if verdict.is_visible else not is_open
    decides = ruling.holds if is_veto else opens
    return Clause(is_veto, ruling.holds, decides, REASONS[ruling.name])


def _persons(
    said: list[Verdict],
    through: dict[int, list[Opening]],
    phones: dict[int, tuple[str, str, list[Phone]]],
) -> list[Person]:
    by_user: dict[int, list[Verdict]] = defaultdict(list)
    for verdict in said:
        by_user[verdict.user_id].append(verdict)
    found = []
    for user_id in {**by_user, **phones}:
        said = by_user.get(user_id, [])
        name, email, own = phones.get(user_id, ("", "", []))
        shutting = set.intersection(*(v.shut_by for v in said)) if said else set()
        found.append(
            Person(
                user_id=user_id,
                name=said[0].name if said else name,
                email=said[0].email if said else email,
                is_visible=any(verdict.is_visible for verdict in said),
                fields=max((v.fields for v in said if v.is_visible), default=0),
                openings=tuple(through.get(user_id, ())),
                shut_by=tuple(veto.__name__ for veto in VETOES if veto.__name__ in shutting),
                phones=tuple(own),
            )
        )
    return sorted(
        found, key=lambda who: (not who.is_visible, not who.openings, who.name, who.email)
    )


def _phones(
    session: Session, world: World, said: list[Verdict], at: datetime, now: datetime
) -> dict[int, tuple[str, str, list[Phone]]]:
    """The devices that may have the contact or were given it: by user, with his name."""
    seeing = {v.device_id: v for v in said if v.device_id and v.is_visible}
    cards = whereabouts.of_contact(session, world.contact_id, seeing, at, now)
    owners = {email: user_id for user_id, _, email in colleagues(session)}
    found: dict[int, tuple[str, str, list[Phone]]] = {}
    for card in cards:
        own = found.setdefault(owners[card.email], (card.user, card.email, []))
        own[2].append(Phone(card.device_id, card.device, card.device_id in seeing, card))
    given = {card.device_id for card in cards}
    for device_id, verdict in seeing.items():
        if device_id not in given:
            own = found.setdefault(verdict.user_id, (verdict.name, verdict.email, []))
            own[2].append(Phone(device_id, verdict.device, may_have=True, card=None))
    return found


def _lay_back(world: World, at: datetime, now: datetime) -> None:
    """For the present, facts count as they stand, whatever the database's clock says of edits."""
    if at >= now:
        world.edits = []


def _changes(world: World, now: datetime) -> tuple[datetime, ...]:
    turns = set[datetime]().union(*(world.turns[who] for who in [None, *world.users]))
    edits = {edit.until for edit in world.edits}
    return tuple(sorted((at for at in turns | edits if at <= now), reverse=True))
