"""`kustod incident`, as a script and as a person reads it."""

import json
from pathlib import Path

import pytest

from app import clock, keys
from app.db import open_database
from app.models import AuditEvent, HandOver
from dav.application import build
from tests.cli.conftest import Kustod
from tests.davclient import Phone


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


def test_the_list_is_handed_out_with_the_values_of_that_day(kustod: Kustod, tmp_path: Path) -> None:
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("directory", "add", "firms", "--name", "Firmy", "--preset", "suppliers")
    said = ("--given", "Karel", "--phone", "cell=+420777123456")
    uid = kustod.json("contact", "add", "--directory", "firms", *said)["uid"]
    terms = ("--on", "directory:firms", "--can", "read,sync,edit")
    kustod.json("grant", "add", "--to", "olga@example.org", *terms)
    made = kustod.json("device", "add", "olga@example.org", "--name", "Phone")
    opened = open_database(kustod.environment["KUSTOD_DATABASE_URL"])
    ring = keys.load(Path(kustod.environment["KUSTOD_INSTANCE"]) / "keys.json")
    door = build(opened, ring, clock.now)
    Phone(door, made["username"], made["password"], device=made["id"]).sync()
    kustod.json("device", "stop", made["id"], "--lost")
    kustod.json("contact", "edit", uid, "--phone", "cell=+420605111222")
    name = kustod.json("incident", "list")[0]["id"]

    asked = ("incident", "export", name, "--to", "Úřad", "--reason", "hlášení")
    assert kustod("incident", "export", name, "--to", "Úřad").code == 2
    assert kustod(*asked, "--output", tmp_path / "no" / "file").code == 2
    document = json.loads(kustod(*asked).out)
    assert (document["is_open"], document["on_it"]["people"]) == (True, 1)
    assert document["contacts"][0]["uid"] == uid
    assert "+420777123456" in str(document["contacts"][0]["values"])
    assert "605111222" not in str(document)
    file = tmp_path / "list.csv"
    done = kustod.json(*asked, "--format", "csv", "--output", file)
    assert (done["count"], done["format"], done["file"]) == (1, "csv", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "+420777123456" in file.read_text()
    with opened.read() as session:
        rows = session.query(HandOver).all()
        audit = session.query(AuditEvent).filter_by(action="incident.export").all()
    assert [(row.recipient, row.reason, row.channel) for row in rows] == [
        ("Úřad", "hlášení", "export")
    ] * 2
    assert [row.detail for row in audit] == [{"contacts": 1}] * 2
    opened.engine.dispose()


def test_what_is_not_there(kustod_sqlite: Kustod) -> None:
    assert kustod_sqlite.json("incident", "list") == []
    assert "no such incident" in kustod_sqlite.error("incident", "show", "nothing")
    said = ("--tell", "nobody", "--reason", "why")
    assert "no such incident" in kustod_sqlite.error("incident", "decide", "nothing", *said)
