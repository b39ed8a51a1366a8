"""Text that is safe to store and send, and the keys by which it is found and ordered."""

import base64
import re
import unicodedata

import czech_sort
from anyascii import anyascii

# Search and order look at the beginning of a text only: U+FDFA grows 18 times under NFKD, and
# PostgreSQL refuses an index entry above 2 704 bytes.
_FOLDED_LIMIT = 10_000
_SORTED_LIMIT = 100
_SORT_KEY_BYTES = 1_800

# The complement of Char in XML 1.0 (fifth edition), section 2.2, and CR, which is handled apart.
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"}
)

_NUMBER = re.compile(r"[0-9+()/.-]*[0-9][0-9+()/.-]*")
_NO_DIGIT = re.compile(r"[^0-9]")
_WITH_COUNTRY = 9

# Base64 spelled with letters that stand in ASCII order, so that the text sorts as its bytes do.
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ASCENDING = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_ORDERED = bytes.maketrans(_BASE64, _ASCENDING)


def xml_safe(text: str) -> str:
    """The text without what XML 1.0 cannot carry; every line ends in LF.

    One such character in one card would make a whole CardDAV answer unreadable.
    """
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def folded(text: str) -> str:
    """The search key: no case, no accents, no compatibility forms, single spaces.

    Idempotent, and never longer than 10 000 characters; what lies beyond is not searchable.
    """
    # Twice: U+2121 decomposes into capitals, and folding U+0390 brings marks back.
    cut = text[:_FOLDED_LIMIT]
    for _ in range(2):
        cut = unicodedata.normalize("NFKD", cut.casefold())
    letters = "".join(char for char in cut if not _is_mark(char))
    return " ".join(letters.translate(_LETTERS).split())[:_FOLDED_LIMIT].rstrip()


def terms(typed: str) -> list[str]:
    """What is searched for, or found by: each word folded, and numbers in groups as one number.

    "Novák 777 123" is "novak" and "777123", which stands in +420777123456; 00 before a country
    is the plus that it stands for.
    """
    found: list[str] = []
    number = ""
    for word in (*folded(typed).split(), ""):
        if _NUMBER.fullmatch(word):
            number += _NO_DIGIT.sub("", word)
            continue
        found += filter(None, (_abroad(number), word))
        number = ""
    return list(dict.fromkeys(found))


def latin(text: str) -> str:
    """The words that are not written in Latin letters, spelled in them and folded.

    "Петров" is "petrov"; words that fold to the same letters anyway are left out.
    """
    cut = text[:_FOLDED_LIMIT].split()
    pairs = ((folded(word), folded(anyascii(word))) for word in cut if not word.isascii())
    spelled = ("".join(filter(str.isalnum, said)) for own, said in pairs if own != said)
    return " ".join(filter(None, spelled))[:_FOLDED_LIMIT].rstrip()


def _abroad(number: str) -> str:
    return number.removeprefix("00") if len(number) >= _WITH_COUNTRY else number


def _is_mark(char: str) -> bool:
    return unicodedata.combining(char) != 0 or unicodedata.category(char) == "Cf"


def sort_key(text: str) -> str:
    """A key in printable ASCII whose binary order is the Czech order of the texts.

    The first 100 characters count: "ch" after "h", č, ř, š and ž as letters of their own, other
    accents and case only between equals. Compare it with COLLATE "C" or BINARY.
    """
    key = czech_sort.bytes_key(xml_safe(text)[:_SORTED_LIMIT])[:_SORT_KEY_BYTES]
    return base64.b64encode(key).rstrip(b"=").translate(_ORDERED).decode("ascii")
