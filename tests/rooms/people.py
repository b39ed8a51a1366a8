"""People, for those who run the place."""

from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

RUN = "olga adam"


def eva(world: World) -> str:
    return f"/people/{world.portal.eva.id}"


def eva_at_work(world: World) -> str:
    """With a phone that has read, and a browser."""
    assert world.phone.cards
    return eva(world)


def dora(world: World) -> str:
    return f"/people/{world.dora.id}"


def person(**changes: str) -> dict[str, str]:
    new = {"name": "Ema Chytrá", "email": "ema@example.org", "roles": "dpo", "language": ""}
    return {**new, **changes}


ROOMS = [
    Room("people.index", lambda _: "/people", answers(RUN)),
    Room("people.new", lambda _: "/people/new", answers(RUN)),
    Room("people.show", eva_at_work, answers(RUN)),
    Room("people.show", dora, answers(RUN), "of the DPO"),
    Room("people.edit", lambda w: eva(w) + "/edit", answers(RUN)),
    Room("people.edit", lambda w: dora(w) + "/edit", answers("olga", "adam"), "of the DPO"),
]
DEEDS = [
    Deed("people.add", lambda _: "/people/new", lambda _: person(), answers("olga", "adam")),
    Deed(
        "people.change",
        lambda w: dora(w) + "/edit",
        lambda w: person(email=w.dora.email),
        answers("olga", "adam", done=303),
    ),
    Deed(
        "people.password",
        lambda w: dora(w) + "/password",
        lambda _: {},
        answers("olga", "adam"),
    ),
    Deed("people.enable", lambda w: eva(w) + "/enable", lambda _: {}, answers(RUN, done=303)),
    Deed("people.sign_out", lambda w: eva(w) + "/sign-out", lambda _: {}, answers(RUN, done=303)),
]
