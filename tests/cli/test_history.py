"""`kustod contact history` and `restore`, as a script and as a person reads them."""

import pytest
from sqlalchemy import func, select

from app.db import open_database
from app.models import AuditEvent
from tests.cli.conftest import Kustod


@pytest.fixture
def karel(kustod: Kustod) -> str:
    """A person who has changed twice."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    kustod.json("directory", "add", "firms", "--name", "Firmy", "--preset", "customers-firms")
    said = ("--given", "Karel", "--phone", "cell=777 123 456", "--phone", "605 203 938")
    places = ("--address", "Dlouhá 5; Praha; 110 00; Česko")
    made = kustod.json("contact", "add", "--directory", "firms", *said, *places)
    uid = str(made["uid"])
    kustod.json("contact", "edit", uid, "--phone", "605 203 938", "--source", "rang up")
    kustod.json("contact", "edit", uid, "--note", "late\npayer", "--address", "")
    return uid


def audited(run: Kustod, action: str) -> int:
    opened = open_database(run.environment["KUSTOD_DATABASE_URL"])
    with opened.read() as session:
        query = select(func.count()).where(AuditEvent.action == action)
        found = session.scalar(query) or 0
    opened.engine.dispose()
    return found


def test_a_value_comes_back_and_both_changes_stand_in_the_history(
    kustod: Kustod, karel: str
) -> None:
    before = kustod.json("contact", "history", karel)
    assert before.keys() == {
        *("uid", "created_at", "obtained_at", "source", "source_detail", "actor", "changes"),
    }
    change = before["changes"][-1]
    assert (change["field"], change["source_detail"]) == ("phones", "rang up")
    done = kustod.json("contact", "restore", karel, change["id"])
    assert done == {"uid": karel, "change": change["id"], "changed": ["phones"]}
    row = kustod.json("contact", "list")[0]
    assert row["phones"] == ["777 123 456", "605 203 938"]
    newest = kustod.json("contact", "history", karel)["changes"][0]
    assert (newest["old"], newest["new"]) == (change["new"], change["old"])
    assert str(change["id"]) in newest["source_detail"]
    assert "Changed: nothing." in kustod("contact", "restore", karel, change["id"]).out


def test_a_person_reads_values_in_words(kustod: Kustod, karel: str) -> None:
    lines = kustod("contact", "history", karel).out.splitlines()
    assert lines[0].startswith("Entered 20")
    assert "777 123 456 (cell); 605 203 938" in lines[-1]
    assert "late payer" in lines[-2] + lines[-3]
    assert "Dlouhá 5, Praha, 110 00, Česko" in lines[-2] + lines[-3]


def test_the_operators_look_is_recorded_and_a_users_view_is_his(kustod: Kustod, karel: str) -> None:
    asked = ("contact", "history", karel)
    kustod.json(*asked)
    assert audited(kustod, "contact.history") == 1
    as_eva = (*asked, "--as", "eva@example.org")
    assert "no such contact" in kustod.error(*as_eva)
    terms = ("--can", "read", "--fields", "caller")
    kustod.json("grant", "add", "--to", "eva@example.org", "--on", "directory:firms", *terms)
    assert [step["field"] for step in kustod.json(*as_eva)["changes"]] == ["phones"]
    assert audited(kustod, "contact.history") == 1


def test_a_contact_that_never_changed_says_so(kustod: Kustod, karel: str) -> None:
    made = kustod.json("contact", "add", "--directory", "firms", "--name", "X", "--source", "card")
    said = kustod("contact", "history", made["uid"]).out
    assert "(card)." in said
    assert "It has not changed since." in said


def test_what_cannot_be_asked(kustod: Kustod, karel: str) -> None:
    for question in (("history", "nobody"), ("restore", "nobody", 1)):
        assert "no such contact" in kustod.error("contact", *question)
    assert "no such change" in kustod.error("contact", "restore", karel, 99)
    assert "no user" in kustod.error("contact", "history", karel, "--as", "nobody@example.org")
    assert kustod("contact", "restore", karel, "x").code == 2
    long = kustod.error("contact", "edit", karel, "--name", "x" * 201)
    assert long == "full_name: it is longer than 200 characters"
