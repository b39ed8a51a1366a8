import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.card import Address, ContactKind, Draft, Photo, Point
from app.cards.text import sort_key, xml_safe
from app.models.kinds import PointKind
from app.services import contact_values as values

KAREL = Draft(
    given="Karel",
    family="Novotný",
    prefix="Ing.",
    organisation="Dřevo s.r.o.",
    phones=(Point("777 123 456", "cell"), Point("vrátnice")),
    emails=(Point("Karel@Dřevo.cz"),),
    urls=(Point("https://drevo.cz"),),
    categories=("vip", "tesař"),
    addresses=(Address(street="Dlouhá 5", locality="Praha"),),
    photo=Photo("image/jpeg", b"jpeg"),
)
STATE = values.state_of(KAREL)

anything = st.text(st.characters(codec=None, categories=None), max_size=20)


@given(anything, anything, anything, anything)
def test_no_text_gets_past_that_xml_cannot_carry(a: str, b: str, c: str, d: str) -> None:
    dirty = Draft(
        full_name=a,
        note=b,
        source_uid=c,
        categories=(d,),
        phones=(Point(a, b),),
        addresses=(Address(street=c, label=d),),
    )
    state = values.state_of(values.clean(dirty))
    texts = [str(value) for value in state.values() if isinstance(value, str)]
    texts += [point.value + point.label for point in values.points_of(state, "phones")]
    texts += [
        str(row[part]) for row in values.address_rows(1, state) for part in ("street", "label")
    ]
    texts += [values.clean(dirty).source_uid, *values.column_values(state, "CZ").values()]
    for text in map(str, texts):
        assert text == xml_safe(text)
        text.encode()


def test_empty_points_and_addresses_are_left_out() -> None:
    dirty = Draft(
        phones=(Point(" "), Point("1 \n 2", " a  b ")),
        addresses=(Address(label="home"), Address(label="home", locality="Praha")),
        categories=("", "  vip  "),
    )
    clean = values.clean(dirty)
    assert clean.phones == (Point("1 2", "a b"),)
    assert [address.locality for address in clean.addresses] == ["Praha"]
    assert clean.categories == ("vip",)
    assert values.clean(clean) == clean


def test_a_name_in_parts_is_written_out_as_well() -> None:
    assert STATE["full_name"] == "Ing. Karel Novotný"
    assert values.state_of(Draft(emails=(Point("a@b.cz"),)))["full_name"] == ""
    assert values.state_of(replace(KAREL, full_name="Karel N."))["full_name"] == "Karel N."


def test_a_draft_comes_back_from_its_state() -> None:
    assert values.draft_of(STATE) == replace(
        KAREL, full_name="Ing. Karel Novotný", photo=None, categories=("vip", "tesař")
    )


def test_the_columns_of_a_row_and_what_is_derived_for_it() -> None:
    columns = values.column_values(STATE, "CZ")
    assert columns["kind"] is ContactKind.PERSON
    assert columns["categories"] == "vip\ntesař"
    assert len(columns["photo_sha256"]) == 64
    assert set(columns["search"].split()) == {
        *("karel", "novotny", "ing.", "drevo", "s.r.o.", "+420777123456", "777123456"),
    }
    assert set(columns["mail_search"].split()) == {"karel@drevo.cz", "karel@xn--devo-b5a.cz"}


@pytest.mark.parametrize(
    ("draft", "first"),
    [
        (Draft(given="Karel", family="Novotný", full_name="Ing. Karel"), "Novotný Karel"),
        (Draft(full_name="Karel Novotný", organisation="Firma"), "Karel Novotný"),
        (Draft(organisation="Firma"), "Firma"),
        (Draft(kind=ContactKind.ORGANISATION, organisation="Firma", full_name="F"), "Firma"),
        (Draft(kind=ContactKind.ORGANISATION, full_name="F", family="X"), "F"),
        (Draft(emails=(Point("a@b.cz"),), phones=(Point("1"),)), "a@b.cz"),
        (Draft(phones=(Point("1"),)), "1"),
        (Draft(), ""),
    ],
)
def test_contacts_stand_in_the_order_of_surnames(draft: Draft, first: str) -> None:
    columns = values.column_values(values.state_of(draft), "CZ")
    assert columns["sort_key"] == sort_key(first)


def test_points_get_the_form_to_compare_by() -> None:
    rows = values.point_rows(7, STATE, "CZ")
    assert [(row["kind"], row["norm"], row["position"]) for row in rows] == [
        (PointKind.PHONE, "+420777123456", 0),
        (PointKind.PHONE, "", 1),
        (PointKind.EMAIL, "karel@xn--devo-b5a.cz", 0),
        (PointKind.URL, "", 0),
    ]
    assert {row["contact_id"] for row in rows} == {7}
    assert values.point_rows(7, STATE, "SK", ["phones"])[0]["norm"] != "+420777123456"
    assert values.point_rows(7, STATE, "CZ", ["addresses"]) == []


def test_a_newer_version_replaces_what_it_says_and_keeps_what_it_is_silent_about() -> None:
    newer = Draft(given="Karla", family="Novotná", phones=(Point("605 203 938"),))
    state = values.overlaid(STATE, replace(newer, kind=ContactKind.ORGANISATION))
    assert state["full_name"] == "Karla Novotná"
    assert [point.value for point in values.points_of(state, "phones")] == ["605 203 938"]
    assert (state["organisation"], state["emails"]) == (STATE["organisation"], STATE["emails"])
    assert state["kind"] == "person"


def test_another_card_fills_gaps_and_adds_points() -> None:
    other = Draft(
        full_name="Karel",
        organisation="Jiná firma",
        title="tesař",
        phones=(Point("+420777123456", "work"), Point("605 203 938")),
        emails=(Point("KAREL@dřevo.cz"),),
        urls=(Point("HTTPS://DREVO.CZ"), Point("https://jinde.cz")),
        addresses=(
            Address(label="home", street="Dlouhá 5", locality="Praha"),
            Address(locality="Brno"),
        ),
        categories=("jiný",),
    )
    state = values.filled(STATE, other, "CZ")
    assert (state["full_name"], state["organisation"]) == ("Ing. Karel Novotný", "Dřevo s.r.o.")
    assert (state["title"], state["categories"]) == ("tesař", "vip\ntesař")
    phones = [point.value for point in values.points_of(state, "phones")]
    assert phones == ["777 123 456", "vrátnice", "605 203 938"]
    assert len(values.points_of(state, "emails")) == 1
    assert [p.value for p in values.points_of(state, "urls")][1:] == ["https://jinde.cz"]
    assert [row["locality"] for row in values.address_rows(1, state)] == ["Praha", "Brno"]
    assert values.filled(state, other, "CZ") == state


def test_differences_name_the_fields_with_both_values() -> None:
    assert values.differences(STATE, STATE) == {}
    new = {**STATE, "given": "Karla", "phones": ()}
    found = values.differences(STATE, new)
    assert found == {"given": ("Karel", "Karla"), "phones": (STATE["phones"], ())}


def test_the_history_can_be_read_back() -> None:
    assert values.text_of("Karel") == "Karel"
    assert values.text_of(()) == ""
    assert json.loads(values.text_of(STATE["phones"])) == [
        {"value": "777 123 456", "label": "cell", "preferred": False},
        {"value": "vrátnice", "label": "", "preferred": False},
    ]
