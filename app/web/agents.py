"""Browsers and programs in words that their owner knows: Firefox, Windows, DAVx⁵."""

import re

# The first that is found counts: browsers name one another.
_BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "CriOS", "FxiOS", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "CriOS": "Chrome", "FxiOS": "Firefox"}
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_UNKNOWN_LENGTH = 60

_PROGRAMS = {
    "davx": "DAVx⁵",
    "evolution": "Evolution",
    "ios": "iPhone",
    "mac os x": "Mac",
    "macos": "Mac",
    "thunderbird": "Thunderbird",
    "vdirsyncer": "vdirsyncer",
}


def browser_name(agent: str) -> str:
    """The browser and the system behind a User-Agent; what is unknown stays as it is, cut."""
    browser = next((name for name in _BROWSERS if re.search(rf"\b{name}/", agent)), "")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    found = ", ".join(filter(None, (_NAMES.get(browser, browser), system)))
    return found or agent[:_UNKNOWN_LENGTH]


def program_name(family: str) -> str:
    """A program that reads contacts, by the family that its requests name; unknown ones as is."""
    return _PROGRAMS.get(family, family)
