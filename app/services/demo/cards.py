"""Some 460 contacts out of lists of words: always the same ones, none of them anybody real."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from app.cards.card import Address, ContactKind, Draft, Photo, Point
from app.cards.text import folded
from app.services.demo import words
from app.services.demo.portraits import monogram

_SEED = 1907
_PEOPLE_OF_A_FIRM = (3, 6)
_PHOTO_EVERY = 7
_PRIVATE_PEOPLE = 105
_PRIVATE_PROSPECTS = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact to be: which directory is its home, and which firm it belongs to, if any."""

    home: str
    draft: Draft
    firm: str = ""


class Maker:
    """Makes contacts one after the other; two makers make the same ones."""

    def __init__(self) -> None:
        self._random = Random(_SEED)  # noqa: S311 - names of a demonstration, no secrets
        self._number = 0

    def entries(self) -> Iterator[Entry]:
        """Every contact of the demonstration, each firm before its people."""
        yield from _known()
        firms = (
            ("suppliers", words.SUPPLIERS),
            ("customers", words.CUSTOMERS),
            ("prospects", words.PROSPECTS),
        )
        for home, names in firms:
            for name in names:
                yield from self._firm(home, name)
        for _ in range(_PRIVATE_PEOPLE):
            yield Entry("builders", self._person("builders", "", "posta.example"))
        for _ in range(_PRIVATE_PROSPECTS):
            yield Entry("prospects", self._person("prospects", "", "posta.example"))

    def _firm(self, home: str, name: str) -> Iterator[Entry]:
        domain = _domain(name)
        phones = [Point(self._phone("585"), "main", preferred=True)]
        if self._is_one_in(4):
            phones.append(Point(self._phone("585"), "fax"))
        draft = Draft(
            kind=ContactKind.ORGANISATION,
            full_name=name,
            organisation=name,
            phones=tuple(phones),
            emails=(Point(f"info@{domain}", "work"),),
            urls=(Point(f"https://www.{domain}", "work"),),
            addresses=(self._address("work"),),
        )
        yield Entry(home, draft)
        for _ in range(self._random.randint(*_PEOPLE_OF_A_FIRM)):
            yield Entry(home, self._person(home, name, domain), name)

    def _person(self, home: str, firm: str, domain: str) -> Draft:
        man, woman = self._random.choice(words.FAMILIES)
        is_woman = self._is_one_in(2)
        given = self._random.choice(words.WOMEN if is_woman else words.MEN)
        family = woman if is_woman else man
        return Draft(
            prefix=self._random.choice(words.PREFIXES) if self._is_one_in(6) else "",
            given=given,
            family=family,
            suffix=self._random.choice(words.SUFFIXES) if self._is_one_in(14) else "",
            organisation=firm,
            title=self._random.choice(words.TITLES[home]),
            note=self._random.choice(words.NOTES) if self._is_one_in(9) else "",
            phones=self._phones(firm),
            emails=self._emails(given, family, domain),
            addresses=(self._address("home"),) if not firm and self._is_one_in(2) else (),
            photo=self._photo(given, family),
        )

    def _phones(self, firm: str) -> tuple[Point, ...]:
        phones = [Point(self._phone("605"), "cell", preferred=True)]
        if firm and self._is_one_in(3):
            phones.append(Point(self._phone("585"), "work"))
        if not firm and self._is_one_in(5):
            phones.append(Point(self._phone("731"), "home"))
        return tuple(phones)

    def _emails(self, given: str, family: str, domain: str) -> tuple[Point, ...]:
        if self._is_one_in(5):
            return ()
        name = f"{folded(given)}.{folded(family)}"
        return (Point(f"{name}@{domain}", "work" if domain != "posta.example" else "home"),)

    def _photo(self, given: str, family: str) -> Photo | None:
        if self._number % _PHOTO_EVERY:
            return None
        return monogram(given[0] + family[0], self._number)

    def _phone(self, area: str) -> str:
        self._number += 1
        digits = f"{self._number * 7919 % 1_000_000:06d}"
        return f"+420 {area} {digits[:3]} {digits[3:]}"

    def _address(self, label: str) -> Address:
        place, postcode = self._random.choice(words.PLACES)
        street = f"{self._random.choice(words.STREETS)} {self._random.randint(1, 160)}"
        return Address(label=label, street=street, locality=place, postcode=postcode)

    def _is_one_in(self, many: int) -> bool:
        return self._random.randrange(many) == 0


def _known() -> Iterator[Entry]:
    """Those whom every demonstration wants to show: namesakes, other scripts, two titles."""
    novak = {"given": "Jan", "family": "Novák"}
    yield _by_hand("suppliers", "605 203 101", title="elektrikář", **novak)
    yield _by_hand("builders", "605 203 102", title="rekonstrukce", **novak)
    svobodova = {"given": "Marie", "family": "Svobodová"}
    yield _by_hand("customers", "605 203 103", title="účtárna", **svobodova)
    yield _by_hand("builders", "605 203 104", title="stavba domu", **svobodova)
    yield _by_hand("suppliers", "605 203 105", given="Олена", family="Ковальчук", title="jeřáb")
    yield _by_hand("suppliers", "605 203 106", given="Łukasz", family="Wójcik", title="lešení")
    yield _by_hand("builders", "605 203 107", given="Lan", family="Nguyễn", title="zateplení")
    titled = {"prefix": "doc. Ing.", "given": "Bohumil", "family": "Chytil", "suffix": "Ph.D., MBA"}
    yield _by_hand("customers", "605 203 108", title="statický posudek", **titled)


def _by_hand(home: str, phone: str, **said: str) -> Entry:
    point = Point(f"+420 {phone}", "cell", preferred=True)
    return Entry(home, Draft(phones=(point,), **said))  # type: ignore[arg-type]


def _domain(firm: str) -> str:
    """A domain that nobody can own (RFC 2606)."""
    kept = firm.removesuffix(" s.r.o.").removesuffix(" a.s.")
    letters = "".join(char for char in folded(kept) if char.isalnum() or char == " ")
    return "-".join(letters.split()) + ".example"
