import csv
import io
import re
from dataclasses import astuple, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app import exports
from app.cards.card import Address, Card, ContactKind, Point
from app.cards.read import read
from tests.cards.strategies import cards

KAREL = Card(
    public_id="a1",
    version=1,
    profile=4,
    kind=ContactKind.PERSON,
    full_name="Karel Příliš",
    phones=(Point("+420 777 123 456", "cell"), Point("+420-605-203-938")),
    categories=("vip", "tesař"),
)
HOSTILE = ("=1+1", "-1", "@SUM(A1)", "+1-2", "\t=1", "a;=1+1", "a\n=1", "'=1", "=1", "a; =1")
MENDED = re.compile("(^|[;\t\r\n])'(?='*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def written(form: str, found: list[Card]) -> bytes:
    return b"".join(exports.FORMATS[form](found))


def rows(found: list[Card]) -> list[dict[str, str]]:
    """The table as Python's csv reads it, each cell by the name of its column."""
    text = written("csv", found).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def value(cell: str) -> str:
    return MENDED.sub(r"\1", cell)


@given(found=st.lists(cards, max_size=4))
@example(found=[replace(KAREL, note=text, full_name=text) for text in HOSTILE])
@example(found=[replace(KAREL, phones=tuple(map(Point, HOSTILE)))])
def test_a_table_says_what_the_cards_say(found: list[Card]) -> None:
    read_back = rows(found)
    assert len(read_back) == len(found)
    for card, row in zip(found, read_back, strict=True):
        for name in ("kind", "full_name", "family", "organisation", "birthday", "note"):
            assert value(row[name]) == str(getattr(card, name))
        assert value(row["uid"]) == card.public_id
        assert value(row["categories"]) == "\n".join(card.categories)
        for kind in ("phone", "email", "url", "im"):
            points = getattr(card, f"{kind}s")
            assert [value(row[f"{kind}_{n}"]) for n in range(1, len(points) + 1)] == [
                point.value for point in points
            ]
            assert row.get(f"{kind}_{len(points) + 1}", "") == ""
        for number, address in enumerate(card.addresses, start=1):
            cells = [cell for name, cell in row.items() if name.startswith(f"address_{number}_")]
            assert tuple(map(value, cells)) == astuple(address)


@given(found=st.lists(cards, max_size=3))
@example(found=[replace(KAREL, note=text, full_name=text) for text in HOSTILE])
@example(found=[replace(KAREL, phones=tuple(map(Point, HOSTILE)))])
def test_no_cell_begins_a_formula_even_when_cut_at_semicolons(found: list[Card]) -> None:
    for row in rows(found):
        for cell in row.values():
            if re.fullmatch(r"\+[0-9][0-9 ]*", cell):
                continue
            for piece in re.split("[;\t\r\n]", cell):
                assert not piece.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d"))
            assert not cell.startswith(("\t", "\r"))


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("+420 777 123 456", "+420 777 123 456"),
        ("+420777123456", "+420777123456"),
        ("777 123 456", "777 123 456"),
        ("+420-777-123-456", "'+420-777-123-456"),
        ("+1;=cmd", "'+1;'=cmd"),
        ("+٤٢٠", "'+٤٢٠"),
    ],
)
def test_a_plain_phone_stays_a_phone(typed: str, cell: str) -> None:
    assert rows([replace(KAREL, phones=(Point(typed),))])[0]["phone_1"] == cell


def test_excel_is_told_the_alphabet_and_lines_end_as_the_standard_says() -> None:
    table = written("csv", [KAREL, replace(KAREL, phones=())])
    assert table.startswith(b"\xef\xbb\xbfuid,")
    assert table.count(b"\r\n") == 3
    assert "Příliš" in table.decode()


def test_each_phone_has_a_column_and_a_column_for_its_label() -> None:
    row = rows([replace(KAREL, phones=()), KAREL])[1]
    assert (row["phone_1"], row["phone_1_label"]) == ("+420 777 123 456", "cell")
    assert (row["phone_2"], row["phone_2_label"]) == ("'+420-605-203-938", "")
    assert "phone_3" not in row


def test_an_address_has_a_column_for_each_part() -> None:
    home = Address(street="Dlouhá 5", locality="Praha", label="home")
    row = rows([replace(KAREL, addresses=(home,)), KAREL])[0]
    assert (row["address_1_street"], row["address_1_label"]) == ("Dlouhá 5", "home")


def test_vcards_follow_one_another() -> None:
    file = written("vcard", [KAREL, replace(KAREL, public_id="b2", full_name="Eva")])
    found = [record.draft for record in read(file)]
    assert [draft.full_name for draft in found if draft] == ["Karel Příliš", "Eva"]
