"""What ends soon, for those who can renew it."""

from datetime import timedelta

from app.models import Grant, Project
from tests import factories as make
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

DAY = timedelta(days=1)


def ends(world: World) -> str:
    """Eva's access and the project of Olga end soon, and Jan's team has had its own for a year."""
    with world.portal.sessions.write() as session:
        eva = session.get_one(Grant, world.portal.grant_id)
        eva.valid_from, eva.valid_until = world.at - 60 * DAY, world.at + 10 * DAY
        session.get_one(Project, world.project.id).ends_at = world.at + 25 * DAY
    return "/renewals"


def _review(world: World) -> dict[str, str]:
    with world.portal.sessions.write() as session:
        team = make.team(session, world.portal.dana)
        return {"what": f"review-{make.grant(session, world.directory, team).id}"}


def _access(world: World) -> dict[str, str]:
    ends(world)
    until = (world.at + 99 * DAY).date().isoformat()
    return {"what": f"access-{world.portal.grant_id}", "until": until, "reason": "still needed"}


ROOMS = [
    Room("renewals.index", lambda _: "/renewals", answers(EVERYBODY)),
    Room("renewals.index", ends, answers(EVERYBODY), "two ends and a review"),
]
DEEDS = [
    Deed("renewals.renew", lambda _: "/renewals", _access, answers("olga", done=303)),
    Deed("renewals.confirm", lambda _: "/renewals/right", _review, answers("olga", done=303)),
    Deed("renewals.end", lambda _: "/renewals/end", _review, answers("olga", done=303)),
]
