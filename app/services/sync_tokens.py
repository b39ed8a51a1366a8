"""Sync tokens: what a phone keeps and shows to say how far it is (RFC 6578, section 3).

A token is a URI with the book's epoch, the book, the reader, the revision and the random tag
drawn when that revision was committed, under a short HMAC. Two spellings: `R(n)` comes only in
the answer of a REPORT, so that showing it acknowledges all that was told up to n; `P(base, n)`
is what PROPFIND shows while n is not acknowledged, so that showing it acknowledges base alone.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hmac import compare_digest

from app.errors import Invalid
from app.keys import KeyName, KeyRing

_PREFIX = "urn:x-kustod:sync:1"
_MAC_BYTES = 12
_FORM = re.compile(
    re.escape(_PREFIX)
    + r":(?P<key>[0-9a-f]{1,16}):(?P<body>(?P<spelling>[RP]):(?P<epoch>[0-9a-z]{1,32})"
    r":(?P<book>\d{1,18}):(?P<reader>\d{1,18}):(?P<base>-?\d{1,18}):(?P<seq>\d{1,18})"
    r":(?P<tag>[0-9a-z]{1,32})):(?P<mac>[\w-]{16})",
    re.ASCII,
)


class InvalidToken(Invalid):
    """The token was never ours, or belongs to another book: 400 with DAV:valid-sync-token."""

    def __init__(self) -> None:
        super().__init__("sync-token", "this token was not given out for this address book")


@dataclass(frozen=True, slots=True)
class Token:
    """The contents of a token. `base` equals `seq` in the spelling R."""

    epoch: str
    book_id: int
    reader_id: int
    base: int
    seq: int
    tag: str

    @property
    def is_receipt(self) -> bool:
        """Whether showing it acknowledges `seq` itself (spelling R)."""
        return self.base == self.seq


def spell(ring: KeyRing, token: Token) -> str:
    """The token as a URI, at most 200 characters of ASCII."""
    key = ring.current(KeyName.SYNC_TOKEN)
    body = (
        f"{'R' if token.is_receipt else 'P'}:{token.epoch}:{token.book_id}:{token.reader_id}"
        f":{token.base}:{token.seq}:{token.tag}"
    )
    return f"{_PREFIX}:{key.id}:{body}:{_mac(key.mac(body.encode()))}"


def read(ring: KeyRing, text: str, book_id: int | None = None) -> Token:
    """The contents of a token, shown for this book where one is named.

    Raises InvalidToken where it is not ours or of another book.
    """
    match = _FORM.fullmatch(text)
    key = ring.find(KeyName.SYNC_TOKEN, match["key"]) if match else None
    if match is None or key is None:
        raise InvalidToken
    if not compare_digest(_mac(key.mac(match["body"].encode())), match["mac"]):
        raise InvalidToken
    token = Token(
        epoch=match["epoch"],
        book_id=int(match["book"]),
        reader_id=int(match["reader"]),
        base=int(match["base"]),
        seq=int(match["seq"]),
        tag=match["tag"],
    )
    if book_id is not None and token.book_id != book_id:
        raise InvalidToken
    return token


def _mac(mac: bytes) -> str:
    return urlsafe_b64encode(mac[:_MAC_BYTES]).decode()
