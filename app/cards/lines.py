"""Files into cards, cards into unfolded lines: all in bytes, before anything is decoded.

A fold may stand inside a UTF-8 sequence, and one file may mix charsets (RFC 2425, 5.8.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

CARD_BYTES = 1_000_000
CARD_LINES = 2_000
PICTURE_BYTES = 16_000_000
"""Of base64, apart from the rest of its card; what is longer is cut, and no picture then."""
_LINE_WEIGHT = 60

# Never splitlines(): it also cuts at U+2028, U+0085 and U+001C. iPhone files that went through
# Windows end their lines in CR CR LF; counted, for "\r*\n" would be quadratic.
_LINE_END = re.compile(rb"\r{0,2}\n|\r")
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?BEGIN[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
# Phones pad their files with NUL, DOS ends them with U+001A.
_END = re.compile(rb"END[ \t]*:[ \t]*VCARD[ \t\0\x1a]*", re.IGNORECASE)
_PADDING = b" \t\0\x1a"
# Where two files without a last line end were put together.
_SEAM = re.compile(
    rb"(END[ \t]*:[ \t]*VCARD)[ \t]*((?:\xef\xbb\xbf)?BEGIN[ \t]*:[ \t]*VCARD[ \t]*)", re.IGNORECASE
)
_BEGINS, _ENDS = 1, -1
_AGENT = re.compile(rb"(?:[\w-]+\.)?AGENT(?:;[^:]*)?:[ \t]*", re.IGNORECASE)
_AGENT_BEGINS = re.compile(_AGENT.pattern + rb"BEGIN[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_VERSION_2 = re.compile(rb"VERSION[ \t]*:[ \t]*2\.1", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"[^:]*[;=](?:QUOTED(?:-PRINTABLE)?|QP)[;:]", re.IGNORECASE)
_BASE64 = re.compile(rb"[^:]*;(?:ENCODING=)?(?:BASE64|B)[;:]", re.IGNORECASE)
_BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=]+[ \t]*")
_BINARY = re.compile(_BASE64.pattern + rb"|[^:]*:data:[^,]*;base64,", re.IGNORECASE)
_TEXT = re.compile(rb"(?:[\w-]+\.)?(?:NOTE|ADR|LABEL)[;:]", re.IGNORECASE)
_HEAD = re.compile(rb"(?!\w+://)[\w./-]+(?:;[\w-]+=|(?:;[^:]*)?:)")
_UTF_16 = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"B\0E\0G\0I\0N\0", "utf-16-le"),
    (b"\0B\0E\0G\0I\0N", "utf-16-be"),
)


@dataclass(slots=True)
class RawCard:
    """The lines from BEGIN:VCARD to END:VCARD, both left out; or a run of lines outside any card.

    `line` is that of BEGIN, counted from 1. Lines above the limit are counted, not kept; those
    of pictures have a limit of their own. A run outside that comes to an END is a card whose
    BEGIN was lost.
    """

    line: int
    is_outside: bool = False
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    is_ended: bool = False
    had_agent: bool = False
    _agents_open: int = 0
    _is_picture: bool = False
    _picture_size: int = 0
    _last: bytes = b""

    def take(self, line: bytes) -> bool:
        """Whether the line still belongs to this card, which then keeps it."""
        if not line:
            # One blank line ends a soft break; a million of them would only take time.
            self.size += 1
            self.lines += [line] if self.lines and self.lines[-1] else []
            return True
        mark = _mark(line)
        if mark == _BEGINS or (line[:1] in b"AaIi" and _AGENT_BEGINS.fullmatch(line)):
            return self._opens_agent(line)
        if mark == _ENDS and not self._agents_open:
            self.is_ended = True
            return False
        self._last = line if line.strip() else self._last
        if self._agents_open:
            self._agents_open += mark
            return True
        if self._has_room(line):
            self.lines.append(line)
        return True

    def _has_room(self, line: bytes) -> bool:
        """Whether the limits allow for one more line."""
        goes_on = line[:1] in {b" ", b"\t"} or _BASE64_ONLY.fullmatch(line)
        self._is_picture = bool(self._is_picture if goes_on else _BINARY.match(line))
        if self._is_picture:
            # A line weighs something, however short it is.
            self._picture_size += max(len(line) + 1, _LINE_WEIGHT)
            return self._picture_size <= PICTURE_BYTES
        self.size += len(line) + 1
        return self.size <= CARD_BYTES

    def _opens_agent(self, line: bytes) -> bool:
        """A BEGIN after "AGENT:" is a card inside a card (vCard 2.1, section 2.4.3).

        Any other BEGIN means that the END of this card, or of the one inside, was lost.
        """
        is_agent = _AGENT_BEGINS.fullmatch(line) or _AGENT.fullmatch(self._last)
        if self.is_outside or not is_agent:
            return False
        self._agents_open += 1
        self.had_agent = True
        self._last = line
        return True


def cards(data: bytes) -> Iterator[RawCard]:
    """Every card of the file, broken ones too, and each run of lines outside any card."""
    card: RawCard | None = None
    for number, line in _numbered(_utf_8(data)):
        if card is not None:
            if card.take(line):
                continue
            yield card
        card = _opened(number, line)
    if card is not None:
        yield card


def _numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, one at a time: a list of ten million would be 100 MB."""
    number, start = 0, 0
    for number, end in enumerate(_LINE_END.finditer(data), start=1):
        line, start = data[start : end.start()], end.end()
        seam = _SEAM.fullmatch(line) if line[:1] in {b"E", b"e"} else None
        for part in seam.groups() if seam else (line,):
            yield number, part
    yield number + 1, data[start:]


def _opened(number: int, line: bytes) -> RawCard | None:
    if not line.strip(_PADDING):
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
    is_text: bool

    @classmethod
    def starting(cls, line: bytes) -> Self:
        return cls(
            [line],
            is_base64=_BASE64.match(line) is not None,
            is_quoted=_QUOTED_PRINTABLE.match(line) is not None,
            is_text=_TEXT.match(line) is not None,
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
        return self.is_text and self._takes_text(line)

    def _takes_text(self, line: bytes) -> bool:
        """A line of a text that was broken bare, or after a backslash (old Android, web pages)."""
        if not line.strip() or _HEAD.match(line):
            return False
        self.parts[-1] = self.parts[-1].removesuffix(b"\\")
        self.parts.append(b"\n" + line)
        return True


def unfolded(card: RawCard) -> list[bytes]:
    """The logical lines of a card, at most one more than CARD_LINES.

    Joins folds, soft breaks of quoted-printable, base64 that goes on without indent (old Nokia
    and Outlook) and texts broken by bare line ends; drops blank lines, which Android and Outlook
    put between properties.
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
