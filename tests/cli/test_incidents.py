"""`kustod incident`, as a script and as a person reads it."""

import pytest

from app.db import open_database
from app.models import AuditEvent
from tests.cli.conftest import Kustod


@pytest.fixture
def device(kustod: Kustod) -> str:
    """A phone of Eva's, reported lost."""
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    made = kustod.json("device", "add", "eva@example.org", "--name", "Phone", "--managed")
    kustod.json("device", "stop", made["id"], "--lost")
    return str(made["id"])


def test_a_lost_phone_has_one_incident(kustod: Kustod, device: str) -> None:
    kustod.json("device", "stop", device, "--lost")
    (row,) = kustod.json("incident", "list")
    assert row.keys() == {
        *("id", "user", "device", "managed", "opened_at", "reported_by", "known_at", "due_at"),
        *("is_open", "is_overdue", "hours_left", "locked", "encrypted", "state", "seen_at"),
        *("emptied_at", "given_up_at", "give_up_reason", "decision", "reason"),
    }
    assert (row["device"], row["user"], row["managed"]) == ("Phone", "Eva", True)
    assert (row["is_open"], row["decision"], row["reported_by"]) == (True, None, None)
    assert row["hours_left"] in {71, 72}
    assert "Phone" in kustod("incident", "list").out


def test_it_is_decided_with_a_reason(kustod: Kustod, device: str) -> None:
    name = kustod.json("incident", "list")[0]["id"]
    assert kustod("incident", "decide", name, "--tell", "nobody").code == 2
    said = ("--tell", "nobody", "--reason", "it never connected")
    assert kustod.json("incident", "decide", name, *said)["is_open"] is False
    found = kustod.json("incident", "show", name)
    assert (found["decision"], found["reason"]) == ("nobody", "it never connected")
    assert [step["kind"] for step in found["steps"]] == ["decision"]
    assert "contacts" not in found
    assert "decision" in kustod("incident", "show", name).out
    kustod.json("device", "give-up", device, "--reason", "too late: it is empty")


def test_the_contacts_of_one_are_shown_for_a_record(kustod: Kustod, device: str) -> None:
    name = kustod.json("incident", "list")[0]["id"]
    found = kustod.json("incident", "show", name, "--contacts")
    assert (found["contacts"], found["on_it"]["people"]) == ([], 0)
    opened = open_database(kustod.environment["KUSTOD_DATABASE_URL"])
    with opened.read() as session:
        assert session.query(AuditEvent).filter_by(action="incident.contacts").count() == 1
    opened.engine.dispose()


def test_what_is_not_there(kustod_sqlite: Kustod) -> None:
    assert kustod_sqlite.json("incident", "list") == []
    assert "no such incident" in kustod_sqlite.error("incident", "show", "nothing")
    said = ("--tell", "nobody", "--reason", "why")
    assert "no such incident" in kustod_sqlite.error("incident", "decide", "nothing", *said)
