"""The exposure map of one contact: why, who, where it is stored; boxes and lines with words."""

from datetime import datetime, timedelta

from babel.dates import format_date

from app.queries.ledger import HoldingState
from app.queries.openings import Opening
from app.queries.sight import Person, Phone, Sights
from app.web import maps
from app.web.maps import Link, Node, Picture
from app.web.portal import portal
from app.web.texts import gettext, later, locale, ngettext

OPEN_END_YEAR = 9999

STATES = {
    HoldingState.HELD: later("on the device"),
    HoldingState.DUE: later("not connected since"),
    HoldingState.TOLD: later("told, not confirmed"),
    HoldingState.LISTED: later("got a list without it"),
    HoldingState.CONFIRMED: later("removal confirmed"),
    HoldingState.GIVEN_UP: later("cut off, not confirmed"),
}
_LOOKS = {HoldingState.HELD: "", HoldingState.GIVEN_UP: "lost"}
_OWING = "owing"


def exposure(found: Sights, *, is_unfolded: bool) -> Picture:
    """The map; people over whom the contact is shut are drawn where they would see it."""
    shown = _shown(found)
    why, links = _reasons(shown)
    people = [
        Node(f"who {who.user_id}", who.name, look="" if who.is_visible else "shut") for who in shown
    ]
    where = [_device(phone) for who in shown for phone in _held(who)]
    links += [
        Link(f"who {who.user_id}", f"on {phone.device_id}", _look(phone))
        for who in shown
        for phone in _held(who)
    ]
    if not is_unfolded:
        people, links = maps.fold(people, links, _teams(shown), _team)
        where, links = maps.fold(where, links, _owners(links), _devices)
        why, links = maps.fold(why, links, {node.key: node.title for node in why}, _ways)
    return maps.draw((why, people, where), links)


def counted(found: Sights) -> tuple[int, int, int]:
    """How many rules, people and devices a map of it shows."""
    shown = _shown(found)
    rules = {opening for who in shown for opening in who.openings}
    return len(rules), len(shown), sum(len(_held(who)) for who in shown)


def is_folded(picture: Picture) -> bool:
    """Whether some box stands for several rules, people or devices."""
    return any(box.node.key.startswith(("team ", "devices ", "ways ")) for box in picture.boxes)


def day(end: datetime) -> str:
    """The last day before an end, in the organisation's zone."""
    last = (end - timedelta(microseconds=1)).astimezone(portal().settings.zone)
    return format_date(last, "medium", locale()).replace(" ", "\u00a0")


def until(opening: Opening) -> str:
    """Until when, in words; "" without end."""
    if opening.until.year == OPEN_END_YEAR:
        return ""
    return gettext("until %(day)s", day=day(opening.until))


def _shown(found: Sights) -> list[Person]:
    return [who for who in found.persons if who.is_visible or _held(who) or found.bars]


def _held(who: Person) -> list[Phone]:
    return [phone for phone in who.phones if phone.may_be_there]


def _reasons(shown: list[Person]) -> tuple[list[Node], list[Link]]:
    nodes: dict[Opening, Node] = {}
    links = []
    for who in shown:
        for opening in who.openings:
            node = nodes.setdefault(opening, _reason(opening, len(nodes)))
            links.append(Link(node.key, f"who {who.user_id}", "" if who.is_visible else "shut"))
    return list(nodes.values()), links


def _reason(opening: Opening, number: int) -> Node:
    title = (
        gettext("Project: %(name)s", name=opening.name)
        if opening.is_project
        else gettext("Directory: %(name)s", name=opening.name)
    )
    team = gettext("Team: %(name)s", name=opening.team) if opening.team else ""
    charge = gettext("assigned ones") if opening.is_assigned else ""
    said = [team, charge, until(opening) or gettext("without an end")]
    return Node(f"why {number}", title, " · ".join(filter(None, said)))


def _device(phone: Phone) -> Node:
    state = phone.card.state if phone.card else HoldingState.HELD
    return Node(f"on {phone.device_id}", phone.name, gettext(STATES[state]), _look(phone))


def _look(phone: Phone) -> str:
    return _LOOKS.get(phone.card.state, _OWING) if phone.card else ""


def _teams(shown: list[Person]) -> dict[str, str]:
    return {
        f"who {who.user_id}": next((one.team for one in who.openings if one.team), "")
        for who in shown
    }


def _team(name: str, members: list[Node]) -> Node:
    count = len(members)
    look = "" if any(not node.look for node in members) else members[0].look
    note = ngettext("%(count)s person", "%(count)s people", count)
    return Node(f"team {name}", name or gettext("Other colleagues"), note, look)


def _ways(title: str, members: list[Node]) -> Node:
    note = ngettext("access given %(count)s time", "access given %(count)s times", len(members))
    return Node(f"ways {title}", title, note)


def _owners(links: list[Link]) -> dict[str, str]:
    return {link.end: link.start for link in links if link.end.startswith("on ")}


def _devices(owner: str, members: list[Node]) -> Node:
    owing = sum(bool(node.look) for node in members)
    title = ngettext("%(count)s device", "%(count)s devices", len(members))
    note = ngettext("%(count)s not confirmed", "%(count)s not confirmed", owing) if owing else ""
    return Node(
        f"devices {owner}", title, note or gettext("on the device"), _OWING if owing else ""
    )
