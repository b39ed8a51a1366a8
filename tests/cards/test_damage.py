"""Files that are broken, cut, huge or made to harm: each costs itself, never its neighbours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.card import Card, Draft, Point
from app.cards.read import Record, read
from app.cards.sheet import Problem
from app.cards.write import write
from tests.cards.strategies import NAUGHTY, cards
from tests.cards.test_read import draft_of, one, row


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"Jmeno;Telefon\r\nEva;605203938\r\n", Problem.OUTSIDE),
        (b"BEGIN:VCARD\n" + b"NOTE:x\n" * 200_000 + b"END:VCARD\n", Problem.TOO_LARGE),
        (b"BEGIN:VCARD\n" + b"FN:x\n" * 2_001 + b"END:VCARD\n", Problem.TOO_MANY_LINES),
        (b"BEGIN:VCARD\n" + b"TEL:1\n" * 201 + b"END:VCARD\n", Problem.TOO_MANY_PROPERTIES),
        (b"BEGIN:VCARD\nKIND:group\nFN:x\nEND:VCARD\n", Problem.GROUP),
        (b"BEGIN:VCARD\nNOTE:x\nEND:VCARD\n", Problem.EMPTY),
        (b"BEGIN:VCARD", Problem.EMPTY),
    ],
)
def test_a_bad_record_says_why_and_never_costs_the_next(data: bytes, problem: Problem) -> None:
    good = b"\nBEGIN:VCARD\nFN:Eva\nEND:VCARD\n"
    bad, *others = read(data + good)
    assert (bad.line, bad.draft, bad.problem) == (1, None, problem)
    assert [record.draft for record in others] == [Draft(full_name="Eva")]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n \r\n", b"END:VCARD\r\n"])
def test_a_file_without_anything_gives_nothing(data: bytes) -> None:
    assert list(read(data)) == []


def test_at_the_limits_a_card_is_read() -> None:
    phones = "\n".join(f"TEL:60520{number:04}" for number in range(198))
    assert len(draft_of(phones).phones) == 198
    folds = "NOTE:a" + "\n b" * 50_000
    assert one(folds).draft is not None


def test_a_property_with_too_many_parameters_is_left_out() -> None:
    assert draft_of("TEL" + ";TYPE=work" * 64 + ":112").phones == (Point("112", "work"),)
    record = one("TEL" + ";TYPE=work" * 65 + ":112")
    assert record.draft == Draft(full_name="Eva")
    assert record.notes[0].startswith("Not understood: TEL;TYPE=work")


def test_what_is_too_long_is_cut_and_said() -> None:
    record = one(f"TITLE:{'t' * 2_000}\nNOTE:{'n' * 60_000}")
    assert record.draft is not None
    assert (len(record.draft.title), len(record.draft.note)) == (1_000, 50_000)
    assert [note.partition(":")[0] for note in record.notes] == [
        "Too long, cut to 1000 characters",
        "Too long, cut to 50000 characters",
    ]


def test_a_long_list_of_what_is_left_out_is_cut() -> None:
    record = one("\n".join(f"X-{number}:x" for number in range(14)))
    assert record.notes[-1].endswith("X-11 and 2 more.")


noise = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(b"\r\n", b"\n", b"\r", b"\n ", b"\n\t", b"=\r\n", b":", b";", b'"', b"=", b","),
            *(b"BEGIN:VCARD\n", b"END:VCARD\n", b"VERSION:2.1\n", b"AGENT:\n", b"item1."),
            *(b"FN:", b"N:", b"TEL;", b"ADR:", b"ORG:", b"BDAY:", b"PHOTO;ENCODING=b:", b"PHOTO:"),
            *(b";ENCODING=QUOTED-PRINTABLE:", b";CHARSET=cp1250:", b"data:image/png;base64,"),
            *(b"X-ABLabel:", b"X-ANDROID-CUSTOM:", b"KIND:", b"/9j/4AAQ", b"\xff\xfe", b"=C5=99"),
            *(text.encode("utf-8", "replace") for text in NAUGHTY),
        ]
    ),
)


def safe(record: Record) -> bool:
    text = json.dumps(row(record), ensure_ascii=False)
    return not any(
        char < " " or "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff" for char in text
    )


@given(st.lists(noise, max_size=60).map(b"".join))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for record in read(data):
        assert (record.draft is None) == bool(record.problem)
        assert safe(record)


@given(cards, st.data())
def test_no_damage_breaks_the_reader(card: Card, data: st.DataObject) -> None:
    whole = write(card).encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    hurt = whole[:start] + data.draw(noise) + whole[end:]
    *_, last = read(hurt + b"\r\nEND:VCARD\r\n" + b"BEGIN:VCARD\r\nFN:Eva\r\nEND:VCARD\r\n")
    assert last.draft == Draft(full_name="Eva")


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCARD\n" * 1_000,
        b"AGENT:\nBEGIN:VCARD\n" * 150_000,
        b"BEGIN:VCARD\nFN" + b";" * 150_000,
        b"BEGIN:VCARD\nFN" + b';"' * 150_000 + b":x",
        b"BEGIN:VCARD\nNOTE" + b"\n =" * 150_000,
        b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:" + b"=\n" * 150_000,
        b"BEGIN:VCARD\nNOTE;ENCODING=B:" + b"A\n" * 150_000,
        b"BEGIN:VCARD\nTEL:" + b"(a)" * 150_000,
        b"BEGIN:VCARD\nPHOTO:" + b"A" * 150_000,
        b"BEGIN:VCARD\nADR:" + b";" * 150_000,
        b"BEGIN:VCARD\nCATEGORIES:" + b"a,\\" * 150_000,
        b"BEGIN:VCARD\nFN:" + b"\\" * 150_000,
        b"\r" * 150_000,
        b"\xff" * 150_000,
        b"\xff\xfe" + b"\xd8" * 150_000,
    ],
    ids=range(15),
)
def test_much_of_the_same_takes_no_longer_than_its_length(data: bytes) -> None:
    """Quadratic work on any of these would take hours."""
    assert all((record.draft is None) == bool(record.problem) for record in read(data))
