"""Signing in and out, and one's own account."""

from tests.rooms.room import EVERYBODY, Deed, Room, answers

ROOMS = [Room("language.account", lambda _: "/account", answers(EVERYBODY))]
DEEDS = [Deed("auth.sign_out", lambda _: "/sign-out", lambda _: {}, answers(EVERYBODY, done=303))]
