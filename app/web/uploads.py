"""Files that come with a form: kept in memory, read as contacts, refused in words."""

from io import BytesIO
from typing import IO

from flask import Request, request
from typing_extensions import override
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import FileField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.cards.text import xml_safe
from app.errors import Invalid
from app.imports import files
from app.imports.reading import Reading
from app.services.waiting_files import Sent
from app.web.forms import OurForm
from app.web.texts import later

MOST_RECORDS = 5_000
"""So many are checked while somebody waits; more are for the command."""


class InMemory(Request):
    """A request whose files never touch a disk; the guard has bounded them."""

    @override
    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


class UploadForm(OurForm):
    """Which file, and where what stands in it comes from."""

    file = FileField()
    source = StringField(
        filters=[lambda typed: " ".join(xml_safe(typed or "").split())],
        validators=[
            InputRequired(later("Write where the contacts come from.")),
            Length(max=200, message=later("200 characters are enough here.")),
        ],
    )

    def validate_file(self, field: FileField) -> None:
        """Refuse a form without a file, and words in the place of one."""
        if not (isinstance(field.data, FileStorage) and field.data.filename):
            raise ValidationError(later("Choose a file."))


def sent_form() -> UploadForm:
    """The form as it came, with its file."""
    return UploadForm(CombinedMultiDict([request.form, request.files]))


def sent(form: UploadForm, known: files.Known) -> Sent:
    """The file of a valid form. Raises Invalid where it cannot be imported from here."""
    data = form.file.data.read()
    reading = files.guess(data, known)
    total = checked_count(data, reading)
    name = form.file.data.filename or ""
    return Sent(name, data, form.source.data or "", reading.as_data(), total)


def checked_count(data: bytes, reading: Reading) -> int:
    """How many records there are. Raises Invalid for none, and for more than are taken here."""
    total = files.count(data, reading)
    if not total:
        raise Invalid("file", "there is no contact in it")
    if total > MOST_RECORDS:
        raise Invalid("file", "it has more contacts than can be uploaded at once")
    return total
