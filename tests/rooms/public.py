"""The way in for the people in the cards."""

from tests.rooms.room import Deed, Outside, Room

ROOMS: list[Room] = []
DEEDS: list[Deed] = []
OUTSIDE = [
    Outside("public.index", lambda _: "/p/"),
    Outside("public.index", lambda _: "/p/nothing", 404, "nothing there"),
]
