"""A contact as a line of a list: what stands in each column, the words of a search marked.

Put together here, once for a line: a page shows fifty of them, and a template is slow at choosing.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from markupsafe import Markup

from app.cards.card import Card, Point
from app.web import marking
from app.web.templating import best_phone, mailto, monogram, point_label, sorted_name, tel
from app.web.texts import gettext, language, later, ngettext

_CALL, _WRITE = later("Call: %(name)s"), later("Write: %(name)s")

Text = str | Markup


@dataclass(frozen=True, slots=True)
class Way:
    """A number or an e-mail, as one sees it and as one follows it; its address may be ""."""

    value: Text
    address: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One contact in a list; "" stands for what it has not, and for what need not be said."""

    public_id: str
    address: str
    name: str
    monogram: str
    first: Text
    rest: Text
    titles: Text
    firm: Text
    position: Text
    nickname: Text
    numbers: list[Way]
    mails: list[Way]
    call: str
    call_words: str
    write: str
    write_words: str
    ways: str
    is_many: bool
    is_open: bool
    """What the search found stands behind the fold, and nowhere before it."""
    is_kept: bool


@dataclass(frozen=True, slots=True)
class _Alike:
    """What is alike in all lines of a page."""

    search: str
    above: str
    call: str
    write: str
    language: str

    def mark(self, text: str) -> Text:
        return marking.marked(text, self.search) if self.search and text else text


def lines(cards: Iterable[Card], search: str, kept: Collection[str] = ()) -> list[Line]:
    """The lines of these contacts for one who searched for this; `kept` are his favourites."""
    alike = _Alike(search, url_for("contacts.index"), gettext(_CALL), gettext(_WRITE), language())
    return [_line(card, alike, is_kept=card.public_id in kept) for card in cards]


def _line(card: Card, alike: _Alike, *, is_kept: bool) -> Line:
    mark, name, best = alike.mark, card.shown_name(), best_phone(card)
    head, tail = sorted_name(card)
    first, rest = mark(head), mark(tail)
    titles = mark(_joined(card.prefix, card.suffix)) if rest else ""
    firm = mark(card.organisation) if card.organisation != head else ""
    position = mark(_joined(card.title or card.role, card.department))
    nickname = mark(card.nickname)
    numbers = [_way(point, tel(point.value), mark) for point in card.phones]
    mails = [_way(point, mailto(point.value), mark) for point in card.emails]
    return Line(
        public_id=card.public_id,
        address=f"{alike.above}/{card.public_id}",
        name=name,
        monogram=monogram(card),
        first=first,
        rest=rest,
        titles=titles,
        firm=firm,
        position=position,
        nickname=nickname if _is_marked(nickname) else "",
        numbers=numbers,
        mails=mails,
        call=tel(best.value) if best else "",
        call_words=alike.call % {"name": name},
        write=mails[0].address if mails else "",
        write_words=alike.write % {"name": name},
        ways=_counted(alike.language, len(numbers) + len(mails)),
        is_many=len(numbers) + len(mails) > 1,
        is_open=_is_marked(*(way.value for way in numbers + mails))
        and not _is_marked(first, rest, titles, firm, position),
        is_kept=is_kept,
    )


def _way(point: Point, address: str, mark: Callable[[str], Text]) -> Way:
    return Way(mark(point.value), address, point_label(point.label) if point.label else "")


def _joined(*words: str) -> str:
    return ", ".join(word for word in words if word)


def _is_marked(*found: Text) -> bool:
    """Whether the search stands in one of these; what is not marked is plain text."""
    return any(isinstance(one, Markup) for one in found)


@lru_cache(maxsize=256)
def _counted(_language: str, count: int) -> str:
    """What the fold of a line says, in the reader's language; "" where nothing is to fold."""
    if count == 0:
        return ""
    return ngettext("%(count)s number or address", "%(count)s numbers and addresses", count)
