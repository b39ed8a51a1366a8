"""Reminding somebody from a board of what has to come back."""

from sqlalchemy import select

from app.models import User
from app.services import accounts
from app.services.audit import OPERATOR
from tests.rooms import projects
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World


def email(world: World, name: str) -> dict[str, str]:
    with world.portal.sessions.read() as session:
        return {"email": session.scalars(select(User.email).where(User.name == name)).one()}


def gone(world: World) -> str:
    """The board of somebody who left, and whose phone is silent."""
    projects.alone(world, "Jana Tichá", ("Pixel 8",))
    with world.portal.sessions.write() as session:
        jana = session.scalars(select(User).where(User.name == "Jana Tichá")).one()
        accounts.disable_user(session, OPERATOR, jana.id, world.at)
        return f"/people/{jana.id}/take-back"


ROOMS: list[Room] = []
DEEDS = [
    Deed(
        "reminders.in_project",
        lambda w: projects.half_back(w) + "/remind",
        lambda w: email(w, "Łukasz Żak"),
        answers("olga dora", "eva", done=303),
    ),
    Deed(
        "reminders.of_person",
        lambda w: gone(w) + "/remind",
        lambda w: email(w, "Jana Tichá"),
        answers("olga adam dora", done=303),
    ),
]
