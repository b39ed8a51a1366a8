"""The form of a contact: what may be typed, what is wrong with it, and what it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from typing_extensions import override
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from app.cards.card import Address, ContactKind, Point
from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.services.contact_values import State, Value
from app.web.contact_typed import day, typed_day
from app.web.forms import OurForm
from app.web.texts import later

POINTS = ("phones", "emails", "urls", "ims")
ROWS = {"phones": 3, "emails": 3, "urls": 1, "ims": 1, "addresses": 1}
"""How many lines there are to write in; for a contact that is there, one more than it says."""

MOST_ROWS = 100
LONGEST_LINE, LONGEST_NOTE = 500, 20_000
SHORT = 200
MORE = (
    *("kind", "prefix", "given", "additional", "family", "suffix", "nickname", "organisation"),
    *("department", "title", "role", "addresses", "urls", "ims", "birthday", "categories", "note"),
    *("registration_number", "tax_number", "is_sole_trader", "source"),
)
_NAMING = ("name", "given", "family", "full_name", "nickname", "organisation", "prefix", "suffix")


def _safe(typed: str | None) -> str:
    return xml_safe(typed or "").strip()


class Longest:
    """No more than so many characters, except for what stood there before."""

    def __init__(self, limit: int, message: str) -> None:
        self.limit = limit
        self.message = message

    def __call__(self, form: "ContactForm", field: Field) -> None:
        """Raises ValidationError."""
        if len(field.data) > self.limit and field.data != form.was.get(field.short_name):
            raise ValidationError(self.message)


def _short() -> StringField:
    most = Longest(SHORT, later("This is longer than 200 characters."))
    return StringField(filters=[_safe], validators=[most])


def _long() -> StringField:
    most = Longest(LONGEST_LINE, later("This is longer than 500 characters."))
    return StringField(filters=[_safe], validators=[most])


class PointForm(Form):
    """One number or address, what it is for, and whether it is the one to take first."""

    value = StringField(filters=[_safe])
    label = StringField(filters=[_safe])
    preferred = BooleanField()


class AddressForm(Form):
    """One postal address."""

    label = StringField(filters=[_safe])
    street = StringField(filters=[_safe])
    extended = StringField(filters=[_safe])
    po_box = StringField(filters=[_safe])
    postcode = StringField(filters=[_safe])
    locality = StringField(filters=[_safe])
    region = StringField(filters=[_safe])
    country = StringField(filters=[_safe])


def _rows(of: type[Form]) -> "FieldList[Any]":
    return FieldList(FormField(of), max_entries=MOST_ROWS)


class ContactForm(OurForm):
    """All that can be said of a contact by hand; fields that are not for the reader are taken out.

    `was` is what the contact says now: what stands there is not measured again, so that an old
    oddity never stands in the way of a correction. It is empty for a new contact.
    """

    name = _short()
    kind = RadioField(choices=[*ContactKind], default="person", validate_choice=False)
    prefix = _short()
    given = _short()
    additional = _short()
    family = _short()
    suffix = _short()
    full_name = _short()
    nickname = _short()
    organisation = _short()
    department = _short()
    title = _short()
    role = _short()
    phones = _rows(PointForm)
    emails = _rows(PointForm)
    urls = _rows(PointForm)
    ims = _rows(PointForm)
    addresses = _rows(AddressForm)
    birthday = StringField(filters=[_safe])
    categories = _long()
    note = TextAreaField(
        filters=[_safe], validators=[Longest(LONGEST_NOTE, later("This note is too long."))]
    )
    registration_number = _short()
    tax_number = _short()
    is_sole_trader = BooleanField()
    source = _long()
    seen = HiddenField(default="0")

    def __init__(
        self,
        typed: MultiDict[str, str] | None,
        was: Mapping[str, Any],
        absent: Sequence[str] = (),
    ) -> None:
        super().__init__(typed, data=dict(was))
        self.was = was
        for name in absent:
            del self[name]
        for name, rows in ROWS.items():
            lines = self._fields.get(name)
            if isinstance(lines, FieldList) and not typed:
                for _ in range(1 if was else rows):
                    lines.append_entry()

    def validate_kind(self, field: Field) -> None:
        """One of the two."""
        if field.data not in {kind.value for kind in ContactKind}:
            raise ValidationError(later("Choose a person or a firm."))

    def validate_phones(self, field: "FieldList[Any]") -> None:
        """A phone has digits."""
        self._refuse(field, _has_digits, later("A phone number needs digits."))

    def validate_emails(self, field: "FieldList[Any]") -> None:
        """An e-mail address is one."""
        said = later("An e-mail address looks like name@example.org. This one does not.")
        self._refuse(field, _is_email, said)

    def validate_birthday(self, field: Field) -> None:
        """A birthday is a day of the calendar, with or without its year."""
        if field.data and not day(field.data):
            raise ValidationError(
                later("Write the birthday as 22. 3. 1980 or 1980-03-22; without a year as 22. 3.")
            )

    @override
    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all is well: each field, each line, and something that names the contact."""
        is_well = super().validate(extra_validators)
        for name in ROWS:
            long = [line for line in self._lines(name) if _is_long(line.data)]
            if long:
                _mark(long, later("This is longer than 500 characters."))
                self[name].errors = [later("This is longer than 500 characters.")]
                is_well = False
        if self._names_it():
            return is_well
        self[self.first()].errors = [
            later("Write a name, a firm, a phone or an e-mail: something must name the contact.")
        ]
        return False

    def first(self) -> str:
        """The field that is written first."""
        return next(name for name in ("name", "given") if name in self)

    def top(self) -> tuple[str, ...]:
        """The names that stand in front; the other ones are folded away."""
        if "name" in self:
            return ("name",)
        is_firm = self.was.get("kind") == ContactKind.ORGANISATION
        names = ("organisation",) if is_firm else ("given", "family", "organisation")
        return ("full_name", *names) if "full_name" in self else names

    def is_more_open(self) -> bool:
        """Whether something stands in the part that is folded away, or is wrong there."""
        folded = [self[name] for name in MORE if name in self and name not in self.top()]
        lines = [*self.phones.data[1:], *self.emails.data[1:]] if "name" in self else []
        return any(map(_says, lines)) or any(
            field.errors or (field.short_name != "kind" and _says(field.data)) for field in folded
        )

    def said(self) -> dict[str, Value]:
        """What the form says otherwise than the contact does now, field by field."""
        unheard = {"name", "seen", "csrf_token", "is_sole_trader", "source"}
        names = [name for name in self._fields if name not in unheard]
        return {name: self._value(name) for name in names if self._has_moved(name)}

    def _value(self, name: str) -> Value:
        if name in POINTS:
            return tuple(Point(**row) for row in self._rows(name))
        if name == "addresses":
            return tuple(Address(**row) for row in self._rows(name))
        if name == "birthday":
            return day(self[name].data)
        if name == "categories":
            said = self[name].data.split(",")
            return "\n".join(filter(None, map(str.strip, said)))
        text: str = self[name].data
        return text

    def _has_moved(self, name: str) -> bool:
        now = self._rows(name) if name in ROWS else self[name].data
        return bool(now != self.was.get(name, [] if name in ROWS else ""))

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """The lines in which something stands besides what they are for."""
        return [row for row in self[name].data if _says(row)] if name in self else []

    def _names_it(self) -> bool:
        named = any(self[name].data for name in _NAMING if name in self)
        reached = self._rows("phones") or self._rows("emails")
        hidden = bool(self.was) and "emails" not in self
        return bool(named or reached or hidden)

    def _lines(self, name: str) -> "list[FormField[Any]]":
        """The lines, as fields, in which something stands besides what they are for."""
        rows: Any = self._fields.get(name, ())
        return [line for line in rows if _says(line.data)]

    def _refuse(self, field: Field, is_right: Callable[[str], bool], message: str) -> None:
        """Raises ValidationError where a line is wrong that did not stand there; marks that one."""
        before = {row["value"] for row in self.was.get(field.short_name, ())}
        wrong = [
            line
            for line in self._lines(field.short_name)
            if line.data["value"] not in before and not is_right(line.data["value"])
        ]
        if wrong:
            _mark(wrong, message)
            raise ValidationError(message)


def as_typed(state: State) -> dict[str, Any]:
    """What a contact says, in the form's way of writing it."""
    found: dict[str, Any] = {
        name: [asdict(item) for item in value] if isinstance(value, tuple) else value
        for name, value in state.items()
    }
    if "birthday" in found:
        found["birthday"] = typed_day(found["birthday"])
    if "categories" in found:
        found["categories"] = ", ".join(found["categories"].splitlines())
    return found


def _mark(lines: "list[FormField[Any]]", message: str) -> None:
    """Let these lines of points show that they are meant; places show it as a whole."""
    for line in lines:
        if "value" in line.form:
            line.form["value"].errors = [message]


def _has_digits(value: str) -> bool:
    return any(char.isdecimal() for char in value)


def _is_email(value: str) -> bool:
    return bool(email_norm(value))


def _is_long(row: Mapping[str, Any]) -> bool:
    return any(len(value) > LONGEST_LINE for value in row.values() if isinstance(value, str))


def _says(data: object) -> bool:
    if isinstance(data, list):
        return any(map(_says, data))
    if isinstance(data, dict):
        return any(value for name, value in data.items() if name not in {"label", "preferred"})
    return bool(data)
