"""The closed vocabularies of consent: events, media, proof, notices."""

from enum import StrEnum


class Medium(StrEnum):
    """How a person is reached; USE stands for a purpose that reaches nobody."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    POST = "post"
    USE = "use"


class ConsentType(StrEnum):
    """What happened to a consent: the states of the Data Privacy Vocabulary, and two of ours.

    IMPORTED says that another system held it, OBJECTED is GDPR Art. 21.
    """

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    INVALIDATED = "invalidated"
    IMPORTED = "imported"
    OBJECTED = "objected"


class Precision(StrEnum):
    """How exactly it is known when something happened; the instant is where that begins."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"


class ConsentActor(StrEnum):
    """Who acted; a site is one of the organisation's own, by its key."""

    SUBJECT = "subject"
    STAFF = "staff"
    SYSTEM = "system"
    SITE = "site"


class Expression(StrEnum):
    """By what act a person said it."""

    CHECKBOX = "checkbox"
    SIGNATURE = "signature"
    SMS = "sms"
    BUTTON = "button"
    VOICE = "voice"
    CLAUSE = "clause"
    NONE = "none"


class NoticeState(StrEnum):
    """Where a version of a notice stands; what was published never changes again."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class ChangeClass(StrEnum):
    """What a new version of a notice changes; a change of processing asks for a new consent."""

    EDITORIAL = "editorial"
    MATERIAL = "material"
    PROCESSING = "processing"


class CollectionKind(StrEnum):
    """By which way consents come in."""

    WEB_FORM = "web-form"
    API = "api"
    BRANCH_PAPER = "branch-paper"
    CONTRACT_CLAUSE = "contract-clause"
    IMPORT = "import"
    EMAIL = "email"
    SMS = "sms"
    LOYALTY = "loyalty"
    RECEIPT = "receipt"
    WIFI = "wifi"
    ORAL = "oral"


class EvidenceKind(StrEnum):
    """What proves a consent."""

    WEB_LOG = "web-log"
    PAPER_SCAN = "paper-scan"
    PAPER = "paper"
    EMAIL_COPY = "email-copy"
    SMS_PROVIDER_FILE = "sms-provider-file"
    IMPORT_FILE = "import-file"
    CONTRACT = "contract"
    ARTWORK = "artwork"
    RECORDING = "recording"
    ORAL_NOTE = "oral-note"
