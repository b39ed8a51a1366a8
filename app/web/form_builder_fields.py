"""The fields of the pages that make forms."""

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.cards.text import xml_safe
from app.errors import Invalid
from app.services import collecting
from app.web.forms import OurForm
from app.web.texts import later

_LONGEST = 200
_MOST_SITES = 20
EXAMPLE = "https://www.example.org"


def one_line(typed: str | None) -> str:
    """What was typed, in one line and without what no database can store."""
    return " ".join(xml_safe(typed or "").split())


def origins(typed: str) -> list[str]:
    """The sites that somebody wrote, one a line."""
    return [line.strip() for line in xml_safe(typed).splitlines() if line.strip()]


class NameForm(OurForm):
    """What a form is called; people read it above the boxes."""

    name = StringField(
        filters=[one_line],
        validators=[
            DataRequired(later("Write a name.")),
            Length(max=_LONGEST, message=later("This name is too long.")),
        ],
    )


class NewForm(NameForm):
    """A form to be prepared."""

    notice = StringField(validators=[DataRequired(later("Choose what people are told."))])


class ChangeForm(NameForm):
    """What it asks for, of whom, and from where."""

    directory = StringField(default="")
    origins = TextAreaField(default="")
    double_opt_in = BooleanField()

    def validate_origins(self, field: TextAreaField) -> None:
        """Each line is the address of a site."""
        lines = origins(field.data or "")
        if len(lines) > _MOST_SITES:
            raise ValidationError(later("These are too many sites."))
        try:
            for line in lines:
                collecting.origin(line)
        except Invalid:
            message = later("Write one site a line, such as https://www.example.org.")
            raise ValidationError(message) from None


class SiteForm(OurForm):
    """The site that gets a key."""

    site = StringField(
        filters=[one_line],
        validators=[
            DataRequired(later("Write which site it is for.")),
            Length(max=_LONGEST, message=later("This name is too long.")),
        ],
    )
