"""Forms of projects: a new one, its people and contacts, its end."""

from datetime import datetime

from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from app.cards.text import xml_safe
from app.services.choices import PROFILES
from app.services.moments import moment
from app.web.access import visit
from app.web.forms import OurForm
from app.web.portal import portal
from app.web.texts import later

NAME_LENGTH = 200
NOTE_LENGTH = 500


def one_line(typed: str | None) -> str:
    """What was typed, in one line and without what no database can store."""
    return " ".join(xml_safe(typed or "").split())


def day_of(typed: str | None, *, is_end: bool) -> datetime | None:
    """The instant that a day means, None for nothing typed. Raises ValidationError."""
    if not typed:
        return None
    try:
        return moment(typed, portal().settings.zone, is_end=is_end)
    except (ValueError, OverflowError):
        raise ValidationError(later("Write the day as 31. 12. 2026.")) from None


def is_coming(_form: BaseForm, field: StringField) -> None:
    """Refuse a last day that is over."""
    until = day_of(field.data, is_end=True)
    if until is not None and until <= visit().at:
        raise ValidationError(later("This day is over."))


class NewForm(OurForm):
    """A project to be begun."""

    name = StringField(
        filters=[one_line],
        validators=[
            InputRequired(later("Write a name.")),
            Length(max=NAME_LENGTH, message=later("This name is too long.")),
        ],
    )
    begins = StringField(filters=[one_line])
    until = StringField(filters=[one_line], validators=[is_coming])
    phones = StringField(
        validators=[AnyOf(("yes", "no"), later("Choose where its contacts may be."))]
    )
    fields = StringField(
        default=PROFILES[0],
        validators=[AnyOf(PROFILES, later("Choose what is shown of each contact."))],
    )

    def validate_begins(self, field: StringField) -> None:
        """Refuse what is no day."""
        day_of(field.data, is_end=False)

    def validate_until(self, field: StringField) -> None:
        """Refuse an end before the beginning."""
        until = day_of(field.data, is_end=True)
        begins = day_of(self.begins.data, is_end=False)
        if until is not None and begins is not None and until <= begins:
            raise ValidationError(later("It ends before it begins."))


class MemberForm(OurForm):
    """A colleague who is to work in it."""

    who = StringField(filters=[one_line])
    until = StringField(filters=[one_line], validators=[is_coming])


class ContactForm(OurForm):
    """A contact that is to take part."""

    contact = StringField(filters=[one_line])
    role = StringField(
        filters=[one_line],
        validators=[Length(max=NAME_LENGTH, message=later("This is too long."))],
    )


class PhonesForm(OurForm):
    """Why its contacts are to go to phones."""

    reason = StringField(
        filters=[one_line],
        validators=[
            InputRequired(later("Write why. Whoever looks at the access later reads it.")),
            Length(max=NOTE_LENGTH, message=later("This is too long.")),
        ],
    )


class EndForm(OurForm):
    """When it is to end, "" for now, and why."""

    on = StringField(filters=[one_line], validators=[is_coming])
    note = StringField(
        filters=[one_line],
        validators=[Length(max=NOTE_LENGTH, message=later("This is too long."))],
    )
