"""The answer to who saw a contact, in words: pages, ways, fields, states."""

from app.queries.ledger import HoldingState
from app.web.texts import gettext, later

_PAGES = {
    "contacts": later("in the list of contacts"),
    "contact": later("on its own page"),
    "device": later("on the page of a device"),
    "import": later("on the page of an import"),
    "incident": later("in the list of a lost phone"),
    "overview": later("on the overview"),
    "project": later("on the page of a project"),
    "seen": later("on the page Who saw it"),
    "sight": later("on the page Who sees it"),
}
_WAYS = {
    "portal": later("in the portal"),
    "carddav": later("on a phone or in a program"),
    "export": later("could hand it out in a file"),
    "transfer": later("could hand it over to another organisation"),
}
_LEFT = {
    "export": later("in a file"),
    "print": later("on paper"),
    "transfer": later("handed over to another organisation"),
}
_FIELDS = {
    "caller": later("name, firm, phones"),
    "minimal": later("name, firm, position, phones, e-mails"),
    "standard": later("name, firm, position, phones, e-mails, addresses, web, photo"),
    "full": later("everything"),
}
_ON_DEVICES = later("everything but notes and identity numbers")
_GONE = {
    HoldingState.HELD: later("on the device"),
    HoldingState.DUE: later("to be taken back, the device has not connected since"),
    HoldingState.TOLD: later("told, not confirmed"),
    HoldingState.LISTED: later("got a list without it"),
    HoldingState.CONFIRMED: later("removal confirmed"),
    HoldingState.GIVEN_UP: later("cut off, not confirmed"),
}
_REPLACED = {
    HoldingState.DUE: later("there is a newer value, the device has not connected since"),
    HoldingState.TOLD: later("told of a newer value, not confirmed"),
    HoldingState.LISTED: later("got a list with a newer value"),
    HoldingState.CONFIRMED: later("newer value confirmed"),
    HoldingState.GIVEN_UP: later("cut off, not confirmed"),
}
_GOOD = {HoldingState.HELD.value, HoldingState.CONFIRMED.value}


def page(name: str) -> str:
    """On which page it was shown; a page that is not known is named as it is."""
    return gettext(_PAGES[name]) if name in _PAGES else name


def way(channel: str) -> str:
    """The way in which somebody could see it."""
    return gettext(_WAYS[channel])


def left(channel: str) -> str:
    """The way in which it left."""
    return gettext(_LEFT[channel])


def fields(profile: str, channel: str = "") -> str:
    """What leaves with a profile; on devices the widest holds less."""
    is_on_device = profile == "full" and channel == "carddav"
    return gettext(_ON_DEVICES if is_on_device else _FIELDS[profile])


def state(value: str, *, is_replaced: bool) -> str:
    """How far a value has come that a device was given."""
    return gettext((_REPLACED if is_replaced else _GONE)[HoldingState(value)])


def tone(value: str) -> str:
    """The colour of such a state."""
    if value == HoldingState.GIVEN_UP.value:
        return "k-alarm"
    return "k-ok" if value in _GOOD else "k-wait"
