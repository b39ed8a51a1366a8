"""Cards written, and read again by ourselves and by the parser that Radicale uses."""

from dataclasses import fields, replace

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from app.cards.card import Address, Card, ContactKind, Draft, Point, Values
from app.cards.read import read
from app.cards.write import write
from tests.cards.strategies import NAUGHTY, PHOTO, cards, naughty

EVA = Card(
    "c0ffee",
    7,
    3,
    full_name="Ing. Eva Nováková, Ph.D.",
    family="Nováková",
    given="Eva",
    prefix="Ing.",
    suffix="Ph.D.",
    organisation="Stavby; Vltava, s.r.o.",
    department="Rozpočty",
    title="Rozpočtářka",
    role="Vedoucí",
    nickname="Evka",
    birthday="--02-29",
    note="První\nřádek \\ druhý",
    categories=("VIP", "Muzea, galerie"),
    phones=(
        Point("+420 605 203 938", "cell", preferred=True),
        Point("222 333 444", "Vrátnice, sklad"),
        Point("222 333 445", "work fax"),
    ),
    emails=(Point("eva@vltava.example", "work"),),
    urls=(Point("https://vltava.example/?a=1,2;b"),),
    ims=(Point("xmpp:eva@vltava.example"), Point("eva51", "home")),
    addresses=(Address("work", street="Nábřežní 12\n2. patro", locality="Praha", country="Česko"),),
)


def test_a_card_in_full() -> None:
    assert write(EVA).split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:c0ffee",
        "FN:Ing. Eva Nováková\\, Ph.D.",
        "N:Nováková;Eva;;Ing.;Ph.D.",
        "ORG:Stavby\\; Vltava\\, s.r.o.;Rozpočty",
        "NICKNAME:Evka",
        "TITLE:Rozpočtářka",
        "ROLE:Vedoucí",
        "TEL;TYPE=VOICE,CELL,PREF:+420 605 203 938",
        "item1.TEL;TYPE=VOICE:222 333 444",
        "item1.X-ABLabel:Vrátnice\\, sklad",
        "TEL;TYPE=WORK,FAX:222 333 445",
        "EMAIL;TYPE=INTERNET,WORK:eva@vltava.example",
        "URL:https://vltava.example/?a=1\\,2\\;b",
        "IMPP;X-SERVICE-TYPE=Jabber:xmpp:eva@vltava.example",
        "IMPP;TYPE=HOME:eva51",
        "ADR;TYPE=WORK:;;Nábřežní 12\\n2. patro;Praha;;;Česko",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
        "NOTE:První\\nřádek \\\\ druhý",
        "CATEGORIES:VIP,Muzea\\, galerie",
        "END:VCARD",
        "",
    ]


def test_a_firm_says_so_to_iphones() -> None:
    firm = Card("f1", 1, 1, kind=ContactKind.ORGANISATION, full_name="Pila Orlice")
    assert write(firm).split("\r\n")[3:7] == [
        "FN:Pila Orlice",
        "N:;;;;",
        "X-ABShowAs:COMPANY",
        "ORG:Pila Orlice",
    ]


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        (Card("p", 1, 1, given="Jan", family="Malý", suffix="ml."), "Jan Malý ml."),
        (Card("p", 1, 1, suffix="Ph.D."), "Ph.D."),
        (Card("p", 1, 1, organisation="Pila", nickname="Honza"), "Pila"),
        (Card("p", 1, 1, nickname="Honza", emails=(Point("jan@pila.example"),)), "Honza"),
        (Card("p", 1, 1, emails=(Point("jan@pila.example"),)), "jan@pila.example"),
        (Card("p", 1, 1, phones=(Point("112"),)), "112"),
        (Card("p", 1, 1), "p"),
    ],
)
def test_a_card_without_name_is_shown_by_the_best_it_has(card: Card, shown: str) -> None:
    assert f"\r\nFN:{shown}\r\n" in write(card).replace("\\,", ",")


def test_the_photo_is_in_the_card() -> None:
    written = write(replace(EVA, photo=PHOTO))
    assert "\r\nPHOTO;ENCODING=b;TYPE=JPEG:" in written
    [record] = read(written.encode())
    assert record.draft is not None
    assert record.draft.photo == PHOTO


def as_read(card: Card) -> Draft:
    """The draft a reader makes of a card, where it is not the same field by field.

    A name is always found; without parts it stands as family name, for iPhone shows N.
    """
    shown = card.shown_name() or card.public_id
    values = {field.name: getattr(card, field.name) for field in fields(Values)}
    draft = Draft(**{**values, "full_name": shown, "source_uid": card.public_id})
    if card.kind is ContactKind.ORGANISATION:
        return replace(draft, organisation=card.organisation or shown)
    if any((card.family, card.given, card.additional, card.prefix, card.suffix)):
        return draft
    return replace(draft, family=shown)


@given(cards)
def test_what_is_written_is_read_again(card: Card) -> None:
    [record] = read(write(card).encode())
    assert record.problem == ""
    assert record.notes == ()
    assert record.draft == as_read(card)


@given(cards)
def test_what_is_read_is_written_the_same(card: Card) -> None:
    """A phone that sends a card back unchanged changes nothing."""
    [first] = read(write(card).encode())
    assert first.draft is not None
    values = {field.name: getattr(first.draft, field.name) for field in fields(Values)}
    [second] = read(write(Card(card.public_id, 1, 1, **values)).encode())
    assert second.draft == first.draft


@given(cards)
def test_lines_are_short_and_carry_whole_characters(card: Card) -> None:
    written = write(card)
    assert written.endswith("\r\nEND:VCARD\r\n")
    for line in written.encode().split(b"\r\n"):
        assert len(line) <= 75
        assert b"\r" not in line
        assert b"\n" not in line
        line.decode()


@given(
    st.builds(
        Card,
        public_id=naughty,
        version=st.just(1),
        profile=st.just(1),
        full_name=naughty,
        family=naughty,
        organisation=naughty,
        note=naughty,
        birthday=naughty,
        categories=st.tuples(naughty),
        phones=st.tuples(st.builds(Point, naughty, naughty)),
        ims=st.tuples(st.builds(Point, naughty, naughty)),
        addresses=st.tuples(st.builds(Address, naughty, naughty)),
    )
)
def test_no_value_breaks_out_of_its_line(card: Card) -> None:
    """Every line is one that we write, whatever stands in the values."""
    unfolded = write(card).replace("\r\n ", "")
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded.split("\r\n")[:-1]]
    ours = {"BEGIN", "VERSION", "UID", "FN", "N", "ORG", "TEL", "IMPP", "ADR", "BDAY", "NOTE"}
    ours |= {
        "CATEGORIES",
        "END",
        *(f"item{i}.{n}" for i in (1, 2, 3) for n in ("TEL", "IMPP", "ADR", "X-ABLabel")),
    }
    assert set(names) <= ours
    assert names.count("BEGIN") == names.count("END") == 1
    assert len(list(read(write(card).encode("utf-8")))) == 1


@given(cards)
def test_radicales_parser_finds_every_value(card: Card) -> None:
    found = vobject.readOne(write(card))
    assert found.uid.value == card.public_id
    assert found.fn.value == (card.shown_name() or card.public_id)
    assert [line.value for line in found.contents.get("tel", [])] == [p.value for p in card.phones]
    assert [line.value for line in found.contents.get("email", [])] == [
        p.value for p in card.emails
    ]
    assert len(found.contents.get("adr", [])) == len(card.addresses)
    assert found.serialize()


@pytest.mark.parametrize("text", NAUGHTY, ids=ascii)
def test_radicales_parser_takes_each_naughty_text(text: str) -> None:
    found = vobject.readOne(write(Card("uid", 1, 1, full_name=f"a{text}b", note=text)))
    assert found.fn.value.startswith("a")
    assert found.fn.value.endswith("b")
