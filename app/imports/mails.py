"""A mail that somebody saved (.eml): whom it is from, when, and what the way here said of it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import HeaderParseError, MessageError
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime

_DKIM = re.compile(r"\bdkim=(\w+)(?:[^;]*?header\.[di]=@?([\w.-]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mail:
    """What its header says; nobody checked it here.

    `dkim` is what the first server that took it in said of the signature, such as
    `pass (example.org)`, or nothing. `sent_at` is None where no time can be read.
    """

    sender: str
    sent_at: datetime | None
    dkim: str


def read(data: bytes) -> Mail:
    """Read the header of a mail; what is not there or unreadable is empty."""
    try:
        head = BytesParser(policy=policy.compat32).parsebytes(data, headersonly=True)
        sender = parseaddr(str(head.get("From", "")))[1]
        said = " ".join(str(head.get("Authentication-Results", "")).split())
        when = str(head.get("Date", ""))
    except (MessageError, HeaderParseError, ValueError):
        return Mail("", None, "")
    found = _DKIM.search(said)
    dkim = f"{found[1]} ({found[2]})" if found and found[2] else found[1] if found else ""
    return Mail(sender, _instant(when), dkim)


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if found.tzinfo is None else found.astimezone(UTC)
