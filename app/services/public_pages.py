"""What the links in people's mailboxes do, and the link that stops, for mails to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import ConsentSubject, Purpose, TokenKind
from app.queries.public_tokens import HeldToken
from app.queries.requests import Case
from app.services import consent_subjects, public_stops, public_tokens, requests
from app.services.public_asks import HIMSELF
from app.services.public_stops import Press
from app.services.requests import NewRequest

MINE, STOP = "/p/mine", "/p/stop"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: a RequestKind, for whom of the mailbox, in which words."""

    kind: str
    who: str
    words: str = ""
    wanted: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


def stop_link(
    session: Session,
    subject_id: int,
    base_url: str,
    at: datetime,
    *,
    purposes: Sequence[int] = (),
) -> str:
    """The address that stops these purposes, or everything, for two years: for a mail's header."""
    scope = {"purposes": list(purposes)}
    token = public_tokens.issue(session, TokenKind.WITHDRAW, subject_id, at, scope=scope)
    return f"{base_url}{STOP}/{token}"


def stop(session: Session, held: HeldToken, language: str, at: datetime) -> list[int]:
    """Do what a link that stops is for; as often as one likes."""
    subject = session.get_one(ConsentSubject, held.subject_id)
    public_tokens.use(session, held.id, at)
    wanted = held.scope.get("purposes", [])
    return public_stops.stop(session, HIMSELF, subject, wanted, Press(language, STOP), at)


def withdraw(
    session: Session, held: HeldToken, what: tuple[str, str], language: str, at: datetime
) -> None:
    """Stop for one person of the mailbox (his place, or "" for all) one purpose (or "" for all).

    Raises NotFound for a person or a purpose that is not there.
    """
    who, slug = what
    purposes: list[int] = []
    if slug:
        found = session.scalar(select(Purpose.id).where(Purpose.slug == slug))
        if found is None:
            raise NotFound("there is no such purpose")
        purposes = [found]
    public_tokens.use(session, held.id, at)
    for subject in _subjects(session, held, who, at):
        public_stops.stop(session, HIMSELF, subject, purposes, Press(language, MINE), at)


def request(session: Session, held: HeldToken, wish: Wish, zone: ZoneInfo, at: datetime) -> Case:
    """Enter what one person of the mailbox asks for; its receipt goes to the mailbox, too.

    Raises NotFound for a person who is not there, Invalid for an unknown kind.
    """
    public_tokens.use(session, held.id, at)
    (subject,) = _subjects(session, held, wish.who or "0", at)
    new = NewRequest(
        kind=wish.kind,
        way="page",
        subject_id=subject.id,
        language=wish.language,
        words=wish.words,
        wanted=wish.wanted,
        email=held.scope["email"],
    )
    return requests.enter(session, HIMSELF, new, zone, at)


def _subjects(
    session: Session, held: HeldToken, who: str, at: datetime
) -> Sequence[ConsentSubject]:
    contacts, strangers = held.scope["contacts"], held.scope["subjects"]
    places = [*(("contact", one) for one in contacts), *(("subject", one) for one in strangers)]
    if who:
        places = [place for number, place in enumerate(places) if str(number) == who]
        if not places:
            raise NotFound("there is no such person")
    return [
        consent_subjects.of_contact(session, one, at)
        if kind == "contact"
        else session.get_one(ConsentSubject, one)
        for kind, one in places
    ]
