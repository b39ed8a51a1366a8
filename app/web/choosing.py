"""How contacts that are chosen in the list travel: as ticks, or as the question itself.

The same values stand in an address and in the hidden fields of a form. Those who match a
question are never listed in it: the server asks the question again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.policy import Action
from app.queries import sessions
from app.queries.filters import Asked
from app.queries.selections import LIMIT, Choice
from app.web.access import viewer, visit
from app.web.forms import PUBLIC_ID
from app.web.listing import asked_in, said_of
from app.web.portal import portal

ONE_BY_ONE, PAGE, ALL, MISSED = "1", "page", "all", "none"
"""Ticks to set, all of this page ticked, all that match the question; nothing was ticked."""
_LONG = 80


@dataclass(frozen=True, slots=True)
class Choosing:
    """The list while contacts are chosen in it: how, and what can be done to them.

    `ways` are addresses: of ticks, of this page, of all, and of the list as it was.
    """

    mode: str
    total: int
    ways: dict[str, str]
    pairs: list[tuple[str, str]]
    manages: bool
    exports: bool

    @property
    def is_all(self) -> bool:
        """Whether all that match are chosen."""
        return self.mode == ALL

    @property
    def fits(self) -> bool:
        """Whether all that match may be chosen at once."""
        return self.total <= LIMIT


def choosing_in(said: Mapping[str, str], asked: Asked, after: str, total: int) -> Choosing | None:
    """How contacts are chosen in this list; None where they are not."""
    mode = said.get("choose", "")
    if mode not in {ONE_BY_ONE, PAGE, ALL, MISSED} or not total:
        return None
    if mode == ALL and total > LIMIT:
        mode = ONE_BY_ONE
    here = said_of(asked) | ({"after": after} if after else {})
    is_all = mode == ALL
    counted = [("count", str(total))] if is_all else []
    with portal().sessions.read() as session:
        manages, exports = (
            sessions.may_anywhere(session, viewer(), action, visit().at)
            for action in (Action.MANAGE, Action.EXPORT)
        )
    return Choosing(
        mode=mode,
        total=total,
        ways={
            "ticks": listed(here | {"choose": ONE_BY_ONE}),
            "page": listed(here | {"choose": PAGE}),
            "all": listed(here | {"choose": ALL}),
            "list": listed(here),
        },
        pairs=pairs(Choice(asked, is_all=is_all)) + counted,
        manages=manages,
        exports=exports,
    )


def choice_in(said: MultiDict[str, str]) -> Choice:
    """The choice in an address or a form; what makes no sense there is passed over."""
    asked = asked_in(said)
    if said.get("all"):
        return Choice(asked, is_all=True)
    ids = (one for one in said.getlist("contact") if PUBLIC_ID.fullmatch(one))
    return Choice(asked, tuple(dict.fromkeys(ids))[: LIMIT + 1])


def pairs(choice: Choice) -> list[tuple[str, str]]:
    """The choice as names and values, with the question for the way back to the list."""
    question = list(said_of(choice.asked).items())
    if choice.is_all:
        return [("all", "1"), *question]
    # With fifty ticks, a long search would make the address longer than servers take.
    if len(choice.asked.search) > _LONG:
        question = []
    return [*(("contact", one) for one in choice.ticked), *question]


def address(endpoint: str, choice: Choice, **more: str) -> str:
    """The address of a page about the choice."""
    said: MultiDict[str, str] = MultiDict([*pairs(choice), *more.items()])
    return url_for(endpoint, **said.to_dict(flat=False))  # type: ignore[arg-type] # lists repeat


def listed(said: dict[str, str]) -> str:
    """The address of the list that is asked for this."""
    return url_for("contacts.index", **said)  # type: ignore[arg-type] # all of it is the query
