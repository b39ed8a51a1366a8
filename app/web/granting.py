"""What a person says when he gives access: read, checked, and said again in the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wtforms import BooleanField, Field, StringField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from app.cards.text import xml_safe
from app.db import FOREVER
from app.queries.access_table import Entry, Person, TeamName
from app.services.choices import PROFILES, SCOPES
from app.services.grants import Holder, Terms
from app.services.moments import last_day, moment
from app.web.access import visit
from app.web.forms import OurForm
from app.web.portal import portal
from app.web.texts import later

USUAL = timedelta(days=90)
REASON_LENGTH = 2_000
PRESETS = {
    "look": frozenset({"read"}),
    "phone": frozenset({"read", "sync"}),
    "manage": frozenset({"read", "edit", "manage"}),
}
EXTRAS = {"edit": "edit", "phones": "sync", "export": "export"}
TEAM = "team:"

_KEPT_OFF = later("Contacts of this directory are kept off all phones.")
_WHOLE = later("Who decides about access decides about all contacts: choose all of them.")
_NOBODY = later("Choose a person or a team from the list.")
_DISABLED = later("This account is disabled: nothing can be given to it.")
_NO_DATE = later("Write a date such as 2026-12-31.")
_OVER = later("This day is over. Choose a later one.")


def one_text(typed: str | None) -> str:
    """What was typed, without what no database can store."""
    return xml_safe(typed or "").strip()


class EndForm(OurForm):
    """Until when, and why."""

    until = StringField(filters=[one_text])
    no_end = BooleanField()
    reason = StringField(
        filters=[one_text],
        validators=[
            DataRequired(later("Write why. Whoever looks at the access later reads it.")),
            Length(max=REASON_LENGTH, message=later("This is too long.")),
        ],
    )

    def validate_until(self, field: Field) -> None:
        """It must be a day that is not over, unless there is no end."""
        if self.no_end.data:
            return
        try:
            until = moment(field.data or "", portal().settings.zone, is_end=True)
        except (ValueError, OverflowError) as error:
            raise ValidationError(_NO_DATE) from error
        if until <= visit().at:
            raise ValidationError(_OVER)

    @property
    def end(self) -> datetime:
        """The end that was chosen; asked only of a valid form."""
        if self.no_end.data:
            return FOREVER
        return moment(self.until.data or "", portal().settings.zone, is_end=True)


class GiveForm(EndForm):
    """Who gets access to what."""

    to = StringField(filters=[one_text])
    what = StringField(
        default="look", validators=[AnyOf(tuple(PRESETS), later("Choose what it is for."))]
    )
    edit = BooleanField()
    phones = BooleanField()
    export = BooleanField()
    scope = StringField(
        default=SCOPES[0], validators=[AnyOf(SCOPES, later("Choose which contacts."))]
    )
    fields = StringField(validators=[AnyOf(("", *PROFILES), later("Choose one of the lists."))])
    counts = StringField()

    @property
    def rights(self) -> frozenset[str]:
        """What was chosen and what was ticked besides."""
        ticked = {right for name, right in EXTRAS.items() if self[name].data}
        return PRESETS[self.what.data or "look"] | ticked

    @property
    def terms(self) -> Terms:
        """What the access gives; asked only of a valid form."""
        return Terms(
            rights=sorted(self.rights),
            scope=self.scope.data or SCOPES[0],
            fields=self.fields.data or "",
            reason=self.reason.data or "",
            valid_until=self.end,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """What was said, for the hidden fields of the page that asks once more."""
        names = ("to", "what", "scope", "fields", "until", "reason")
        said = [(name, self[name].data or "") for name in names]
        return said + [(name, "y") for name in ("no_end", *EXTRAS) if self[name].data]


@dataclass(frozen=True, slots=True)
class Choices:
    """To whom something can be given."""

    people: Sequence[Person]
    teams: Sequence[TeamName]

    def holder(self, to: str) -> Holder | None:
        """Who is meant by a value of the list; None for anything else."""
        if to.startswith(TEAM):
            found = (Holder(team_id=t.id) for t in self.teams if t.slug == to.removeprefix(TEAM))
            return next(found, None)
        return next((Holder(user_id=one.id) for one in self.people if one.email == to), None)

    def name(self, to: str) -> str:
        """The name behind a value of the list."""
        slug = to.removeprefix(TEAM)
        known = {one.email: one.name for one in self.people}
        return known.get(to) or next(t.name for t in self.teams if t.slug == slug)

    def is_named(self, to: str, entry: Entry) -> bool:
        """Whether this access was given to the very person or team that is meant."""
        if to.startswith(TEAM):
            return entry.kind == "team" and entry.slug == to.removeprefix(TEAM)
        return entry.kind == "person" and entry.members[0].email == to


def usual_end() -> str:
    """The end that stands in a new form, as its date field has it."""
    zone = portal().settings.zone
    return last_day(visit().at + USUAL, zone).isoformat()


def check(form: GiveForm, choices: Choices, *, is_off_phones: bool, is_known: bool) -> bool:
    """Whether it can be given: the form itself, and what the directory and the account allow."""
    is_valid = form.validate()
    wrong: list[tuple[Field, str]] = []
    if choices.holder(form.to.data or "") is None:
        wrong.append((form.to, _DISABLED if is_known else _NOBODY))
    if not form.what.errors:
        if is_off_phones and "sync" in form.rights:
            wrong.append((form.what, _KEPT_OFF))
        if form.scope.data != SCOPES[0] and "manage" in form.rights:
            wrong.append((form.scope, _WHOLE))
    for field, message in wrong:
        field.errors = [*field.errors, message]
    return is_valid and not wrong
