"""What is entered about somebody's request: read and checked."""

import re
from datetime import UTC, datetime
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from app.cards.points import email_norm
from app.catalogues import OF_THE_OUTSIDE
from app.services.choices import IDENTITIES, OUTCOMES, REQUEST_WAYS, REQUESTS
from app.services.moments import moment
from app.web.access import visit
from app.web.forms import PUBLIC_ID, OurForm
from app.web.granting import REASON_LENGTH, one_text
from app.web.portal import portal
from app.web.texts import later

_TOO_LONG = Length(max=REASON_LENGTH, message=later("This is too long."))
_NO_DAY = later("Write a day such as 2026-05-03.")
_LAST = re.compile(r"([A-Za-z0-9_-]{1,64})(?:/who)?/?$")


def _why(words: str) -> list[Any]:
    return [DataRequired(words), _TOO_LONG]


class NewForm(OurForm):
    """A request that came by mail, on paper, by phone or through a colleague."""

    kind = StringField(validators=[AnyOf(REQUESTS, later("Choose what is asked for."))])
    way = StringField(
        default="mail", validators=[AnyOf(REQUEST_WAYS, later("Choose how it came."))]
    )
    received = StringField(filters=[one_text])
    contact = StringField(filters=[one_text])
    email = StringField(filters=[one_text])
    language = StringField(validators=[AnyOf(OF_THE_OUTSIDE, later("Choose a language."))])
    words = StringField(filters=[one_text], validators=[_TOO_LONG])

    def validate_received(self, _field: Field) -> None:
        """A day that is not still to come."""
        try:
            at = self.received_at
        except (ValueError, OverflowError) as error:
            raise ValidationError(_NO_DAY) from error
        if at is not None and at > visit().at:
            raise ValidationError(later("That day is still to come."))

    def validate_email(self, field: Field) -> None:
        """An address, where there is one."""
        if field.data and not email_norm(field.data):
            raise ValidationError(later("This is not an e-mail address."))

    @property
    def received_at(self) -> datetime | None:
        """The beginning of the day that was typed, None for now."""
        typed = self.received.data
        found = moment(typed, portal().settings.zone, is_end=False) if typed else None
        return found.astimezone(UTC) if found else None

    @property
    def contact_uid(self) -> str:
        """The contact that was named, by its id or the address of its page."""
        found = _LAST.search(self.contact.data or "")
        return found[1] if found and PUBLIC_ID.fullmatch(found[1]) else ""


class NoteForm(OurForm):
    """A note."""

    words = StringField(filters=[one_text], validators=_why(later("Write the note.")))


class IdentityForm(OurForm):
    """By what we know that it is he."""

    identity = StringField(validators=[AnyOf(IDENTITIES, later("Choose one of the answers."))])


class ExtendForm(OurForm):
    """Why it takes longer."""

    reason = StringField(
        filters=[one_text], validators=_why(later("Write why. The person is told."))
    )


class CloseForm(OurForm):
    """What became of it, and why."""

    outcome = StringField(validators=[AnyOf(OUTCOMES, later("Choose what became of it."))])
    reason = StringField(
        filters=[one_text], validators=_why(later("Write why. The person is told."))
    )
