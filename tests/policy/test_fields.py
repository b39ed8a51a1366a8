"""Which fields leave with which profile, over which channel."""

from itertools import pairwise

import pytest

from app.models.kinds import Profile
from app.policy import Channel, fields_of
from app.policy.fields import CALLER, FIELDS, FULL, MINIMAL, STANDARD

NOT_PHONES = [channel for channel in Channel if channel is not Channel.CARDDAV]
NUMBERS = {"registration_number", "tax_number"}


def test_every_profile_but_the_default_has_fields() -> None:
    assert set(FIELDS) == set(Profile) - {Profile.BY_CHANNEL}


def test_a_wider_profile_holds_all_of_a_narrower_one() -> None:
    assert all(narrow < wide for narrow, wide in pairwise(FIELDS[p] for p in sorted(FIELDS)))


def test_a_caller_is_a_name_an_organisation_and_phones() -> None:
    name = {"full_name", "family", "given", "additional", "prefix", "suffix", "nickname"}
    assert name | {"organisation", "department", "phones"} == CALLER


def test_minimal_adds_title_role_and_emails() -> None:
    assert {"title", "role", "emails"} == MINIMAL - CALLER


def test_standard_adds_where_he_is_found_and_his_face() -> None:
    assert {"addresses", "urls", "ims", "photo"} == STANDARD - MINIMAL


def test_full_adds_what_is_nobody_elses_business() -> None:
    assert {"birthday", "categories", "note", *NUMBERS} == FULL - STANDARD


@pytest.mark.parametrize("channel", NOT_PHONES)
@pytest.mark.parametrize("is_natural", [True, False])
@pytest.mark.parametrize("level", sorted(FIELDS))
def test_a_profile_leaves_whole_except_by_phone(
    level: Profile, is_natural: bool, channel: Channel
) -> None:
    assert fields_of(int(level), channel, is_natural=is_natural) == FIELDS[level]


@pytest.mark.parametrize("level", sorted(FIELDS))
def test_notes_and_numbers_of_a_person_never_reach_a_phone(level: Profile) -> None:
    fields = fields_of(int(level), Channel.CARDDAV, is_natural=True)
    assert fields == FIELDS[level] - {"note", *NUMBERS}


@pytest.mark.parametrize("level", sorted(FIELDS))
def test_numbers_of_a_firm_are_public_but_notes_stay(level: Profile) -> None:
    fields = fields_of(int(level), Channel.CARDDAV, is_natural=False)
    assert fields == FIELDS[level] - {"note"}


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("level", [-1, 0, 5])
def test_no_profile_no_fields(level: int, channel: Channel) -> None:
    assert fields_of(level, channel, is_natural=False) == frozenset()
