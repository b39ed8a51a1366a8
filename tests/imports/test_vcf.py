import pytest

from app.errors import Invalid
from app.imports import vcf

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Žofie\r\nN:;Žofie;;;\r\nEND:VCARD\r\n"


def test_every_card_says_on_which_line_it_begins() -> None:
    records = list(vcf.records((CARD + "\r\n" + CARD).encode()))
    assert [(record.line, record.draft is not None) for record in records] == [(1, True), (7, True)]


def test_small_letters_and_other_encodings_are_cards_too() -> None:
    assert next(vcf.records(CARD.lower().encode())).draft is not None
    for encoding in ("utf-16-le", "utf-16-be"):
        assert list(vcf.records(CARD.encode(encoding)))


@pytest.mark.parametrize("data", [b"FN:Eva\nEND:VCARD\n", b"BEGIN : VCARD\nFN:Eva\n"])
def test_a_damaged_vcard_file_is_one(data: bytes) -> None:
    [record] = vcf.records(data)
    assert record.draft is not None


@pytest.mark.parametrize("data", [b"name;phone\nEva;1\n", b"\x00\xff"])
def test_another_file_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(Invalid, match="no vCard"):
        vcf.records(data)


def test_an_empty_file_is_refused_and_said_to_be_empty() -> None:
    with pytest.raises(Invalid, match="empty"):
        vcf.records(b"")


def test_there_are_as_many_records_as_were_counted() -> None:
    for data in (CARD, CARD + CARD, "stray\n" + CARD + "BEGIN:VCARD\nFN:x\n" + CARD):
        assert vcf.count(data.encode()) == len(list(vcf.records(data.encode())))


def test_an_archive_is_named_as_one() -> None:
    with pytest.raises(Invalid, match="ZIP archive; unpack it first"):
        vcf.check(b"PK\x03\x04..cards.vcf" + CARD.encode())
