"""Why a row was found: the parts of a text in which the words of a search stand, marked.

The text is folded letter by letter as the search folds it, so that each folded letter knows the
one it came from: "ß" is two folded letters, an accent none.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from markupsafe import Markup, escape

from app.cards.text import folded, latin, terms

Span = tuple[int, int]

_COUNTRY_DIGITS = 3
_FEW = 3
_REMEMBERED = 4096
_NUMBER = re.compile(r"[0-9+()/.\s-]*[0-9][0-9+()/.\s-]*")
_WORD = re.compile(r"\S+")


def marked(text: str, search: str) -> str | Markup:
    """The text with every word of the search marked in it; the text itself without any."""
    spans = found_in(text, search)
    if not spans:
        return text
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return Markup("".join([*parts, escape(text[last:])]))  # noqa: S704 - of escaped parts


def found_in(text: str, search: str) -> list[Span]:
    """Where words of the search stand in a text: from, and up to; in order, none overlapping."""
    if not search:
        return []
    found: list[Span] = []
    line = text.translate(_FOLDED)
    for term in _terms(search):
        if term in line:
            found += _places(_letters(text), term)
        if term.isdecimal():
            found += _in_numbers(text, term)
        if not line.isascii():
            found += (span for span in _foreign(text) if term in latin(text[slice(*span)]))
    return _joined([(start, _with_marks(text, end)) for start, end in found])


@lru_cache(maxsize=64)
def _terms(search: str) -> tuple[str, ...]:
    return tuple(terms(search))


class _Folded(dict[int, str]):
    """What one letter is in the search; "" for an accent, a space for any space."""

    def __missing__(self, code: int) -> str:
        # Between two letters a space stays a space.
        found = folded(f"x{chr(code)}x")[1:-1]
        if len(self) < _REMEMBERED:
            self[code] = found
        return found


_FOLDED = _Folded()


def _letters(text: str) -> list[tuple[str, int]]:
    """The folded letters of a text, each with the place of the one it came from."""
    return [(one, place) for place, letter in enumerate(text) for one in _FOLDED[ord(letter)]]


def _places(letters: list[tuple[str, int]], term: str) -> Iterator[Span]:
    line = "".join([one for one, _ in letters])
    start = line.find(term)
    while start >= 0:
        end = start + len(term)
        yield letters[start][1], letters[end - 1][1] + 1
        start = line.find(term, end)


def _in_numbers(text: str, digits: str) -> Iterator[Span]:
    """Where these digits stand in numbers as people write them, in groups.

    A search with the country's number finds what is written without; then the rest is marked.
    """
    for number in _NUMBER.finditer(text):
        there = [
            (one, number.start() + place) for place, one in enumerate(number[0]) if one.isdecimal()
        ]
        places = list(_places(there, digits))
        line = "".join(one for one, _ in there)
        rest = (digits[n:] for n in range(1, _COUNTRY_DIGITS + 1) if len(digits) - n >= _FEW)
        tail = next((one for one in rest if line.startswith(one)), "")
        if not places and tail:
            places = [(there[0][1], there[len(tail) - 1][1] + 1)]
        yield from places


def _foreign(text: str) -> Iterable[Span]:
    """The words of other alphabets, which are searched for in Latin letters, too."""
    words = _WORD.finditer(text)
    return (word.span() for word in words if not word[0].translate(_FOLDED).isascii())


def _with_marks(text: str, end: int) -> int:
    """The end moved behind the accents that are written apart from their letter."""
    while end < len(text) and not _FOLDED[ord(text[end])]:
        end += 1
    return end


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
