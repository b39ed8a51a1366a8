"""What is typed at the desk of papers: how many blanks, what is brought in, what a scan says."""

from datetime import datetime

from wtforms import BooleanField, IntegerField, MultipleFileField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, ValidationError

from app.errors import Invalid
from app.services import paper_serials
from app.services.form_labels import LANGUAGES
from app.services.paper_readings import Person
from app.services.papers import MOST_BLANKS
from app.web.access import visit
from app.web.forms import OurForm
from app.web.project_forms import day_of, one_line
from app.web.texts import later

NO_NUMBER = later("This is not the number of a blank. The last digit catches slips; look again.")
_LONG = Length(max=200, message=later("This is too long."))
_ASIDE = ("refused", "unreadable")


class PrintForm(OurForm):
    """How many blanks, and in which language."""

    count = IntegerField(
        default=10,
        validators=[
            InputRequired(later("Write how many.")),
            NumberRange(1, MOST_BLANKS, later("1 to 200 blanks are printed at a time.")),
        ],
    )
    language = StringField(validators=[AnyOf(LANGUAGES, later("Choose one of the languages."))])


class NumberForm(OurForm):
    """The number of a blank."""

    serial = StringField(filters=[one_line], validators=[InputRequired(NO_NUMBER)])

    def validate_serial(self, field: StringField) -> None:
        """Refuse what no blank can have."""
        check_number(field)


class BringForm(OurForm):
    """Scans, or where the original of one paper lies."""

    file = MultipleFileField()
    kind = StringField(default="form", validators=[AnyOf(("form", "card"))])
    place = StringField(filters=[one_line], validators=[_LONG])
    serial = StringField(filters=[one_line])

    def validate_serial(self, field: StringField) -> None:
        """Refuse what no blank can have."""
        if field.data:
            check_number(field)


class PersonForm(OurForm):
    """Who stands on a paper."""

    given = StringField(filters=[one_line], validators=[_LONG])
    family = StringField(filters=[one_line], validators=[_LONG])
    organisation = StringField(filters=[one_line], validators=[_LONG])
    email = StringField(filters=[one_line], validators=[_LONG])
    phone = StringField(filters=[one_line], validators=[_LONG])

    @property
    def person(self) -> Person:
        """The same, for the service."""
        fields = (self.given, self.family, self.organisation, self.email, self.phone)
        return Person(*(field.data or "" for field in fields))


class ReadForm(PersonForm):
    """What stands on a signed paper."""

    boxes = SelectMultipleField(
        validate_choice=False,
        validators=[InputRequired(later("Tick what is ticked on the paper."))],
    )
    day = StringField(
        filters=[one_line], validators=[InputRequired(later("Write the day beside the name."))]
    )
    is_signed = BooleanField(
        validators=[InputRequired(later("Without a signature it is no consent."))]
    )

    def validate_day(self, field: StringField) -> None:
        """Refuse what is no day, and one to come."""
        day = day_of(field.data, is_end=False)
        if day is not None and day > visit().at:
            raise ValidationError(later("This day has not come yet."))

    @property
    def signed_at(self) -> datetime:
        """The beginning of the day on the paper."""
        return day_of(self.day.data, is_end=False) or visit().at


class AsideForm(OurForm):
    """Why a paper is put aside."""

    outcome = StringField(validators=[AnyOf(_ASIDE)])


def check_number(field: StringField) -> None:
    """Refuse a slip."""
    try:
        paper_serials.read(field.data or "")
    except Invalid:
        raise ValidationError(NO_NUMBER) from None
