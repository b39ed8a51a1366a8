"""The values that travel: drafts come in, cards go out.

Nothing here knows a database, a clock or a file format.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

# "Jan Novák ml." but "Jan Novák, Ph.D.": degrees follow a comma, generations do not.
_GENERATIONS = frozenset({"jr", "sr", "ml", "st", "ii", "iii", "iv"})


_NUMBERS = ("registration_number", "tax_number")


class ContactKind(StrEnum):
    """A natural person, or a firm or office."""

    PERSON = "person"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Point:
    """One way to reach somebody: a phone, an e-mail, a web page, a chat address.

    `label` is one of cell, work, home, fax, work fax, home fax, pager, main, other,
    or the text a person typed; empty means that nobody said.
    """

    value: str
    label: str = ""
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in the seven parts of RFC 2426, section 3.2.1."""

    label: str = ""
    po_box: str = ""
    extended: str = ""
    street: str = ""
    locality: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A portrait as every client can take it: JPEG, at most 512 px and 100 kB, no metadata."""

    mime: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What a contact says about itself, whichever way it travels."""

    kind: ContactKind = ContactKind.PERSON
    full_name: str = ""
    family: str = ""
    given: str = ""
    additional: str = ""
    prefix: str = ""
    suffix: str = ""
    nickname: str = ""
    organisation: str = ""
    department: str = ""
    title: str = ""
    role: str = ""
    birthday: str = ""
    note: str = ""
    categories: tuple[str, ...] = ()
    phones: tuple[Point, ...] = ()
    emails: tuple[Point, ...] = ()
    urls: tuple[Point, ...] = ()
    ims: tuple[Point, ...] = ()
    addresses: tuple[Address, ...] = ()
    photo: Photo | None = None

    def shown_name(self) -> str:
        """The best name there is, or "" when nothing in the card could serve as one.

        RFC 2426 (3.1.1) demands FN of every card; programs leave it out all the same.
        """
        name = self.full_name or self._composed() or self.organisation or self.nickname
        points = (point.value for point in (*self.emails, *self.phones))
        return name or next(filter(None, points), "")

    def _composed(self) -> str:
        parts = (self.prefix, self.given, self.additional, self.family)
        name = " ".join(part for part in parts if part)
        if not (name and self.suffix):
            return name or self.suffix
        joint = " " if self.suffix.casefold().strip(" .") in _GENERATIONS else ", "
        return name + joint + self.suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Values):
    """Unvalidated input: an imported record, an upload, a PUT.

    `birthday` is YYYY-MM-DD, --MM-DD where the year is not said, or empty. Tables name the
    numbers of a firm; cards have no place for them.
    """

    registration_number: str = ""
    tax_number: str = ""
    source_uid: str = ""

    def fingerprint(self) -> str:
        """Equal for two drafts that say the same; the order of points and the UID say nothing."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in {"source_uid", "photo", *_NUMBERS}
        }
        # What was imported without numbers keeps the fingerprint that it had before there were any.
        said |= {name: number for name in _NUMBERS if (number := getattr(self, name))}
        for name in ("phones", "emails", "urls", "ims", "addresses"):
            said[name] = _unordered(asdict(value) for value in said[name])
        said["categories"] = sorted(self.categories)
        said["photo"] = hashlib.sha256(self.photo.data).hexdigest() if self.photo else ""
        return hashlib.sha256(_canonical(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Card(Values):
    """What leaves the queries: already cut to what the channel may carry, so write what is here.

    `public_id` names the contact outside, `version` counts its changes, `profile` is the cut.
    """

    public_id: str
    version: int
    profile: int


def _unordered(values: Iterable[dict[str, object]]) -> list[str]:
    return sorted(_canonical(value) for value in values)


def _canonical(value: dict[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
