"""The way in for the people in the cards, their own page, and the link that stops."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.models import ContactPoint, LegalBasis, OutboxMessage, TokenKind
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import BasisKind, PointKind
from app.queries import public_tokens as held_tokens
from app.services import (
    consent_subjects,
    consents,
    notices,
    public_pages,
    public_tokens,
    purposes,
    requests,
    typed_stops,
)
from app.services.audit import OPERATOR
from app.services.consent_acts import Act
from app.services.notices import NewNotice
from app.services.public_asks import HIMSELF, Way
from app.services.public_pages import Wish
from app.services.purposes import Terms
from tests.rooms.room import Deed, Outside, Room
from tests.rooms.world import World

EMAIL = "karel.novotny@example.org"
WORDS = "I agree that you write to me about new projects in my town, at most once a month."
HOURS = timedelta(hours=2)


def agreed(world: World) -> int:
    """Karel, who has an address and agreed to a newsletter; the id of its purpose."""
    told = Terms(media=("email", "sms"), is_marketing=True, validity="P2Y")
    before = world.at - HOURS
    with world.portal.sessions.write() as session:
        session.add(
            ContactPoint(contact_id=world.contact.id, kind=PointKind.EMAIL, value=EMAIL, norm=EMAIL)
        )
        news = purposes.add(session, OPERATOR, "news", "News from our projects", before, terms=told)
        new = NewNotice(news.id, "en", "We write to you.")
        draft = notices.draft(session, OPERATOR, new, before)
        notice = notices.publish(session, OPERATOR, draft.id, before)
        act = Act(
            ConsentType.GIVEN,
            news.id,
            notice_id=notice.id,
            expression=Expression.BUTTON,
            statement=WORDS,
            language="en",
        )
        subject = consent_subjects.of_contact(session, world.contact.id, before)
        consents.record(session, HIMSELF, subject, act, before)
        session.add(
            LegalBasis(
                contact_id=world.contact.id,
                purpose_id=news.id,
                kind=BasisKind.OWN_CUSTOMER,
                valid_from=before,
            )
        )
        return news.id


def mine(world: World, term: timedelta | None = None) -> str:
    """The link to Karel's own page."""
    agreed(world)
    return link(world, [world.contact.id], term)


def shared(world: World) -> str:
    """The link of a mailbox that two people share."""
    agreed(world)
    return link(world, [one.id for one in world.portal.contacts[:2]])


def asked(world: World) -> str:
    """The link of somebody who was asked and is no contact yet."""
    with world.portal.sessions.write() as session:
        subject = consent_subjects.unknown(session, world.at)
        scope = {"contacts": [], "subjects": [subject.id], "email": EMAIL}
        token = public_tokens.issue(session, TokenKind.PREFERENCES, None, world.at, scope=scope)
    return f"/p/mine/{token}"


def over(world: World) -> str:
    """A link that is over."""
    return mine(world, timedelta(0))


def all_stopped(world: World) -> str:
    """Karel's page after he stopped everything."""
    address = mine(world)
    with world.portal.sessions.write() as session:
        held = held_tokens.of_mailbox(session, address.rpartition("/")[2], world.at)
        assert held is not None
        public_pages.withdraw(session, held, ("", ""), "en", world.at)
    return address


def stop(world: World) -> str:
    """The link that stops the newsletter."""
    news = agreed(world)
    with world.portal.sessions.write() as session:
        subject = consent_subjects.of_contact(session, world.contact.id, world.at)
        return public_pages.stop_link(session, subject.id, "", world.at, purposes=[news])


def stop_everything(world: World) -> str:
    """The link that stops everything."""
    agreed(world)
    with world.portal.sessions.write() as session:
        subject = consent_subjects.of_contact(session, world.contact.id, world.at)
        return public_pages.stop_link(session, subject.id, "", world.at)


def stopped(world: World) -> str:
    """The same, after it was used."""
    address = stop(world)
    with world.portal.sessions.write() as session:
        held = held_tokens.of_stop(session, address.rpartition("/")[2], world.at)
        assert held is not None
        public_pages.stop(session, held, "en", world.at)
    return address


def undo(world: World) -> str:
    """The link of somebody whose address was typed on the page that takes off the list."""
    agreed(world)
    way = Way(world.portal.ring, "", "en")
    with world.portal.sessions.write() as session:
        typed_stops.off(session, EMAIL, way, world.at)
        query = select(OutboxMessage.body).where(OutboxMessage.cause == typed_stops.CAUSE)
        body = session.scalars(query.order_by(OutboxMessage.id.desc())).first() or ""
    found = re.search(r"/p/undo/[\w-]+", body)
    assert found, body
    return found[0]


def undone(world: World) -> str:
    """The same, after it was used."""
    address = undo(world)
    with world.portal.sessions.write() as session:
        held = held_tokens.of_undoing(session, address.rpartition("/")[2], world.at)
        assert held is not None
        typed_stops.undo(session, held, world.at)
    return address


def link(world: World, contacts: list[int], term: timedelta | None = None) -> str:
    scope = {"contacts": contacts, "subjects": [], "email": EMAIL}
    with world.portal.sessions.write() as session:
        kind = TokenKind.PREFERENCES
        token = public_tokens.issue(session, kind, None, world.at, scope=scope, term=term)
    _ = world.phone
    return f"/p/mine/{token}"


def wish(world: World, kind: str = "erasure") -> str:
    """The page that asks for something."""
    return f"{mine(world)}/ask/{kind}"


def receipt(world: World, outcome: str = "") -> str:
    """The receipt of a request, and what became of it."""
    address = mine(world)
    with world.portal.sessions.write() as session:
        held = held_tokens.of_mailbox(session, address.rpartition("/")[2], world.at)
        assert held is not None
        wanted = {"phone": "+420 601 123 456"}
        said = Wish("rectification", "0", "My number is an old one.", wanted, "en")
        zone = world.portal.app.extensions["kustod"].settings.zone
        case = public_pages.request(session, held, said, zone, world.at)
        if outcome:
            args = (session, OPERATOR, case.number, outcome, "It is corrected.", zone)
            requests.close(*args, world.at + HOURS)
    return f"{address}/requests/{case.number}"


def mine_with_requests(world: World) -> str:
    """His page with the history of what he asked for."""
    return receipt(world, "done").partition("/requests/")[0]


ROOMS: list[Room] = []
DEEDS: list[Deed] = []
OUTSIDE = [
    Outside("public.index", lambda _: "/p/"),
    Outside("public.index", lambda _: "/p/nothing", 404, "nothing there"),
    Outside("public.ask", lambda _: "/p/ask"),
    Outside("public.sent", lambda _: "/p/ask/sent"),
    Outside("public.off", lambda _: "/p/off"),
    Outside("public.taken_off", lambda _: "/p/off/done"),
    Outside("public.undo", undo),
    Outside("public.undo", undone, name="done"),
    Outside("public.mine", mine),
    Outside("public.mine", shared, name="of a shared mailbox"),
    Outside("public.mine", asked, name="of somebody who was asked"),
    Outside("public.mine", all_stopped, name="all stopped"),
    Outside("public.mine", over, 404, "over"),
    Outside("public.mine", mine_with_requests, name="with requests"),
    Outside("public_requests.ask", wish),
    Outside("public_requests.ask", lambda w: wish(w, "rectification"), name="what is wrong"),
    Outside("public_requests.ask", lambda w: wish(w, "freedom"), 404, "no such thing"),
    Outside("public_requests.ask", lambda w: f"{over(w)}/ask/access", 404, "over"),
    Outside("public_requests.receipt", receipt),
    Outside("public_requests.receipt", lambda w: receipt(w, "refused"), name="answered"),
    Outside("public_requests.receipt", lambda w: f"{over(w)}/requests/x", 404, "over"),
    Outside("public.stop", stop),
    Outside("public.stop", stop_everything, name="everything"),
    Outside("public.stop", stopped, name="done"),
]
