"""Contacts: the list."""

from tests.rooms.room import EVERYBODY, Deed, Room, answers

ROOMS = [
    Room("contacts.index", lambda _: "/contacts", answers(EVERYBODY)),
    Room("contacts.index", lambda _: "/contacts?q=novot", answers(EVERYBODY), "search"),
    Room("contacts.index", lambda _: "/contacts?q=nikdo", answers(EVERYBODY), "nothing fits"),
]
DEEDS: list[Deed] = []
