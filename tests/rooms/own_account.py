"""One's own account: sign-ins and the password."""

from tests.portal import PASSWORD
from tests.rooms.room import EVERYBODY, Deed, Room, answers

ANOTHER = "battery horse correct"

ROOMS = [Room("own_account.password", lambda _: "/account/password", answers(EVERYBODY))]
DEEDS = [
    Deed(
        "own_account.change_password",
        lambda _: "/account/password",
        lambda _: {"present": PASSWORD, "fresh": ANOTHER, "again": ANOTHER},
        answers(EVERYBODY, done=303),
    ),
    Deed(
        "own_account.sign_out_others",
        lambda _: "/account/sign-out-others",
        lambda _: {},
        answers(EVERYBODY, done=303),
    ),
    Deed(
        "own_account.sign_out_one",
        lambda _: "/account/sign-out/1",
        lambda _: {},
        answers(EVERYBODY, done=303),
    ),
]
