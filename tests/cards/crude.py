"""A crude second reader that shares nothing with ours: what does a file say, and what is gone?

It knows no structure. It takes the lines that begin with TEL, EMAIL, N, FN, ORG, ADR or PHOTO,
goes on to the next line that looks like the head of a property, and keeps the digits of phones,
the addresses in e-mails and the words of everything else. These must stand in the drafts.
"""

import quopri
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from urllib.parse import unquote

from app.cards.card import Draft

_OURS = re.compile(
    rb"(?:[\w-]+\.)?(TEL|EMAIL|N|FN|ORG|ADR|PHOTO)[ \t]*((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)",
    re.IGNORECASE | re.DOTALL,
)
_ANY_HEAD = re.compile(rb"[A-Za-z][\w./-]*[ ]*[;:]")
_LINE_END = re.compile(rb"\r{0,2}\n|\r")
_BEGIN = re.compile(rb".*BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PYTHONS = {"x-mac-ce": "mac-latin2"}
_PHOTO_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Saying:
    """What one property says, in words; `card` is the line of the BEGIN above it."""

    card: int
    name: str
    words: tuple[str, ...]


def sayings(data: bytes) -> Iterator[Saying]:
    """All that a file says about how people are called and reached."""
    data = data.decode(_MARKS[data[:2]]).encode() if data[:2] in _MARKS else data
    card, space, lines = 0, b"", [b""]
    for number, line in enumerate([*_LINE_END.split(data.replace(b"\xef\xbb\xbf", b"")), b"X:"], 1):
        if _goes_on(lines, line):
            lines.append(line)
            continue
        yield from _saying(card, lines, space)
        lines = [line]
        card = number if _BEGIN.fullmatch(line) else card
        if line.upper().startswith(b"VERSION"):
            space = b" " if b"2.1" in line else b""


def _goes_on(lines: list[bytes], line: bytes) -> bool:
    is_soft = lines[-1].endswith(b"=") and b"QUOTED" in lines[0].upper()
    return is_soft or line[:1] in {b" ", b"\t"} or not _ANY_HEAD.match(line)


def _saying(card: int, lines: list[bytes], space: bytes) -> Iterator[Saying]:
    head = _OURS.fullmatch(lines[0])
    if head is None:
        return
    name, parameters = head[1].decode().upper(), head[2].upper()
    value = _joined([head[3], *lines[1:]], parameters, space)
    if name == "PHOTO":
        is_here = len(value) > _PHOTO_LENGTH and b"://" not in value[:_PHOTO_LENGTH]
        words = tuple(["picture"] if is_here else [])
    else:
        words = tuple(_words(name, _decoded(value, parameters)))
    if words:
        yield Saying(card, name, words)


def _joined(lines: list[bytes], parameters: bytes, space: bytes) -> bytes:
    if b"QUOTED" in parameters:
        return quopri.decodestring(b"".join(line.removesuffix(b"=") for line in lines))
    folds = (space + line[1:] if line[:1] in {b" ", b"\t"} else b" " + line for line in lines[1:])
    return b"".join([lines[0], *folds])


def _decoded(value: bytes, parameters: bytes) -> str:
    named = re.search(rb"CHARSET=\"?([\w-]+)", parameters)
    name = named[1].decode().lower() if named else "cp1250"
    try:
        return value.decode()
    except UnicodeDecodeError:
        try:
            return value.decode(_PYTHONS.get(name, name), "ignore")
        except LookupError:
            return value.decode("cp1250")


def _words(name: str, text: str) -> Iterable[str]:
    plain = re.sub(r"\\[nN]", " ", unicodedata.normalize("NFC", text)).replace("\\", "").casefold()
    if name == "TEL":
        return filter(None, [_digits(unquote(plain) if plain.startswith("tel:") else plain)])
    if name == "EMAIL":
        return re.sub(r"mailto:|[;,]", " ", plain).split()
    return re.findall(r"\w+", plain)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())


def missing(saying: Saying, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """The words of a saying that stand in none of the drafts, where they belong."""
    kept = {word for draft in drafts for word in _kept(saying.name, draft)}
    return tuple(word for word in saying.words if word not in kept)


def _kept(name: str, draft: Draft) -> Iterable[str]:
    if name == "PHOTO":
        return ["picture"] if draft.photo else []
    if name == "TEL":
        # Several numbers of one value stand one after the other.
        single = [_digits(phone.value) for phone in draft.phones]
        ends = range(1, len(single) + 1)
        return ["".join(single[start:end]) for end in ends for start in range(end)]
    if name == "EMAIL":
        return " ".join(email.value.casefold() for email in draft.emails).split()
    return re.findall(r"\w+", " ".join(_texts(name, draft)).casefold())


def _texts(name: str, draft: Draft) -> Iterable[str]:
    if name == "ADR":
        return [part for address in draft.addresses for part in astuple(address)]
    if name == "ORG":
        return [draft.organisation, draft.department, draft.note]
    if name == "FN":
        return [draft.full_name, draft.nickname]
    parts = [draft.family, draft.given, draft.additional, draft.prefix, draft.suffix]
    return [*parts, draft.nickname]
