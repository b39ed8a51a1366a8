"""Tables as Google, Outlook, Excel and people write them, and as nobody should."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cards.card import Address, Card, ContactKind, Draft, Point
from app.cards.read import Record
from app.cards.sheet import Problem
from app.errors import Invalid
from app.exports import table
from app.imports import columns, csv_table, files
from app.imports.reading import FileKind, Reading

FIXTURES = Path(__file__).parent / "fixtures"
CZECH = "Jméno;Příjmení;Mobil\r\nŽofie;Šťastná;605 203 938\r\nPříliš;Žluťoučký;\r\n"
OUTLOOK = (
    "Title,First Name,Last Name,Suffix,Company,Job Title,Business Street,Business Street 2,"
    "Business City,Business Postal Code,Home City,Business Fax,Business Phone,Business Phone 2,"
    "Mobile Phone,Birthday,Categories,E-mail Address,E-mail Type,E-mail 2 Address,Notes,"
    "Web Page\r\n"
    "Mgr.,Karel,Novotný,ml.,Hutní montáže,mistr,Úpatní 3,dílna,Příbor,742 58,Brno,543210001,"
    "543210002,543210003,777123456,0/0/00,Stavba;Brno,karel@example.org,SMTP,k@example.org,"
    "ahoj,\r\n"
)
OUTLOOK_CZECH = (
    "Oslovení;Jméno;Příjmení;Společnost;Funkce;Ulice (práce);Ulice 2 (práce);Město (práce);"
    "PSČ (práce);Telefon (práce);Telefon (domů);Mobilní telefon;E-mailová adresa;Narozeniny\r\n"
    "Ing.;Karel;Novotný;Hutní montáže;mistr;Úpatní 3;dílna;Příbor;742 58;543210002;;777123456;"
    "karel@example.org;22.3.1980\r\n"
)


def read(data: str | bytes, **changes: object) -> list[Record]:
    raw = data.encode() if isinstance(data, str) else data
    said = files.guess(raw).as_data() | changes
    return list(files.records(raw, said))


def draft(record: Record) -> Draft:
    assert record.draft is not None, record.problem
    return record.draft


def test_what_google_exports_is_understood_without_a_word() -> None:
    data = (FIXTURES / "google.csv").read_bytes()
    one, firm = read(data)
    said = draft(one)
    assert (said.given, said.additional, said.family) == ("Žofie", "Anna", "Šťastná")
    assert (said.prefix, said.suffix, said.nickname) == ("Ing.", "Ph.D.", "Žofka")
    assert (said.organisation, said.title, said.department) == (
        *("Cihelna Příbor", "mistrová", "Výroba"),
    )
    assert (said.birthday, said.note) == ("1980-03-22", "volat ráno\nnebo večer")
    assert said.categories == ("Stavba", "Příbor")
    assert said.emails == (
        Point("zofie@example.org", "work", preferred=True),
        Point("z.stastna@example.org", "work"),
        Point("doma@example.org", "home"),
    )
    assert said.phones == (Point("+420 605 203 938", "cell"), Point("543 210 001", "work fax"))
    assert said.addresses == (
        Address("work", "", "2. patro", "Úpatní 3", "Příbor", "Moravskoslezský", "742 58", "CZ"),
        Address("home", locality="Brno", postcode="602 00"),
    )
    assert (said.urls, one.notes) == ((Point("https://example.org", "Profile"),), ())
    assert (draft(firm).kind, draft(firm).full_name) == (
        *(ContactKind.ORGANISATION, "Hutní montáže"),
    )
    assert files.left_out(data, files.guess(data)) == (
        *("Address 1 - Formatted", "Event 1 - Label", "Event 1 - Value"),
    )


def test_what_outlook_exports_is_understood() -> None:
    said = draft(read(OUTLOOK)[0])
    assert (said.prefix, said.full_name, said.title) == ("Mgr.", "Mgr. Karel Novotný ml.", "mistr")
    work = Address(
        "work", street="Úpatní 3", extended="dílna", locality="Příbor", postcode="742 58"
    )
    assert said.addresses == (work, Address("home", locality="Brno"))
    assert said.phones == (
        Point("543210001", "work fax"),
        Point("543210002", "work"),
        Point("543210003", "work"),
        Point("777123456", "cell"),
    )
    assert said.emails == (Point("karel@example.org"), Point("k@example.org"))
    assert (said.birthday, said.categories) == ("", ("Stavba", "Brno"))
    assert read(OUTLOOK)[0].notes == ()
    assert files.left_out(OUTLOOK.encode(), files.guess(OUTLOOK.encode())) == ("E-mail Type",)


def test_a_czech_outlook_is_understood_in_its_old_encoding() -> None:
    said = draft(read(OUTLOOK_CZECH.encode("cp1250"))[0])
    assert (said.prefix, said.given, said.family) == ("Ing.", "Karel", "Novotný")
    assert said.addresses == (
        Address("work", street="Úpatní 3", extended="dílna", locality="Příbor", postcode="742 58"),
    )
    assert said.phones == (Point("543210002", "work"), Point("777123456", "cell"))
    assert said.birthday == "1980-03-22"


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("firma;IČO;DIČ;kontaktní osoba", "organisation registration_number tax_number full_name"),
        ("Jméno;Telefon do práce;Ulice a č.p.", "full_name phones:work address::street"),
        ("jméno;příjmení;title", "given family title"),
        ("Mail;PSČ;Obec;Poznámka", "emails: address::postcode address::locality note"),
    ],
)
def test_plain_words_are_known(header: str, fields: str) -> None:
    assert " ".join(columns.guess(header.split(";"))) == fields


def test_an_unknown_column_is_left_out_and_named() -> None:
    data = b"name;shoe size;\nEva;38;x\n"
    assert files.guess(data).fields == ("full_name", "")
    assert files.left_out(data, files.guess(data)) == ("shoe size",)
    (record,) = read(data)
    assert record.notes == ("Left out, for there is no column for it: x",)


def test_a_name_that_comes_twice_fills_its_field_once() -> None:
    assert columns.guess(["firma", "společnost"]) == ("organisation", "")
    said = read("firma;společnost;poznámka\nA;B;c\n", fields=["organisation"] * 2 + ["note"])
    assert draft(said[0]).organisation == "A, B"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250", "iso8859_2"]
)
def test_the_encoding_is_found(encoding: str) -> None:
    records = read(CZECH.encode(encoding))
    assert [draft(r).full_name for r in records] == ["Žofie Šťastná", "Příliš Žluťoučký"]


@pytest.mark.parametrize("separator", csv_table.SEPARATORS)
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
def test_the_separator_is_found(separator: str, first: str) -> None:
    text = first.format(separator) + CZECH.replace(";", separator)
    assert [draft(r).family for r in read(text)] == ["Šťastná", "Žluťoučký"]


def test_a_row_begins_on_its_line_whatever_stands_in_quotes() -> None:
    text = 'name;note\nEva;"a\nb"\n\nJan;"c ""d"""\n'
    assert [(r.line, draft(r).note) for r in read(text)] == [(2, "a\nb"), (5, 'c "d"')]


def test_an_open_quote_costs_its_own_row_only() -> None:
    text = 'name;note\nEva;"a\n' + "\n".join(f"Jan {n};x" for n in range(2_000))
    first, *others = read(text)
    assert (first.line, first.problem) == (2, csv_table.UNCLOSED)
    assert [draft(r).full_name for r in others] == [f"Jan {n}" for n in range(2_000)]
    assert [r.problem for r in read('name;note\nEva;"a\nJan;b')] == [csv_table.UNCLOSED, ""]
    assert read('name;note\nEva;5" pipe')[0].draft is not None


def test_a_row_without_a_name_says_so() -> None:
    assert [r.problem for r in read("name;note\n;x\n")] == [Problem.EMPTY]


def test_a_table_without_names_of_columns_is_read_by_numbers() -> None:
    data = b"Eva;eva@example.org\nJan;jan@example.org\n"
    reading = files.guess(data)
    assert (reading.header, reading.fields) == (0, ("", ""))
    assert files.header_of(data, reading) == ("1", "2")
    said = read(data, fields=["full_name", "emails:"])
    assert [draft(r).emails[0].value for r in said] == ["eva@example.org", "jan@example.org"]


def test_the_names_of_the_columns_may_stand_below_a_title() -> None:
    data = "Seznam dodavatelů\n\nFirma;IČO\nCihelna;27082440\n".encode()
    assert files.guess(data).header == 2
    assert draft(read(data)[0]).registration_number == "27082440"


def test_what_was_said_about_a_header_is_taken_again() -> None:
    known: dict[tuple[str, ...], tuple[str, ...]] = {("a", "b"): ("full_name", "note")}
    assert files.guess(b"a;b\nEva;x\n", known.__getitem__).fields == ("full_name", "note")


def test_what_is_odd_in_a_cell_is_said() -> None:
    text = f"name;birthday;phone;title\nEva;never;777 123 456 (ráno);{'x' * 1_001}\n"
    (record,) = read(text)
    assert [note.partition(":")[0] for note in record.notes] == [
        *("Too long, cut to 1000 characters", "A remark beside a phone was left out"),
        "Not a date of birth",
    ]


def test_a_wide_table_and_a_long_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="200 columns"):
        files.guess((";".join(["name"] * 201) + "\n").encode())
    monkeypatch.setattr(csv_table, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match="rows"):
        read("name;note\n" + "Eva;x\n" * 3)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x05\x06" + bytes(18), "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), r"\.xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"%PDF-1.7", "neither"),
        (bytes(range(1, 9)) * 99, "neither"),
    ],
)
def test_another_file_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        files.guess(data)


def test_a_reading_that_cannot_be_is_refused() -> None:
    for changes in ({"encoding": "ebcdic"}, {"separator": "x"}):
        with pytest.raises(Invalid):
            read(CZECH, **changes)


def test_a_file_with_a_card_in_it_is_one_of_cards() -> None:
    data = b"BEGIN:VCARD\nVERSION:3.0\nFN:Eva\nEND:VCARD\n"
    reading = files.guess(data)
    assert (reading, files.count(data, reading)) == (Reading(FileKind.VCARD), 1)
    assert files.left_out(data, reading) == ()
    assert [draft(r).full_name for r in files.records(data, {})] == ["Eva"]


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12).map(
    lambda text: " ".join(text.split())
)


@given(st.lists(st.tuples(_TEXT, _TEXT, st.sampled_from(["", "605 203 938"])), max_size=8))
@settings(max_examples=60, deadline=None)
def test_our_own_table_comes_back(rows: list[tuple[str, str, str]]) -> None:
    cards = [
        Card(
            public_id=f"id{n}", version=1, profile=3, full_name=f"Eva {name}".strip(), note=note,
            phones=(Point(phone, "cell"),) if phone else (), organisation="Firma",
        )
        for n, (name, note, phone) in enumerate(rows)
    ]  # fmt: skip
    if not cards:
        return
    records = read(b"".join(table(cards)))
    assert [(d.source_uid, d.full_name, d.note, d.phones) for d in map(draft, records)] == [
        (c.public_id, c.full_name, c.note, c.phones) for c in cards
    ]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read_or_refused_and_counted(data: bytes) -> None:
    try:
        reading = files.guess(data)
        records = list(files.records(data, reading.as_data()))
    except Invalid:
        return
    assert len(records) == files.count(data, reading)
    assert all((record.draft is None) == bool(record.problem) for record in records)


@given(st.lists(st.lists(_TEXT, min_size=2, max_size=5), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_rows_of_a_proper_table_are_all_there(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    found = [line.cells for line in csv_table.lines(written.getvalue(), ";")]
    assert found == [tuple(row) for row in rows if any(cell.strip() for cell in row)]
