"""Teams, for those who run the place."""

from sqlalchemy import select

from app.models import Team
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

RUN = "olga adam"


def team(world: World) -> str:
    """Jan's team, which has a grant."""
    with world.portal.sessions.read() as session:
        return f"/teams/{session.scalars(select(Team.slug)).one()}"


ROOMS = [
    Room("teams.index", lambda _: "/teams", answers(RUN)),
    Room("teams.new", lambda _: "/teams/new", answers(RUN)),
    Room("teams.show", team, answers(RUN)),
]
DEEDS = [
    Deed("teams.add", lambda _: "/teams/new", lambda _: {"name": "Nákup"}, answers(RUN, done=303)),
    Deed(
        "teams.join",
        lambda w: team(w) + "/members",
        lambda w: {"person": str(w.portal.eva.id), "start": "", "until": "2026-12-31"},
        answers(RUN, done=303),
    ),
    Deed(
        "teams.end",
        lambda w: team(w) + "/end",
        lambda w: {"person": str(w.portal.jan.id)},
        answers(RUN, done=303),
    ),
]
