"""Files into cards, cards into unfolded lines: all in bytes, before anything is decoded.

A fold may stand inside a UTF-8 sequence, and one file may mix charsets (RFC 2425, 5.8.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

CARD_BYTES = 1_000_000
CARD_LINES = 2_000

# Never splitlines(): it also cuts at U+2028, U+0085 and U+001C. iPhone files that went through
# Windows end their lines in CR CR LF; counted, for "\r*\n" would be quadratic.
_LINE_END = re.compile(rb"\r{0,2}\n|\r")
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?BEGIN[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_END = re.compile(rb"END[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_BEGINS, _ENDS = 1, -1
_AGENT = re.compile(rb"(?:[\w-]+\.)?AGENT(?:;[^:]*)?:[ \t]*", re.IGNORECASE)
_VERSION_2 = re.compile(rb"VERSION[ \t]*:[ \t]*2\.1", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"[^:]*[;=]QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_BASE64 = re.compile(rb"[^:]*;(?:ENCODING=)?(?:BASE64|B)[;:]", re.IGNORECASE)
_BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=]+[ \t]*")
_UTF_16 = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"B\0E\0G\0I\0N\0", "utf-16-le"),
    (b"\0B\0E\0G\0I\0N", "utf-16-be"),
)


@dataclass(slots=True)
class RawCard:
    """The lines from BEGIN:VCARD to END:VCARD, both left out; or a run of lines outside any card.

    `line` is that of BEGIN, counted from 1. Lines above the limit are counted, not kept.
    """

    line: int
    is_outside: bool = False
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    is_ended: bool = False
    had_agent: bool = False
    _agents_open: int = 0

    def take(self, line: bytes) -> bool:
        """Whether the line still belongs to this card, which then keeps it."""
        mark = _mark(line)
        if self._agents_open:
            self._agents_open += mark
            return True
        if mark == _BEGINS:
            return self._opens_agent()
        if mark == _ENDS:
            self.is_ended = not self.is_outside
            return self.is_outside
        self.size += len(line) + 1
        if self.size <= CARD_BYTES:
            self.lines.append(line)
        return True

    def _opens_agent(self) -> bool:
        """A BEGIN after "AGENT:" is a card inside a card (vCard 2.1, section 2.4.3).

        Any other BEGIN means that the END of this card was lost.
        """
        last = b"" if self.is_outside or not self.lines else self.lines[-1]
        self._agents_open = int(_AGENT.fullmatch(last) is not None)
        self.had_agent = self.had_agent or self._agents_open > 0
        return self._agents_open > 0


def cards(data: bytes) -> Iterator[RawCard]:
    """Every card of the file, broken ones too, and each run of lines outside any card."""
    card: RawCard | None = None
    for number, line in enumerate(_lines(_utf_8(data)), start=1):
        if card is not None:
            if card.take(line):
                continue
            yield card
        card = _opened(number, line)
    if card is not None:
        yield card


def _lines(data: bytes) -> Iterator[bytes]:
    """The physical lines one by one: all at once would weigh three times as much as the file."""
    start = 0
    for end in _LINE_END.finditer(data):
        yield data[start : end.start()]
        start = end.end()
    yield data[start:]


def _opened(number: int, line: bytes) -> RawCard | None:
    if not line.strip():
        return None
    mark = _mark(line)
    if mark == _BEGINS:
        return RawCard(number)
    return None if mark == _ENDS else RawCard(number, is_outside=True, lines=[line])


def _mark(line: bytes) -> int:
    """How a line changes the depth of cards; nearly every line is told by its first letter."""
    first = line[:1]
    if first in b"Bb\xef" and _BEGIN.fullmatch(line):
        return _BEGINS
    return _ENDS if first in b"Ee" and _END.fullmatch(line) else 0


def _utf_8(data: bytes) -> bytes:
    """UTF-16 as UTF-8; everything else as it is, to be decoded value by value."""
    for mark, codec in _UTF_16:
        if data.startswith(mark):
            return data.decode(codec, "replace").encode("utf-8")
    return data.removeprefix(b"\xef\xbb\xbf")


@dataclass(slots=True)
class _Line:
    """A logical line while its physical lines come in."""

    parts: list[bytes]
    is_base64: bool
    is_quoted: bool

    @classmethod
    def starting(cls, line: bytes) -> Self:
        return cls(
            [line],
            is_base64=_BASE64.match(line) is not None,
            is_quoted=_QUOTED_PRINTABLE.match(line) is not None,
        )

    def takes(self, line: bytes, indent: int) -> bool:
        """Whether the physical line goes on with this one."""
        if self.is_quoted and self.parts[-1].rstrip(b" \t").endswith(b"="):
            # A soft break (RFC 2045, section 6.7, rule 5); here a leading space is text.
            self.parts[-1] = self.parts[-1].rstrip(b" \t")[:-1]
            self.parts.append(line)
            return True
        if line[:1] in {b" ", b"\t"}:
            self.parts.append(line[indent:])
            return True
        if self.is_base64 and _BASE64_ONLY.fullmatch(line):
            self.parts.append(line)
            return True
        return False


def unfolded(card: RawCard) -> list[bytes]:
    """The logical lines of a card, at most one more than CARD_LINES.

    Joins folds, soft breaks of quoted-printable and base64 that goes on without indent (old
    Nokia and Outlook); drops blank lines, which Android and Outlook put between properties.
    """
    # vCard 2.1 (2.1.3) folds before a space and keeps it; from 3.0 on the space is the fold's.
    indent = 0 if any(_VERSION_2.match(line) for line in card.lines) else 1
    result: list[_Line] = []
    for line in card.lines:
        if result and result[-1].takes(line, indent):
            continue
        if line.strip():
            result.append(_Line.starting(line))
        if len(result) > CARD_LINES:
            break
    return [b"".join(line.parts) for line in result]
