"""Text tables: any encoding, any of the usual separators, line breaks within quotes.

RFC 4180 is what programs mean; a quotation mark that is never closed costs its own row only.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from charset_normalizer import from_bytes

from app.errors import Invalid
from app.imports.reading import MOST_ROWS, Line

ENCODINGS = ("utf-8-sig", "utf-16", "cp1250", "iso8859_2", "cp852", "cp1252", "cp1251")
SEPARATORS = (";", ",", "\t", "|")
UNCLOSED = "A quotation mark of this row is never closed."

_RECORD_LINES = 1_000
_RECORD_LENGTH = 100_000
_SAMPLE = 64_000
_LINES = 10 * MOST_ROWS
_PROBED = 50
_ODD = 50
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Š, Ť, Ž, š, ť, ž are where the two Czech encodings differ.
_ONLY_1250 = frozenset(b"\x8a\x8d\x8e\x9a\x9d\x9e")
_ONLY_8859 = frozenset(b"\xa9\xab\xae\xb9\xbb\xbe")


def guess_encoding(data: bytes) -> str:
    """The encoding of a text table, one of ENCODINGS."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if b"\x00" in data[:_SAMPLE]:
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_old(data)
    return "utf-8-sig"


def is_binary(data: bytes) -> bool:
    """Whether the beginning is no text in any of the encodings."""
    text = text_of(data[:_SAMPLE], guess_encoding(data[:_SAMPLE]))
    odd = sum(char < " " and not char.isspace() for char in text)
    return odd * _ODD > len(text)


def _guess_old(data: bytes) -> str:
    """One of the encodings from before Unicode, judged by the lines that are not plain ASCII."""
    lines = (line for line in data.splitlines(keepends=True) if not line.isascii())
    sample = b"".join(islice(lines, 2_000))[:_SAMPLE]
    found = from_bytes(sample, cp_isolation=list(ENCODINGS[2:])).best()
    name = found.encoding if found else "cp1250"
    if name in {"cp1250", "iso8859_2", "cp1252"} and _ONLY_1250.isdisjoint(sample):
        return "cp1250" if _ONLY_8859.isdisjoint(sample) else "iso8859_2"
    return name if name in ENCODINGS and name != "iso8859_2" else "cp1250"


def text_of(data: bytes, encoding: str) -> str:
    """The text; what the encoding does not know becomes U+FFFD. Raises Invalid for another name."""
    if encoding not in ENCODINGS:
        raise Invalid("encoding", f"{encoding!r} is none that can be read")
    if encoding == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = (
            "utf-16-be" if data[:_SAMPLE:2].count(0) > data[1:_SAMPLE:2].count(0) else "utf-16-le"
        )
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def guess_separator(text: str) -> str:
    """The separator under which most of the first rows have the same number of cells."""
    said = text[:6].lower()
    if said.startswith("sep=") and said[4:5] in SEPARATORS:
        return text[4]
    return max(SEPARATORS, key=lambda separator: _evenness(text[:_SAMPLE], separator))


def _evenness(text: str, separator: str) -> tuple[int, int]:
    widths = Counter(len(line.cells) for line in islice(lines(text, separator), _PROBED))
    del widths[1]
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return rows, width


def lines(text: str, separator: str) -> Iterator[Line]:
    """Every row that says something. Raises Invalid above MOST_ROWS."""
    if text.count("\n") + text.count("\r") > _LINES:
        raise Invalid("file", f"it has more than {MOST_ROWS} rows; cut it into several")
    source = _Source(text)
    if text[:4].lower() == "sep=" and len(source.lines[0].strip()) <= len("sep=;"):
        source.at = 1
    found = 0
    while source.at < len(source.lines):
        if not source.lines[source.at].strip():
            source.at += 1
            continue
        line = _next(source, separator)
        if line.problem or any(cell.strip() for cell in line.cells):
            found += 1
            if found > MOST_ROWS:
                raise Invalid("file", f"it has more than {MOST_ROWS} rows; cut it into several")
            yield line


class _Source:
    """The lines of a text, of which a row takes as many as it needs, but not too many."""

    def __init__(self, text: str) -> None:
        self.lines = list(io.StringIO(text, newline=""))
        self.at = 0
        self.length = 0
        self.first = 0

    def begin(self) -> None:
        """The next row begins here."""
        self.first, self.length = self.at, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        is_long = self.length > _RECORD_LENGTH or self.at - self.first >= _RECORD_LINES
        if is_long or self.at >= len(self.lines):
            raise StopIteration
        line = self.lines[self.at][: _RECORD_LENGTH + 1]
        self.at += 1
        self.length += len(line)
        return line


def _next(source: _Source, separator: str) -> Line:
    """The row that begins here; one whose quotes do not close ends with its first line."""
    source.begin()
    number = source.first + 1
    cells = next(csv.reader(source, delimiter=separator), [])
    taken = source.lines[source.first : source.at]
    is_cut = len(taken) > 1 or source.length > _RECORD_LENGTH
    is_open = sum(line.count('"') for line in taken) % 2 == 1
    is_last = source.at >= len(source.lines) or source.length > _RECORD_LENGTH
    if is_open and ((is_cut and is_last) or len(taken) >= _RECORD_LINES):
        source.at = source.first + 1
        return Line(number, (), UNCLOSED)
    return Line(number, tuple(cells))
