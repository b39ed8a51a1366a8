"""What a draft says, whatever order it says it in."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.cards.card import Address, Draft, Photo, Point

EVA = Draft(
    full_name="Eva Nováková",
    categories=("VIP", "Muzea"),
    phones=(Point("112", "work"), Point("605 203 938", "cell", preferred=True)),
    addresses=(Address(locality="Brno"), Address(locality="Praha")),
    photo=Photo("image/jpeg", b"1"),
    source_uid="1",
)


@given(st.permutations(EVA.phones), st.permutations(EVA.categories), st.permutations(EVA.addresses))
def test_order_and_uid_say_nothing(
    phones: list[Point], categories: list[str], addresses: list[Address]
) -> None:
    other = replace(
        EVA,
        phones=tuple(phones),
        categories=tuple(categories),
        addresses=tuple(addresses),
        source_uid="2",
    )
    assert other.fingerprint() == EVA.fingerprint()


def test_everything_else_says_something() -> None:
    others = [
        EVA,
        Draft(),
        replace(EVA, full_name="Eva Novákova"),
        replace(EVA, nickname="Evka"),
        replace(EVA, photo=None),
        replace(EVA, photo=Photo("image/jpeg", b"2")),
        replace(EVA, phones=EVA.phones[:1]),
        replace(EVA, emails=EVA.phones, phones=()),
        replace(EVA, full_name="\ud800"),
    ]
    assert len({draft.fingerprint() for draft in others}) == len(others)
