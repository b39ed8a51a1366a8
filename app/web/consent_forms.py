"""What colleagues record of a consent: read, checked, and said again in the form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from typing_extensions import override
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import BooleanField, Field, FileField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from app.errors import Invalid, NotFound
from app.imports import mails
from app.services import proof_files
from app.services.choices import HOWS, MEDIA
from app.services.consent_closings import Closing
from app.services.consent_entries import NewEntry
from app.services.moments import moment
from app.services.proof_files import MAIL, Sealed
from app.web.access import visit
from app.web.forms import OurForm
from app.web.granting import one_text
from app.web.portal import portal
from app.web.texts import later

KINDS = ("withdrawn", "refused", "objected")
_PURPOSE = DataRequired(later("Choose what it is about."))
_NO_DAY = later("Write a date such as 2026-05-03.")
_TOO_EARLY = later("This day has not come yet.")
_UNPROVED = later("Add the proof, or write where it is kept: without it nothing may be done.")
_SHORT = Length(max=200, message=later("200 characters are enough here."))
_NO_PROOF = later("This file cannot be kept: take a picture, a PDF, an e-mail or a recording.")
_WRONG = {
    "notice": later("This notice does not name that purpose. Choose the one that was shown."),
    "media": later("The notice does not name this way of reaching people."),
    "until": later("It ends before it begins."),
}


class WordsField(Field):
    """All that was ticked of one name; none is an empty list."""

    @override
    def process_formdata(self, valuelist: list[Any]) -> None:
        """The ticked words."""
        self.data = [str(word) for word in valuelist]


class NoForm(OurForm):
    """Somebody said no: to what, over which media, and when; only the purpose is needed."""

    purpose = StringField(filters=[one_text], validators=[_PURPOSE])
    kind = StringField(
        default=KINDS[0], validators=[AnyOf(KINDS, later("Choose what the person said."))]
    )
    media = WordsField()
    day = StringField(filters=[one_text])

    def validate_day(self, field: Field) -> None:
        """It must be a day that has come, or nothing."""
        if field.data:
            _day_that_came(field.data)

    def closing(self, purpose_id: int) -> Closing:
        """What it says; asked only of a valid form."""
        return Closing(
            purpose_id,
            _media(self.media.data),
            _start(self.day.data) if self.day.data else None,
            "day" if self.day.data else "instant",
            is_objection=self.kind.data == "objected",
            is_refusal=self.kind.data == "refused",
        )


@dataclass(frozen=True, slots=True)
class Proofs:
    """What came with the form: the proof, what the terms stood on, who wrote the mail."""

    file: Sealed | None
    artwork: Sealed | None
    sender: str


class YesForm(OurForm):
    """Somebody agreed: to what, how, after being told what, when, and what proves it."""

    purpose = StringField(filters=[one_text], validators=[_PURPOSE])
    how = StringField(validators=[AnyOf(HOWS, later("Choose how it was said."))])
    notice = StringField(
        filters=[one_text],
        validators=[
            DataRequired(
                later("Choose what the person was told: without it a consent proves nothing.")
            )
        ],
    )
    media = WordsField()
    day = StringField(
        filters=[one_text], validators=[DataRequired(later("Write the day on which it was given."))]
    )
    until = StringField(filters=[one_text])
    file = FileField()
    place = StringField(
        filters=[lambda typed: " ".join(one_text(typed).split())],
        validators=[_SHORT],
    )

    artwork = FileField()
    number = StringField(filters=[one_text], validators=[_SHORT])
    version = StringField(filters=[one_text], validators=[_SHORT])
    text = StringField(filters=[one_text], validators=[_SHORT])
    short_code = StringField(filters=[one_text], validators=[_SHORT])
    spot = StringField(filters=[one_text], validators=[_SHORT])
    period = StringField(filters=[one_text], validators=[_SHORT])
    system = StringField(filters=[one_text], validators=[_SHORT])
    row = StringField(filters=[one_text], validators=[_SHORT])
    separate = BooleanField()
    free = BooleanField()

    def validate_day(self, field: Field) -> None:
        """It must be a day that has come."""
        _day_that_came(field.data)

    def validate_until(self, field: Field) -> None:
        """It must be a day, or nothing."""
        if field.data:
            try:
                moment(field.data, portal().settings.zone, is_end=True)
            except (ValueError, OverflowError) as error:
                raise ValidationError(_NO_DAY) from error

    def validate_place(self, field: Field) -> None:
        """A proof is there: a file, or the place of the original."""
        if not field.data and not _is_file(self.file.data):
            raise ValidationError(_UNPROVED)

    def sealed(self) -> Proofs:
        """The files, cleaned and sealed, where there are any. Raises Invalid for what is none."""
        file, artwork = (_sealed(field.data) for field in (self.file, self.artwork))
        sender = ""
        if file is not None and file.mime == MAIL:
            self.file.data.seek(0)
            sender = mails.read(self.file.data.read()).sender
        return Proofs(file, artwork, sender)

    def facts(self) -> dict[str, str]:
        """What is written down besides."""
        typed = {
            "version": self.version.data,
            "text": self.text.data,
            "short-code": self.short_code.data,
            "place": self.spot.data,
            "period": self.period.data,
            "system": self.system.data,
            "row": self.row.data,
            "separate": "yes" if self.separate.data else "",
            "free": "yes" if self.free.data else "",
        }
        return {name: value for name, value in typed.items() if value}

    def entry(self, purpose_id: int, notice_id: int, proofs: Proofs) -> NewEntry:
        """What it says; asked only of a valid form."""
        until, file = self.until.data, proofs.file
        return NewEntry(
            how=self.how.data or "",
            purpose_id=purpose_id,
            notice_id=notice_id,
            media=_media(self.media.data),
            occurred_at=_start(self.day.data or ""),
            precision="day",
            valid_until=moment(until, portal().settings.zone, is_end=True) if until else None,
            file=file,
            file_name=(self.file.data.filename or "") if file else "",
            original_place=self.place.data or "",
            artwork=proofs.artwork,
            facts=self.facts(),
            sender=proofs.sender,
            number=self.number.data or "",
        )

    def blame(self, error: Invalid | NotFound) -> None:
        """Say at its field what a command refused."""
        name = error.field if isinstance(error, Invalid) else "notice"
        field = self[name] if name in _WRONG else self.file
        field.errors = [_WRONG.get(name, _NO_PROOF)]


def yes_form() -> YesForm:
    """The form as it came, with its file."""
    return YesForm(CombinedMultiDict([request.form, request.files]))


def _media(words: list[str] | None) -> list[str]:
    return [word for word in MEDIA if word in (words or ())]


def _is_file(sent: object) -> bool:
    return isinstance(sent, FileStorage) and bool(sent.filename)


def _start(text: str) -> datetime:
    return moment(text, portal().settings.zone, is_end=False)


def _day_that_came(text: str) -> None:
    try:
        start = _start(text)
    except (ValueError, OverflowError) as error:
        raise ValidationError(_NO_DAY) from error
    if start > visit().at:
        raise ValidationError(_TOO_EARLY)


def _sealed(came: object) -> Sealed | None:
    if not isinstance(came, FileStorage) or not _is_file(came):
        return None
    return proof_files.sealed(portal().keys, came.read())
