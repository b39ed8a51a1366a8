"""A card as a sheet of properties: what the mapping asks for, and a list of what it never asked."""

from collections import defaultdict
from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from app.cards.lines import CARD_BYTES, CARD_LINES, RawCard, unfolded
from app.cards.properties import Property, cut, decoded, unescaped

PROPERTIES = 200
LINE_LENGTH = 1_000
TEXT_LENGTH = 50_000
_SHOWN = 60

# Nothing a person would miss: bookkeeping of formats and programs.
_SILENT = frozenset(
    {"PRODID", "PROFILE", "REV", "SOURCE", "NAME", "MAILER", "X-GENERATOR"}
    | {"X-ABADR", "X-ABUID", "X-ABORDER", "X-ABCROP-RECTANGLE", "X-SHARED-PHOTO-DISPLAY-PREF"}
    | {"X-EVOLUTION-FILE-AS", "X-FILE-AS", "X-COUCHDB-APPLICATION-ANNOTATIONS", "X-MOZILLA-HTML"}
    | {"X-CLASS", "X-IRMC-LUID", "X-WA-BIZ-AUTOMATED-TYPE"}
    | {"X-MS-OL-DESIGN", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "X-IMAGETYPE", "X-IMAGEHASH"}
)


class Problem(StrEnum):
    """Why a record gives no draft, for the person who imports it."""

    OUTSIDE = "These lines do not belong to any card."
    TOO_LARGE = "The card is larger than 1 MB."
    TOO_MANY_LINES = "The card has more than 2 000 lines."
    TOO_MANY_PROPERTIES = "The card has more than 200 entries."
    GROUP = "This is a group of contacts, not a contact."
    EMPTY = "The card holds no name, no firm, no phone and no e-mail."


class Unreadable(Exception):
    """The record gives no draft; the message is a Problem."""


@dataclass(slots=True)
class Sheet:
    """The properties of one card by name, the labels of its groups, and notes on what is lost."""

    notes: list[str]
    version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    _by_name: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, card: RawCard, notes: list[str]) -> Self:
        """The sheet of a raw card; refuses what is over a limit before it is parsed."""
        if card.is_outside and not card.is_ended:
            raise Unreadable(Problem.OUTSIDE)
        if card.size > CARD_BYTES:
            raise Unreadable(Problem.TOO_LARGE)
        lines = unfolded(card)
        if len(lines) > CARD_LINES:
            raise Unreadable(Problem.TOO_MANY_LINES)
        sheet = cls(notes)
        sheet._file(lines)
        if card.is_outside:
            if sheet.names().isdisjoint({"FN", "N"}):
                raise Unreadable(Problem.OUTSIDE)
            notes.append("The beginning of the card is missing.")
        if card.had_agent:
            notes.append("Left out: the card of another person inside this one (AGENT).")
        if not card.is_ended:
            notes.append("The end of the card is missing.")
        return sheet

    def _file(self, lines: list[bytes]) -> None:
        found = [(line, Property.parsed(line)) for line in lines]
        if sum(item is not None for _, item in found) > PROPERTIES:
            raise Unreadable(Problem.TOO_MANY_PROPERTIES)
        for line, item in found:
            if item is None:
                self.notes.append(f"Not understood: {_shown(decoded(line[:_SHOWN]))}")
            else:
                self._by_name[item.name].append(item)
        self.version = self.text("VERSION")
        labels = self.all("X-ABLABEL")
        self.labels = {item.group: item.text for item in reversed(labels) if item.group}

    def names(self) -> KeysView[str]:
        """The names of the properties that nobody asked for yet."""
        return self._by_name.keys()

    def all(self, *names: str) -> list[Property]:
        """All properties of these names that have a value; asking means that they are used."""
        return [item for name in names for item in self._by_name.pop(name, ()) if item.raw.strip()]

    def lines(self, *names: str) -> list[str]:
        """The different values of these properties, each as one line of text."""
        return distinct(self.line(item.text) for item in self.all(*names))

    def text(self, name: str) -> str:
        """The first value of a property as one line."""
        return next(iter(self.lines(name)), "")

    def line(self, text: str) -> str:
        """The text in one line of bearable length."""
        return self.limited(" ".join(text.split()), LINE_LENGTH)

    def limited(self, text: str, length: int = TEXT_LENGTH) -> str:
        """The text, cut where no program would show it any more."""
        if len(text) > length:
            self.notes.append(f"Too long, cut to {length} characters: {_shown(text)}")
        return text[:length].strip()

    def parts(self, item: Property) -> list[str]:
        """The components of N or NICKNAME, lists in them joined (RFC 2426, 3.1.2).

        In vCard 2.1 a comma is a comma.
        """
        if self.version == "2.1":
            return [self.line(part) for part in item.components()]
        lists = (cut(part, ",") for part in cut(item.encoded, ";"))
        return [self.line(", ".join(distinct(map(_tidy, values)))) for values in lists]

    def left_out(self) -> list[str]:
        """The names of the properties that have a value and were never asked for."""
        return [
            name
            for name, items in self._by_name.items()
            if name not in _SILENT and any(item.raw.strip() for item in items)
        ]


def distinct(values: Iterator[str]) -> list[str]:
    """The values that are not empty, each once, in their order."""
    return list(dict.fromkeys(filter(None, values)))


def _tidy(part: str) -> str:
    return unescaped(part).strip()


def _shown(text: str) -> str:
    return " ".join(text[:_SHOWN].split())
