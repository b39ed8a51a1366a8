"""Files as real programs write them (fixtures, with the rows they give beside them), and worse."""

import json
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

import pytest

from app.cards.card import Address, Draft, Point
from app.cards.read import Record, read
from tests.cards.strategies import PHOTO, image

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(FIXTURES.glob("*.vcf"))


def row(record: Record) -> dict[str, object]:
    """A record with what is in it, and nothing that is empty."""
    draft = asdict(record.draft) if record.draft else {}
    if record.draft and record.draft.photo:
        draft["photo"] = record.draft.photo.mime
    said = {"line": record.line, "problem": record.problem, "notes": record.notes, **draft}
    filled = {name: value for name, value in said.items() if value}
    plain: dict[str, object] = json.loads(json.dumps(filled))
    return plain


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_of_real_programs(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [row(record) for record in read(path.read_bytes())] == expected


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 46


def one(body: str, version: str = "3.0") -> Record:
    """The record of a card with these lines and a name."""
    text = f"BEGIN:VCARD\nVERSION:{version}\nFN:Eva\n{body}\nEND:VCARD\n"
    [record] = read(text.encode())
    return record


def draft_of(body: str, version: str = "3.0") -> Draft:
    draft = one(body, version).draft
    assert draft is not None
    return draft


@pytest.mark.parametrize(
    ("head", "label"),
    [
        ("TEL;TYPE=CELL", "cell"),
        ("TEL;type=cell;type=work", "cell"),
        ("TEL;CELL;VOICE", "cell"),
        ('TEL;TYPE="work,fax"', "work fax"),
        ("TEL;TYPE=home,fax,pref", "home fax"),
        ("TEL;FAX", "fax"),
        ("TEL;TYPE=PAGER", "pager"),
        ("TEL;TYPE=MAIN", "main"),
        ("TEL;TYPE=OTHER,VOICE", "other"),
        ("TEL;TYPE=VOICE,MSG", ""),
        ("TEL;TYPE=", ""),
        ("TEL;TYPE=ASSISTANT", "assistant"),
        ("TEL;TYPE=X-Vrátnice", "Vrátnice"),
        ("TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=C5=A0atna)", "Šatna"),
        ("item9.TEL;TYPE=CELL", "cell"),
        ("X-EVOLUTION-CALLBACK", "callback"),
        ("X-ASSISTANT-PHONE;TYPE=HOME", "home"),
        ("TEL;TYPE=workfax", "work fax"),
        ("TEL;TYPE=FAX_HOME", "home fax"),
        ("TEL;TYPE=mobil", "cell"),
        ("TEL;TYPE=X-VOICE", ""),
    ],
)
def test_labels_from_types(head: str, label: str) -> None:
    assert draft_of(f"{head}:112").phones[0].label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("_$!<Mobile>!$_", "cell"),
        ("_$!<WorkFAX>!$_", "work fax"),
        ("_$!<Work>!$_", "work"),
        ("_$!<AssistantPhone>!$_", "assistant phone"),
        ("Mobile", "cell"),
        ("mobile", "mobile"),
        ("  Vrátnice\\, sklad ", "Vrátnice, sklad"),
        ("x" * 200, "x" * 100),
    ],
)
def test_labels_from_apple(text: str, label: str) -> None:
    assert draft_of(f"ITEM1.TEL;TYPE=HOME:112\nitem1.X-ABLabel:{text}").phones[0].label == label


@pytest.mark.parametrize(
    "head", ["TEL;PREF", "TEL;TYPE=pref", 'TEL;TYPE="cell,PREF"', "TEL;PREF=1"]
)
def test_preferred(head: str) -> None:
    first, second = draft_of(f"{head}:605203938\\, 777123456").phones
    assert (first.preferred, second.preferred) == (True, False)


def test_not_preferred() -> None:
    assert not draft_of("TEL;PREF=2:112").phones[0].preferred


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("BDAY:1980-03-22", "1980-03-22"),
        ("BDAY:19800322", "1980-03-22"),
        ("BDAY:1980-03-22T10:00:00Z", "1980-03-22"),
        ("BDAY:--0322", "--03-22"),
        ("BDAY:--03-22", "--03-22"),
        ("BDAY:16040229", "--02-29"),
        ("BDAY:0000-03-22", "--03-22"),
        ("BDAY;X-APPLE-OMIT-YEAR=1900:1900-03-22", "--03-22"),
        ("BDAY:22. 3. 1980", "1980-03-22"),
        ("BDAY:22.3.1980", "1980-03-22"),
        ("BDAY:1980-3-22", "1980-03-22"),
        ("BDAY:1980-3-32", ""),
        ("BDAY:1980-0322", ""),
        ("BDAY:1981-02-29", ""),
        ("BDAY:---22", ""),
        ("BDAY:1980", ""),
        ("BDAY:\u0661\u0669\u0668\u0660-03-22", ""),
        ("BDAY;VALUE=text:kolem 1800", ""),
    ],
)
def test_birthdays(body: str, expected: str) -> None:
    record = one(body)
    assert record.draft is not None
    assert record.draft.birthday == expected
    named = [f"Not a date of birth: {body.partition(':')[2]}"]
    assert list(record.notes) == ([] if expected else named)


@pytest.mark.parametrize(
    ("body", "address"),
    [
        (
            "ADR:;;Lipová 3;Brno;;602 00;Česko",
            Address("", "", "", "Lipová 3", "Brno", "", "602 00", "Česko"),
        ),
        ("ADR:;;Lipová 3", Address(street="Lipová 3")),
        ("ADR:1;2;3;4;5;6;7;8;;9", Address("", "1", "2", "3", "4", "5", "6", "7, 8, 9")),
        ("ADR:;;3;4;5;6;7;;;;;;;;;;;18", Address("", "", "", "3", "4", "5", "6", "7")),
        ("ADR;WORK:;;;;;;\nLABEL;WORK:Lipová 3\\nBrno", Address("work", street="Lipová 3\nBrno")),
        ("ADR;LABEL=Lipová 3:", Address()),
    ],
)
def test_addresses(body: str, address: Address) -> None:
    found = draft_of(body).addresses
    assert found == ((address,) if address != Address() else ())


@pytest.mark.parametrize(
    ("version", "body", "additional", "suffix"),
    [
        ("3.0", "N:Nováková;Eva;Anna,Marie;;MBA,Ph.D.", "Anna, Marie", "MBA, Ph.D."),
        ("3.0", "N:Nováková;Eva;Anna\\,Marie", "Anna,Marie", ""),
        ("2.1", "N:Nováková;Eva;Anna,Marie;;MBA,Ph.D.;zbytek", "Anna,Marie", "MBA,Ph.D."),
        ("3.0", "N:;;;;\nN:Nováková;Eva;Marie", "Marie", ""),
    ],
)
def test_lists_in_names(version: str, body: str, additional: str, suffix: str) -> None:
    draft = draft_of(body, version)
    assert (draft.family, draft.given) == ("Nováková", "Eva")
    assert (draft.additional, draft.suffix) == (additional, suffix)


def test_android_custom_fields() -> None:
    assert draft_of("X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Evka;1;;").nickname == "Evka"
    assert draft_of("X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname").nickname == ""
    assert draft_of("X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Jan;1").nickname == ""


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("X-SKYPE:eva", "skype:eva"),
        ("X-JABBER:xmpp:eva@x.example", "xmpp:eva@x.example"),
        ("IMPP:eva", "eva"),
        ("X-MS-IMADDRESS:eva@x.example", "eva@x.example"),
        ("X-messaging/jabber-Home:eva@x.example", "xmpp:eva@x.example"),
        ("X-messaging/signal-All:eva", "signal:eva"),
        ("X-messaging/eva:eva", None),
    ],
)
def test_chats(body: str, value: str | None) -> None:
    assert draft_of(body).ims == ((Point(value),) if value else ())


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("NOTE:a\nb c\n\nd", "a\nb c\nd"),
        ("NOTE:a\\\nb", "a\nb"),
        ("NOTE:a\nhttp://x.example", "a\nhttp://x.example"),
        ("NOTE:a\nOtevřeno: ano", "a\nOtevřeno: ano"),
        ("NOTE:a\nTEL:112", "a"),
        ("NOTE:a\nTEL;TYPE=cell:112", "a"),
        ("TITLE:a\nb c", ""),
    ],
)
def test_lines_of_a_note_that_are_no_property_belong_to_it(body: str, note: str) -> None:
    assert draft_of(body).note == note


def test_several_emails_in_one_value() -> None:
    first, second = draft_of("EMAIL;TYPE=WORK,PREF:mailto:a@x.example; b@x.example").emails
    assert first == Point("a@x.example", "work", preferred=True)
    assert second == Point("b@x.example", "work")


@pytest.mark.parametrize(
    ("body", "is_said"),
    [
        ("TEL:605203938 nebo 777123456", False),
        ("TEL:Mobil: 605203938", False),
        ("TEL:605203938 (Jana)", True),
        ("TEL:605203938 aneb Jana", False),
    ],
)
def test_a_remark_beside_a_phone_is_named_but_not_its_small_words(body: str, is_said: bool) -> None:
    assert bool(one(body).notes) == is_said


def test_a_second_name_is_a_nickname() -> None:
    draft = draft_of("N;ALTID=1;LANGUAGE=jp:山田;太郎;;;\nN;ALTID=1;LANGUAGE=en:Yamada;Taro;;;")
    assert (draft.family, draft.given, draft.nickname) == ("山田", "太郎", "Yamada Taro")


def test_the_firm_of_whatsapp_counts_where_there_is_no_other() -> None:
    assert draft_of("X-WA-BIZ-NAME:Pila").organisation == "Pila"
    both = draft_of("ORG:Pila\nX-WA-BIZ-NAME:Truhlářství")
    assert (both.organisation, both.note) == ("Pila", "Truhlářství")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"NOTE:Dvo\xf8\xe1k", "Dvořák"),
        (b"NOTE;CHARSET=ISO-8859-2:\xa9\xedma", "Šíma"),
        (b"NOTE;CHARSET=iso_8859-1:M\xfcller \x80", "Müller €"),
        (b"NOTE;CHARSET=UTF-8:Dvo\xf8\xe1k", "Dvořák"),
        (b"NOTE;CHARSET=us-ascii:Dvo\xf8\xe1k", "Dvořák"),
        (b"NOTE;CHARSET=zlib:Dvo\xf8\xe1k", "Dvořák"),
        (b"NOTE;CHARSET=windows-1259:Dvo\xf8\xe1k", "Dvořák"),
        (b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:P=C5=99=C3=ADli=C5", "Příli"),
        (b"NOTE;QUOTED-PRINTABLE:a=\r\nb=\r\n c=", "ab c"),
        (b"NOTE;ENCODING=BASE64:UMWZw61saQ==", "Příli"),
        (b'NOTE;X="a:b;c":d', "d"),
        (b'NOTE;X="a:d', "d"),
        (b"NOTE:R\xcc\x8cehor\xcc\x8c", "Řehoř"),
        (b"NOTE:a\xcd\xbeb", "a;b"),
        (b"NOTE:a\x00b\x0bc\xef\xbf\xbe", "abc"),
        (b'NOTE:\\\\server\\Users\\, a\\:b\\"\\Nc', '\\server\\Users, a:b"\nc'),
    ],
)
def test_decoding(line: bytes, text: str) -> None:
    [record] = read(b"BEGIN:VCARD\r\nFN:Eva\r\n" + line + b"\r\nEND:VCARD\r\n")
    assert record.draft is not None
    assert record.draft.note == text


def test_a_greek_question_mark_is_no_separator() -> None:
    assert draft_of("ORG:Firma\u037e oddělení").organisation == "Firma; oddělení"


@pytest.mark.parametrize("version", ["2.1", "3.0"])
@pytest.mark.parametrize("space", ["", " "])
def test_folds_of_2_1_keep_their_space(version: str, space: str) -> None:
    kept = " " if version == "2.1" or space else ""
    assert draft_of(f"NOTE:a\n {space}b", version).note == f"a{kept}{space * (version == '2.1')}b"


@pytest.mark.parametrize(
    "photo",
    [
        "PHOTO;VALUE=uri:http://169.254.169.254/latest",
        "PHOTO;VALUE=URL:file:///etc/passwd",
        "PHOTO:cid:1@x",
    ],
)
def test_pictures_elsewhere_are_never_fetched(photo: str) -> None:
    assert one(photo).notes == ("Left out: a picture that lies elsewhere; it is not fetched.",)


def test_the_first_good_picture_counts() -> None:
    good = b64encode(image()).decode()
    damaged = "PHOTO;ENCODING=b:AAAA"
    for picture in (
        f"PHOTO;ENCODING=b;TYPE=PNG:{good}",
        f"PHOTO;TYPE=PNG:{good}",
        f"PHOTO:data:image/png;base64,{quote(good)}",
        f"PHOTO;VALUE=uri:data:image/png,{quote(image())}",
    ):
        record = one(f"{damaged}\n{picture}\n{damaged}")
        assert record.draft is not None
        assert record.draft.photo == PHOTO
        assert len(record.notes) == 1


def test_agents_are_skipped_with_all_they_hold() -> None:
    agent = "BEGIN:VCARD\nFN:Jan\nAGENT:\nBEGIN:VCARD\nFN:Petr\nEND:VCARD\nTEL:113\nEND:VCARD"
    record = one(f"AGENT:\n{agent}\nTEL:112")
    assert record.draft == Draft(full_name="Eva", phones=(Point("112"),))
    assert record.notes == ("Left out: the card of another person inside this one (AGENT).",)


def test_utf_16_without_a_mark() -> None:
    text = "BEGIN:VCARD\nFN:Řehoř\nEND:VCARD\n"
    for codec in ("utf-16-le", "utf-16-be", "utf-16"):
        [record] = read(text.encode(codec))
        assert record.draft == Draft(full_name="Řehoř")
