"""One unfolded line into group, name, parameters and value, whatever its version and charset."""

import binascii
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from app.cards.text import xml_safe

PARAMETERS = 64
PARTS = 500

# A quote that is never closed belongs to the text around it.
_HEAD = re.compile(rb'((?:[^";:]++|"[^"]*+"|")*+)([;:])')
# The slash is KDE's: X-messaging/xmpp-All.
_NAME = re.compile(r"(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_/-]+)")
_CARET = re.compile(r"\^([n^'])")
_CARETS = {"n": "\n", "^": "^", "'": '"'}
_ESCAPE = re.compile(r"\\([,;:\\\"nN])")
_SEPARATOR = {char: re.compile(rf"\\.|{char}", re.DOTALL) for char in ",;"}
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

# Parameters that vCard 2.1 writes without a name; every other one is a TYPE.
_QUOTED = frozenset({"QUOTED-PRINTABLE", "QUOTED", "QP"})
_BARE_ENCODINGS = frozenset({*_QUOTED, "BASE64", "B", "8BIT", "7BIT"})
_BASE64 = frozenset({"B", "BASE64"})
_BARE_VALUES = frozenset({"INLINE", "URL", "URI", "CID", "CONTENT-ID"})

# Only charsets that real files name: others may be slow (punycode) or not charsets (zlib).
_CHARSET = re.compile(
    r"us-ascii|iso-?8859-?\d{1,2}|windows-?125\d|cp125\d|cp852|koi8-[ru]"
    r"|gbk|gb2312|gb18030|big5|shift-jis|euc-(?:jp|kr)|(?:x-)?mac(?:-roman|-ce|intosh)"
)
# Programs on Windows say ISO-8859-1 and write what only Windows-1252 has.
_ALIASES = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252"} | {
    f"{x}mac{kind}": codec
    for x in ("", "x-")
    for kind, codec in (("-roman", "mac-roman"), ("intosh", "mac-roman"), ("-ce", "mac-latin2"))
}


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card. Names are in capitals, parameter names too; `raw` is still encoded."""

    group: str
    name: str
    parameters: tuple[tuple[str, str], ...]
    raw: bytes

    @classmethod
    def parsed(cls, line: bytes) -> Self | None:
        """The property of an unfolded line, or None for a line that is none."""
        heads, value = _headed(line)
        name = _NAME.fullmatch(decoded(heads[0]).strip()) if heads else None
        if name is None or len(heads) > PARAMETERS + 1:
            return None
        parameters = tuple(_parameter(decoded(head)) for head in heads[1:])
        return cls((name[1] or "").lower(), name[2].upper(), parameters, value)

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter, also those of TYPE="voice,work" (RFC 6350, 5.6)."""
        found = [value for key, value in self.parameters if key == name]
        return tuple(part.strip() for value in found for part in value.split(",") if part.strip())

    @property
    def is_base64(self) -> bool:
        """Whether the value is binary in base64."""
        return any(value.upper() in _BASE64 for value in self.values("ENCODING"))

    @property
    def octets(self) -> bytes:
        """The value without its transfer encoding; damaged base64 gives what can be read."""
        encodings = {value.upper() for value in self.values("ENCODING")}
        if encodings & _BASE64:
            return from_base64(self.raw)
        return binascii.a2b_qp(self.raw) if encodings & _QUOTED else self.raw

    @property
    def encoded(self) -> str:
        """The value as text, its backslashes still there: for cutting it into components."""
        return decoded(self.octets, next(iter(self.values("CHARSET")), ""))

    @property
    def text(self) -> str:
        """The whole value as text."""
        return unescaped(self.encoded).strip()

    def components(self, separator: str = ";") -> list[str]:
        """The parts of a structured value, each as text."""
        return [unescaped(part).strip() for part in cut(self.encoded, separator)]


def _headed(line: bytes) -> tuple[list[bytes], bytes]:
    """Name and parameters, and what follows the first colon outside quotes; none without it."""
    heads, start = [], 0
    while match := _HEAD.match(line, start):
        heads.append(match[1])
        start = match.end()
        if match[2] == b":":
            return heads, line[start:]
    return [], b""


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals and "(" not in name:
        plain = _CARET.sub(lambda match: _CARETS[match[1]], value.strip().replace('"', ""))
        return name.strip().upper(), plain
    bare = text.strip()
    if bare.upper() in _BARE_ENCODINGS:
        return "ENCODING", bare
    return ("VALUE" if bare.upper() in _BARE_VALUES else "TYPE"), bare


def from_base64(raw: bytes) -> bytes:
    """What base64 text holds; line breaks, strange characters and lost padding do not matter."""
    letters = _NOT_BASE64.sub(b"", raw)
    return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


def cut(value: str, separator: str) -> list[str]:
    """The parts between separators that no backslash escapes; at most PARTS, the last uncut."""
    parts: list[str] = []
    start = 0
    for match in _SEPARATOR[separator].finditer(value):
        if len(parts) == PARTS - 1:
            break
        if match[0] == separator:
            parts.append(value[start : match.start()])
            start = match.end()
    return [*parts, value[start:]]


def unescaped(text: str) -> str:
    r"""The text without backslashes, composed (NFC; macOS writes decomposed).

    "\:" is iPhone's and Google's escape, "\"" Google's alone; other backslashes stay, for
    "C:\Users" is none. Composing comes last, for it turns U+037E into a semicolon.
    """
    plain = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)
    return unicodedata.normalize("NFC", plain)


def decoded(octets: bytes, charset: str = "") -> str:
    """The text of a value or parameter, safe for XML; never fails.

    UTF-8 that reads as UTF-8 wins over the charset named: files are re-encoded, and keep their
    parameters. Windows-1250 is the guess for files from Czech Windows that name none.
    """
    try:
        return xml_safe(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return xml_safe(_in_charset(octets, charset) or _guessed(octets))


def _guessed(octets: bytes) -> str:
    """UTF-8 cut inside a character (Android does that) if most of it can be read, else cp1250."""
    lenient = octets.decode("utf-8", "replace")
    if sum(char > "\x7f" for char in lenient) > 2 * lenient.count("\ufffd"):
        return octets.decode("utf-8", "ignore")
    return octets.decode("cp1250", "replace")


def _in_charset(octets: bytes, charset: str) -> str:
    name = charset.lower().replace("_", "-")
    if _CHARSET.fullmatch(name):
        with suppress(UnicodeDecodeError, LookupError):
            return octets.decode(_ALIASES.get(name, name))
    return ""
