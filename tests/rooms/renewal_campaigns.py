"""Consents that end soon, asking anew, and the page behind the link of that mail."""

from datetime import timedelta

from app.models import TokenKind
from app.models.kinds import ActorKind
from app.models.renewing import RenewalInvitation
from app.policy import Viewer
from app.services import public_tokens, renewal_campaigns
from app.services.audit import Actor
from app.services.renewal_campaigns import Way
from tests.rooms.form_builder import reached
from tests.rooms.public import agreed
from tests.rooms.room import Deed, Outside, Room, answers
from tests.rooms.world import World

MANAGES = "olga"


def near(world: World) -> str:
    """Karel agreed two years ago, and it ends in a month."""
    reached(world)
    agreed(world)
    world.portal.clock.tick(days=700)
    return "/consents/ending"


def campaign(world: World) -> str:
    """One whose message waits in the outbox."""
    near(world)
    with world.portal.sessions.write() as session:
        who, viewer = Actor(ActorKind.USER, world.olga.id), Viewer(world.olga.id)
        way = Way("http://127.0.0.1:8080", "en")
        row = renewal_campaigns.start(session, who, viewer, "news", way, world.at)
        return f"/consents/ending/asked/{row.public_id}"


def link(world: World, state: str = "waits") -> str:
    """The link of a mail, in one of its states."""
    campaign(world)
    at = world.at
    with world.portal.sessions.write() as session:
        row = session.query(RenewalInvitation).one()
        scope = {"renewal": row.nonce}
        token = public_tokens.issue(
            session, TokenKind.CONFIRM, row.subject_id, at, scope=scope, term=timedelta(days=60)
        )
        if state == "renewed":
            renewal_campaigns.renew(session, world.portal.ring, row.id, at)
    if state == "over":
        world.portal.clock.tick(days=61)
    return f"/p/r/{token}"


ROOMS = [
    Room("renewal_campaigns.ending", lambda _: "/consents/ending", answers(MANAGES), "nothing"),
    Room("renewal_campaigns.ending", near, answers(MANAGES)),
    Room("renewal_campaigns.index", lambda _: "/consents/ending/asked", answers(MANAGES), "none"),
    Room("renewal_campaigns.index", lambda w: campaign(w).rpartition("/")[0], answers(MANAGES)),
    Room("renewal_campaigns.check", lambda w: near(w) + "/ask?purpose=news", answers(MANAGES)),
    Room(
        "renewal_campaigns.check",
        lambda w: (campaign(w), "/consents/ending/ask?purpose=news")[1],
        answers(MANAGES),
        "asked already",
    ),
    Room("renewal_campaigns.show", campaign, answers(MANAGES)),
]
DEEDS = [
    Deed(
        "renewal_campaigns.start",
        lambda w: near(w) + "/ask",
        lambda _: {"purpose": "news"},
        answers(MANAGES, done=303),
    ),
    Deed(
        "renewal_campaigns.start",
        lambda w: (campaign(w), "/consents/ending/ask")[1],
        lambda _: {"purpose": "news"},
        answers(MANAGES, done=303),
        "a second time",
    ),
    Deed(
        "renewal_campaigns.cancel",
        lambda w: campaign(w) + "/cancel",
        lambda _: {},
        answers(MANAGES, done=303),
    ),
]
OUTSIDE = [
    Outside("public_renewals.show", link),
    Outside("public_renewals.show", lambda w: link(w, "renewed"), name="renewed"),
    Outside("public_renewals.show", lambda w: link(w, "over"), name="too old"),
    Outside("public_renewals.show", lambda _: "/p/r/none", 404, "not there"),
]
