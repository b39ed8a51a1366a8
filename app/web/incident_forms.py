"""What is said about a lost phone: read and checked."""

from datetime import datetime

from wtforms import Field, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from app import dossiers
from app.services.choices import REPLIES, VERDICTS
from app.services.incidents import Known
from app.services.moments import moment
from app.web.forms import OurForm
from app.web.granting import REASON_LENGTH, one_text
from app.web.portal import portal
from app.web.texts import later

ON_PAPER = "paper"
UNKNOWN = "unknown"
_FORMS = (ON_PAPER, *dossiers.FORMATS)
_TOO_LONG = Length(max=REASON_LENGTH, message=later("This is too long."))
_NO_TIME = later("Write a day and a time such as 2026-05-03 14:10.")
_ANSWERS = AnyOf(("", *REPLIES), later("Choose one of the answers."))


class LostForm(OurForm):
    """What the one who reports a phone knows of it; nothing of it can stop the report."""

    locked = StringField(default=UNKNOWN)
    encrypted = StringField(default=UNKNOWN)
    note = StringField(filters=[one_text])

    @property
    def known(self) -> Known:
        """What was said; that somebody does not know goes without saying."""
        said = (self.locked.data or "", self.encrypted.data or "")
        locked, encrypted = ("" if reply == UNKNOWN else reply for reply in said)
        return Known(locked, encrypted, self.note.data or "")


class GiveUpForm(OurForm):
    """Why nobody waits for a phone any more."""

    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why. It stands in the record of this phone.")),
            _TOO_LONG,
        ],
    )


class KnownForm(OurForm):
    """What became known of a phone; all of it may be left out."""

    locked = StringField(filters=[one_text], validators=[_ANSWERS])
    encrypted = StringField(filters=[one_text], validators=[_ANSWERS])
    since = StringField(filters=[one_text])
    note = StringField(filters=[one_text], validators=[_TOO_LONG])

    def validate_since(self, field: Field) -> None:
        """It must be a day or a time."""
        try:
            _instant(field.data)
        except (ValueError, OverflowError) as error:
            raise ValidationError(_NO_TIME) from error

    @property
    def since_at(self) -> datetime | None:
        """The instant that was typed, None where nothing was."""
        return _instant(self.since.data)

    @property
    def known(self) -> Known:
        """What was said; asked only of a valid form."""
        said = (self.locked.data or "", self.encrypted.data or "", self.note.data or "")
        return Known(*said, self.since_at)


class AdviceForm(OurForm):
    """What the data protection officer advises."""

    words = StringField(
        filters=[one_text], validators=[DataRequired(later("Write your advice.")), _TOO_LONG]
    )


class DecisionForm(OurForm):
    """Who is told, and why."""

    tell = StringField(validators=[AnyOf(VERDICTS, later("Choose who is told."))])
    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why. The authority may ask for it.")),
            _TOO_LONG,
        ],
    )


class HandOverForm(OurForm):
    """To whom the list goes, why, and as what."""

    to = StringField(
        filters=[lambda typed: " ".join(one_text(typed).split())],
        validators=[
            DataRequired(later("Write who receives it.")),
            Length(max=200, message=later("This is too long.")),
        ],
    )
    reason = StringField(
        filters=[one_text], validators=[DataRequired(later("Write what it is for.")), _TOO_LONG]
    )
    form = StringField(
        default=ON_PAPER, validators=[AnyOf(_FORMS, later("Choose one of the forms."))]
    )


def _instant(typed: str | None) -> datetime | None:
    return moment(typed, portal().settings.zone, is_end=False) if typed else None
