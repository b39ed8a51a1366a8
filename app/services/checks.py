"""What a person typed, made fit to keep, or refused in words: slugs, names, e-mails, periods."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.db import FOREVER
from app.errors import Invalid

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_NAME_LENGTH = 200
_REASON_LENGTH = 2_000

Choice = TypeVar("Choice", bound=StrEnum)


def slug(raw: str) -> str:
    """The short name of a team, directory, project or purpose. Raises Invalid."""
    if not _SLUG.fullmatch(raw):
        raise Invalid(
            "slug", f"{raw!r} is none: small letters a-z, digits, dots and dashes, at most 64"
        )
    return raw


def name(raw: str, field: str = "name") -> str:
    """A name in one line. Raises Invalid where there is none or it is longer than anybody's."""
    text = " ".join(xml_safe(raw).split())
    if not text:
        raise Invalid(field, "it is empty")
    short(text, field)
    return text


def short(text: str, field: str) -> None:
    """Raises Invalid for a name, a firm or a function longer than anybody's."""
    if len(text) > _NAME_LENGTH:
        raise Invalid(field, f"it is longer than {_NAME_LENGTH} characters")


def remark(raw: str) -> str:
    """A reason or a detail, in as many words as a person needs."""
    return xml_safe(raw).strip()[:_REASON_LENGTH]


def email(raw: str) -> str:
    """The address folded, its domain in ASCII: the form that is stored. Raises Invalid."""
    found = email_norm(xml_safe(raw))
    if not found:
        raise Invalid("email", f"{raw!r} is not an e-mail address")
    return found


def login_names(raw: str) -> set[str]:
    """Every spelling under which a program may send this address as a login."""
    typed = unicodedata.normalize("NFC", xml_safe(raw).strip().casefold())
    return {email(raw), typed}


def choice(kind: type[Choice], raw: str, field: str) -> Choice:
    """The member of a vocabulary. Raises Invalid, naming all of them."""
    try:
        return kind(raw)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise Invalid(field, f"{raw!r} is none of {known}") from error


def period(start: datetime | None, end: datetime | None, at: datetime) -> tuple[datetime, datetime]:
    """The half-open period from `start` (else `at`) until `end` (else for ever).

    Raises Invalid where it would be over before it begins.
    """
    begins, ends = start or at, end or FOREVER
    if ends <= begins:
        raise Invalid("until", "it ends before it begins")
    return begins, ends
