"""The closed vocabularies that columns are checked against."""

from enum import IntEnum, StrEnum


class PointKind(StrEnum):
    """How a contact point reaches the person."""

    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    IM = "im"


class SourceKind(StrEnum):
    """The ways in which a contact comes to us."""

    IMPORT = "import"
    ENTRY = "entry"
    FORM = "form"
    PAPER = "paper"
    CARD = "card"
    COLLEAGUE = "colleague"
    PUBLIC_REGISTER = "public-register"
    TRANSFER = "transfer"
    EVENT = "event"
    PHONE = "phone"


class BasisKind(StrEnum):
    """Why we may keep a person's data for a purpose (GDPR Art. 6(1))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    PRE_CONTRACT = "pre-contract"
    OWN_CUSTOMER = "own-customer"
    LEGITIMATE_INTEREST = "legitimate-interest"
    LEGAL_OBLIGATION = "legal-obligation"


class SyncPolicy(StrEnum):
    """To which phones a directory's contacts may go at all."""

    NEVER = "never"
    MANAGED = "managed"
    ANY = "any"


class Scope(StrEnum):
    """Whether a grant covers a whole directory or only what its holder is in charge of."""

    ALL = "all"
    ASSIGNED = "assigned"


class Profile(IntEnum):
    """How many fields leave; a wider profile holds all of a narrower one.

    BY_CHANNEL stands in a grant that names none: full in the portal and in exports,
    caller on phones.
    """

    BY_CHANNEL = 0
    CALLER = 1
    MINIMAL = 2
    STANDARD = 3
    FULL = 4


class Layout(StrEnum):
    """How a device sees its cards: one merged book, or one more per directory and project."""

    ALL = "all"
    SPLIT = "split"


class DeviceKind(StrEnum):
    """What its owner said a device is, when he set it up; it decides only how that is explained."""

    IPHONE = "iphone"
    MAC = "mac"
    ANDROID = "android"
    THUNDERBIRD = "thunderbird"
    OUTLOOK = "outlook"
    OTHER = "other"


class HoldingKind(StrEnum):
    """What stands at an href of a book."""

    CARD = "card"
    SENTINEL = "sentinel"
    REFUSED = "refused"


class JobKind(StrEnum):
    """Long work that the worker does."""

    IMPORT = "import"


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class Outcome(StrEnum):
    """What became of a card of an import; `kept` is what stayed when the import was taken back."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"
    KEPT = "kept"


class FactKind(StrEnum):
    """What a fact about an incident says."""

    KNOWN = "known"
    LOCKED = "locked"
    ENCRYPTED = "encrypted"
    NOTE = "note"
    ADVICE = "advice"
    DECISION = "decision"


class Reply(StrEnum):
    """Whether a lost phone is locked, or encrypted, as far as somebody knows."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Who is told of a lost phone (GDPR Art. 33 and 34); telling people includes the authority."""

    NOBODY = "nobody"
    AUTHORITY = "authority"
    PEOPLE = "people"


class ActorKind(StrEnum):
    """Who did an act."""

    OPERATOR = "operator"
    USER = "user"
    DEVICE = "device"
    SYSTEM = "system"
    SUBJECT = "subject"
