"""Random tokens and hashed passwords."""

import re

import pytest

from app import tokens

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def stored() -> str:
    return tokens.hash_password(PASSWORD)


def test_a_token_has_its_bits_and_is_safe_in_a_url() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", tokens.random_token())
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", tokens.random_token(256))


@pytest.mark.parametrize("make", [tokens.random_token, tokens.app_password, tokens.random_name])
def test_no_two_are_alike(make: object) -> None:
    assert callable(make)
    assert len({make() for _ in range(100)}) == 100


def test_an_app_password_is_groups_that_can_be_read_aloud() -> None:
    assert re.fullmatch(r"([a-z2-7]{5}-){4}[a-z2-7]{6}", tokens.app_password())


def test_a_name_is_sixteen_letters_and_digits() -> None:
    assert re.fullmatch(r"[a-z2-7]{16}", tokens.random_name())


def test_a_digest_is_sha_256() -> None:
    assert tokens.digest("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_digest_takes_what_a_client_may_send() -> None:
    assert tokens.digest("\udc80") != tokens.digest("")


def test_the_right_password_fits_and_another_does_not(stored: str) -> None:
    assert tokens.is_password(stored, PASSWORD)
    assert not tokens.is_password(stored, PASSWORD + "!")


def test_no_two_hashes_of_a_password_are_alike(stored: str) -> None:
    assert tokens.hash_password(PASSWORD) != stored


def test_nobody_has_an_empty_hash() -> None:
    assert not tokens.is_password("", PASSWORD)
    assert not tokens.is_password("", "nobody has this password")


def test_a_password_that_is_too_long_is_not_even_hashed() -> None:
    longest = "x" * tokens.PASSWORD_MAX
    assert tokens.is_password(tokens.hash_password(longest), longest)
    assert not tokens.is_password(tokens.hash_password(longest + "x"), longest + "x")


@pytest.mark.parametrize("end", [60, -30, -5])
def test_a_hash_that_was_cut_fits_nothing(stored: str, end: int) -> None:
    assert not tokens.is_password(stored[:end], PASSWORD)


def test_a_text_that_is_no_hash_fits_nothing() -> None:
    assert not tokens.is_password("plain text", "plain text")


def test_a_password_may_hold_any_text() -> None:
    odd = "žluťoučký \udc80 kůň"
    assert tokens.is_password(tokens.hash_password(odd), odd)
