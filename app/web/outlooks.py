"""What the pages about chosen contacts share: what they count, and whether it still holds."""

import re
from collections.abc import Callable

from flask import abort, redirect, render_template, request
from werkzeug.wrappers import Response

from app.policy import Channel
from app.queries import contacts, selections
from app.queries.selections import LIMIT, Act, Choice, Outlook
from app.web import notices
from app.web.access import actor, user, viewer, visit
from app.web.choosing import listed, pairs
from app.web.listing import said_of
from app.web.portal import portal
from app.web.templating import number

SHOWN = 10
"""As many contacts are named before the act."""
_COUNTS = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.[0-9a-f]{16}")


def page(template: str, choice: Choice, outlook: Outlook, **values: object) -> str:
    """A page about the choice with the first names of it; 404 where there is nobody."""
    if not outlook.chosen:
        abort(404)
    at, some = visit().at, [one.public_id for one in outlook.touched[:SHOWN]]
    with portal().sessions.read() as session:
        cards = contacts.several(session, viewer(), Channel.PORTAL, some, at)
    if request.method == "GET":
        portal().gatherer.shown(user().user_id, "contacts", some, at)
    return render_template(
        template,
        outlook=outlook,
        pairs=pairs(choice),
        named=[cards[one] for one in some if one in cards],
        expected=_expected(choice),
        before=_before(),
        limit=LIMIT,
        back=listed(said_of(choice.asked)),
        **values,
    )


def done(way: str, said: str, outlook: Outlook, name: str = "") -> Response:
    """The way to where the result is seen, with a word about it."""
    counted = number(len(outlook.touched))
    return notices.say(redirect(way, code=303), said, name=name, number=counted)


def seen(choice: Choice, act: Act) -> Outlook:
    """What the act would do, to be looked at."""
    with portal().sessions.read() as session:
        return selections.outlook(session, viewer(), choice, act, visit().at)


def acted(choice: Choice, act: Act, do: Callable[..., object]) -> tuple[Outlook, bool]:
    """What the act does now, and whether it was done: only what the page said, and all of it."""
    at = visit().at
    with portal().sessions.write() as session:
        outlook = selections.outlook(session, viewer(), choice, act, at)
        agreed = _is_agreed(outlook)
        if agreed:
            touched = [one.id for one in outlook.touched]
            do(session, actor(), contact_ids=touched, at=at)
    return outlook, agreed


def _is_agreed(outlook: Outlook) -> bool:
    """Whether there is something to do, and it is what the page said."""
    return bool(outlook.touched) and outlook.counts == request.form.get("counts", "")


def _before() -> tuple[int, int] | None:
    """How many were chosen and how many of them would be touched when the button was shown."""
    said = _COUNTS.fullmatch(request.form.get("counts", ""))
    return (int(said[1]), int(said[2])) if said else None


def _expected(choice: Choice) -> int:
    """How many the list said there are; 0 where it is not known any more."""
    if not choice.is_all:
        return len(choice.ticked)
    said = request.args.get("count", "")
    return int(said) if re.fullmatch("[0-9]{1,4}", said) else 0
