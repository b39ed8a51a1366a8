"""By which ways consents come in, and what of each must be kept; without it nothing is authorised.

A notice and a proof are needed on every way, and asked by app.services.consent_givings; this
table says what is needed besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.models.consent_kinds import ConsentType, EvidenceKind, Expression


class Must(StrEnum):
    """One thing that has to be kept; its value names it to people who read commands.

    What is a fact is written down with the act (DKIM where it is known, never needed); FILE,
    ARTWORK, MESSAGE and VOICE are proofs.
    """

    DAY = "day"
    FILE = "file"
    ARTWORK = "artwork"
    MESSAGE = "message"
    MAILBOX = "mailbox"
    NUMBER = "number"
    TEXT = "text"
    SHORT_CODE = "short-code"
    VERSION = "version"
    PLACE = "place"
    PERIOD = "period"
    SYSTEM = "system"
    ROW = "row"
    ORIGINAL = "original"
    DKIM = "dkim"
    SEPARATE = "separate"
    FREE = "free"
    VOICE = "recording or confirmation"
    CONFIRMED = "confirmation"


FACTS = frozenset(
    {
        *(Must.TEXT, Must.SHORT_CODE, Must.VERSION, Must.PLACE, Must.PERIOD),
        *(Must.SYSTEM, Must.ROW, Must.SEPARATE, Must.FREE, Must.DKIM),
    }
)
"""What somebody writes down; the number of a text message is kept as the person's own."""

BY_MAILBOX = frozenset({Must.VOICE, Must.CONFIRMED})
"""What the mailbox can still bring, when nothing else is lacking."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way: the event it makes where nothing is lacking, by what act, proved by what."""

    type: ConsentType
    expression: Expression
    evidence: EvidenceKind
    musts: tuple[Must, ...] = ()


_MESSAGE = (Must.FILE, Must.NUMBER, Must.TEXT, Must.SHORT_CODE, Must.ARTWORK)
_PRINTED = (Must.ARTWORK, Must.VERSION, Must.PLACE, Must.PERIOD)
_GIVEN = ConsentType.GIVEN

WAYS: Mapping[str, Way] = {
    "paper": Way(_GIVEN, Expression.SIGNATURE, EvidenceKind.PAPER_SCAN),
    "web": Way(_GIVEN, Expression.NONE, EvidenceKind.WEB_LOG),
    "email": Way(_GIVEN, Expression.NONE, EvidenceKind.EMAIL_COPY, (Must.MESSAGE, Must.MAILBOX)),
    "sms": Way(_GIVEN, Expression.SMS, EvidenceKind.SMS_PROVIDER_FILE, (*_MESSAGE, Must.DAY)),
    "clause": Way(
        _GIVEN,
        Expression.CLAUSE,
        EvidenceKind.CONTRACT,
        (Must.VERSION, Must.SEPARATE, Must.FREE),
    ),
    "loyalty": Way(
        _GIVEN,
        Expression.SMS,
        EvidenceKind.SMS_PROVIDER_FILE,
        (*_MESSAGE, Must.VERSION, Must.FREE, Must.DAY),
    ),
    "receipt": Way(_GIVEN, Expression.NONE, EvidenceKind.WEB_LOG, (*_PRINTED, Must.FILE)),
    "coupon": Way(
        _GIVEN,
        Expression.NONE,
        EvidenceKind.WEB_LOG,
        (*_PRINTED, Must.FREE, Must.FILE),
    ),
    "wifi": Way(
        _GIVEN,
        Expression.NONE,
        EvidenceKind.WEB_LOG,
        (Must.FILE, Must.TEXT, Must.FREE, Must.CONFIRMED),
    ),
    "oral": Way(_GIVEN, Expression.VOICE, EvidenceKind.RECORDING, (Must.VERSION, Must.VOICE)),
    "import": Way(
        ConsentType.IMPORTED,
        Expression.NONE,
        EvidenceKind.IMPORT_FILE,
        (Must.FILE, Must.SYSTEM, Must.ROW, Must.ORIGINAL, Must.DAY),
    ),
}

IN_FILES = ("sms", "loyalty", "import")
"""The ways that many people's answers come by in one file."""
