"""Files that are broken, cut, huge or made to harm: each costs itself, never its neighbours."""

import json
import re
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.card import Card, Draft, Point
from app.cards.read import Record, read
from app.cards.sheet import Problem
from app.cards.write import write
from tests.cards.strategies import NAUGHTY, cards, paragraphs
from tests.cards.test_read import FILES, draft_of, one, row


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


GOOD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eva\r\nTEL:605203938\r\nEND:VCARD\r\n"
EVA = Draft(full_name="Eva", phones=(Point("605203938"),))

hurts = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.integers(0, 200).map(bytes)),
    st.tuples(st.just("flip"), st.floats(0, 1), st.binary(min_size=1, max_size=4)),
    st.tuples(st.just("insert"), st.floats(0, 1), noise),
    st.tuples(st.just("insert"), st.floats(0, 1), st.sampled_from([b"\r\n ", b"\n\t", b"=\r\n"])),
    st.tuples(
        st.just("end"), st.just(0.0), st.sampled_from([b"\r", b"\n", b"\xc2\x85", b"\xe2\x80\xa8"])
    ),
)


def hurt(data: bytes, kind: str, where: float, what: bytes) -> bytes:
    """The file with one damage; `where` is a share of its length."""
    at = int(where * len(data))
    if kind == "cut":
        return data[:at] + data[at + len(what) :]
    if kind == "flip":
        return data[:at] + what + data[at + len(what) :]
    if kind == "end":
        return data.replace(b"\r\n", what)
    return data[:at] + what + data[at:]


@given(st.sampled_from(FILES), st.lists(hurts, min_size=1, max_size=6))
def test_damage_to_a_real_file_never_costs_its_neighbours(
    path: Path, damages: list[tuple[str, float, bytes]]
) -> None:
    data = path.read_bytes()
    for kind, where, what in damages:
        data = hurt(data, kind, where, what)
    first, *middle, last = read(GOOD + data + b"\r\nEND:VCARD\r\n" + GOOD)
    assert first == Record(1, EVA, "", ())
    assert (last.draft, last.problem, last.notes) == (EVA, "", ())
    for record in middle:
        assert (record.draft is None) == bool(record.problem)
        assert safe(record)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n"], ids=ascii)
def test_line_ends_of_any_kind_say_the_same(end: bytes) -> None:
    for path in FILES:
        data = re.sub(rb"\r*\n|\r", b"\n", path.read_bytes())
        if b"\0" not in data:  # UTF-16, which this would tear apart
            other = read(data.replace(b"\n", end))
            assert [row(record) for record in other] == [row(record) for record in read(data)], path


@given(cards, st.integers(24, 40))
def test_folds_may_stand_anywhere(card: Card, width: int) -> None:
    """In the middle of a character, an escape or a parameter."""
    first, *lines, last, _ = write(card).encode().replace(b"\r\n ", b"").split(b"\r\n")
    folded = [
        b"\r\n ".join(line[at : at + width] for at in range(0, len(line), width)) for line in lines
    ]
    [record] = read(b"\r\n".join([first, *folded, last]))
    assert [record] == list(read(write(card).encode()))


@given(
    paragraphs, st.sampled_from(["cp1250", "ISO-8859-1", "utf-16", "utf-7", "zlib", "", "rot13"])
)
def test_a_charset_that_lies_changes_nothing(text: str, charset: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    record = one(f"NOTE;CHARSET={charset}:{escaped}")
    assert record.draft is not None
    assert record.draft.note == text


@pytest.mark.parametrize(
    "inside", ["AGENT:BEGIN:VCARD", "AGENT:\nBEGIN:VCARD", "item1.agent: \nbegin:vcard"]
)
def test_an_agent_without_end_never_costs_the_next(inside: str) -> None:
    open_agents = f"BEGIN:VCARD\nFN:Jan\n{inside}\nN:A\n{inside}\nN:B\n"
    jan, eva = read(open_agents.encode() + GOOD)
    assert jan.draft == Draft(full_name="Jan")
    assert eva.draft == EVA


@pytest.mark.parametrize("seam", [b"", b" ", b"\xef\xbb\xbf", b" \xef\xbb\xbf", b"\0", b"\x1a\r\n"])
def test_files_put_together_without_a_line_end(seam: bytes) -> None:
    seamed = GOOD.rstrip() + seam + (GOOD if seam != b"\0" else b"\r\n" + GOOD)
    assert [record.draft for record in read(seamed)] == [EVA, EVA]


def test_a_lost_beginning_costs_nothing_where_there_is_a_name() -> None:
    named, nameless, eva = read(b"FN:Jan\nTEL:112\nEND:VCARD\nTEL:113\nEND:VCARD\n" + GOOD)
    assert named.draft == Draft(full_name="Jan", phones=(Point("112"),))
    assert named.notes == ("The beginning of the card is missing.",)
    assert (nameless.line, nameless.problem) == (4, Problem.OUTSIDE)
    assert eva.draft == EVA


def test_records_are_read_one_at_a_time() -> None:
    """Who wants two records of a big file does not pay for all of them."""
    data = GOOD * 2 + b"x\n" * 5_000_000
    tracemalloc.start()
    try:
        assert [record.draft for record in islice(read(data), 2)] == [EVA, EVA]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"TEL:605203938\n" * 20_000, Problem.TOO_MANY_LINES),
        (b"NOTE:a" + b"\n b" * 200_000 + b"\n", "Too long, cut to 50000 characters"),
        (b"ADR:" + b";" * 300_000 + b"\n", "Too long, cut to 50000 characters"),
        (b"N:" + b";" * 300_000 + b"\n", "Too long, cut to 1000 characters"),
        (b"TEL" + b";TYPE=work" * 20_000 + b":112\n", "Not understood"),
        (b"NOTE:a\n" + b"b\n" * 200_000, "Too long, cut to 50000 characters"),
        (b"EMAIL:" + b"a@b.cz," * 50_000 + b"\n", "Too long, cut to 1000 characters"),
    ],
    ids=["phones", "folds", "address", "name", "parameters", "bare", "e-mails"],
)
def test_what_is_much_too_much_is_refused_or_cut(body: bytes, outcome: str) -> None:
    bad, eva = read(b"BEGIN:VCARD\nFN:Jan\n" + body + b"END:VCARD\n" + GOOD)
    said = bad.problem or next(iter(bad.notes), "")
    assert said.partition(":")[0] == outcome
    assert eva.draft == EVA


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
        b"BEGIN:VCARD\nFN:x" + b"\n" * 900_000,
        b"\xff" * 150_000,
        b"\xff\xfe" + b"\xd8" * 150_000,
    ],
    ids=range(16),
)
def test_much_of_the_same_takes_no_longer_than_its_length(data: bytes) -> None:
    """Quadratic work on any of these would take hours."""
    assert all((record.draft is None) == bool(record.problem) for record in read(data))
