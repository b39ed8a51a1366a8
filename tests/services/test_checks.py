from datetime import UTC, datetime

import pytest

from app.db import FOREVER
from app.errors import Invalid
from app.models import RoleName
from app.services import checks

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("good", ["a", "stavba", "most-2026", "a.b_c", "x" * 64])
def test_a_slug_of_small_letters_is_taken(good: str) -> None:
    assert checks.slug(good) == good


@pytest.mark.parametrize("bad", ["", "-a", "a-", "Stavba", "š", "a b", "x" * 65, "a/b", "a\n"])
def test_any_other_slug_is_refused(bad: str) -> None:
    with pytest.raises(Invalid, match="slug"):
        checks.slug(bad)


def test_a_name_becomes_one_safe_line() -> None:
    assert checks.name("  Eva \x00\n Nováková\ud800 ") == "Eva Nováková"
    for bad in ("", " \x00 ", "x" * 201):
        with pytest.raises(Invalid, match="name"):
            checks.name(bad)


def test_a_remark_keeps_its_lines_and_ends_somewhere() -> None:
    assert checks.remark(" a\r\nb\x07 ") == "a\nb"
    assert len(checks.remark("x" * 5000)) == 2000


def test_an_email_is_stored_folded() -> None:
    assert checks.email(" Eva+Tag@Example.ORG ") == "eva+tag@example.org"
    assert checks.email("eva@příklad.cz") == "eva@xn--pklad-zsa96e.cz"
    for bad in ("", "eva", "eva@", "@x.cz", "a b@x.cz", "\ud800"):
        with pytest.raises(Invalid, match="email"):
            checks.email(bad)


def test_both_spellings_of_a_foreign_domain_are_login_names() -> None:
    assert checks.login_names("Eva@Příklad.cz") == {"eva@příklad.cz", "eva@xn--pklad-zsa96e.cz"}
    assert checks.login_names("Eva@x.cz") == {"eva@x.cz"}


def test_a_choice_names_what_there_is() -> None:
    assert checks.choice(RoleName, "dpo", "role") is RoleName.DPO
    with pytest.raises(Invalid, match="owner, admin, dpo, staff"):
        checks.choice(RoleName, "king", "role")


def test_a_period_begins_now_and_ends_never_unless_said() -> None:
    assert checks.period(None, None, NOON) == (NOON, FOREVER)
    assert checks.period(LATER, None, NOON) == (LATER, FOREVER)
    assert checks.period(NOON, LATER, LATER) == (NOON, LATER)
    for start, end in ((NOON, NOON), (LATER, NOON), (None, NOON)):
        with pytest.raises(Invalid, match="until"):
            checks.period(start, end, NOON)
