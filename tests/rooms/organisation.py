"""What the organisation says of itself."""

from tests.rooms.room import Deed, Room, answers

ROOMS = [Room("organisation.show", lambda _: "/organisation", answers("olga adam"))]
DEEDS = [
    Deed(
        "organisation.change",
        lambda _: "/organisation",
        lambda _: {"name": "Stavby Haná", "help_email": "", "help_phone": "", "phone_policy": ""},
        answers("olga adam", done=303),
    )
]
