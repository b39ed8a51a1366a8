"""How people write names and birthdays."""

import pytest

from app.web.contact_typed import day, split_name, typed_day


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("Karel Novotný", ("", "Karel", "Novotný", "")),
        ("Ing. Karel Jan Novotný, Ph.D.", ("Ing.", "Karel Jan", "Novotný", "Ph.D.")),
        ("prof. MUDr. Jan van der Berg", ("prof. MUDr.", "Jan", "van der Berg", "")),
        ("J. Novák", ("", "J.", "Novák", "")),
        ("  Karel  ", ("", "Karel", "", "")),
        ("Ing.", ("", "Ing.", "", "")),
        ("", ("", "", "", "")),
    ],
)
def test_a_name_falls_into_its_parts(typed: str, parts: tuple[str, ...]) -> None:
    found = split_name(typed)
    assert tuple(found[name] for name in ("prefix", "given", "family", "suffix")) == parts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22. 3. 1980", "1980-03-22"),
        ("1980-03-22", "1980-03-22"),
        ("22.3.", "--03-22"),
        ("29. 2.", "--02-29"),
        ("31. 2.", ""),
        ("in spring", ""),
        ("", ""),
    ],
)
def test_a_birthday_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert day(typed) == kept
    assert day(typed_day(kept)) == kept
