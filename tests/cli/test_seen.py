"""`kustod seen`, as a script and as a person reads it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import open_database
from app.models import AuditEvent
from tests.cli.conftest import Kustod


@pytest.fixture
def karel(kustod: Kustod) -> str:
    """A person whom Eva may read and export."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    kustod.json("directory", "add", "firms", "--name", "Firmy", "--preset", "suppliers")
    terms = ("--on", "directory:firms", "--can", "read,export")
    kustod.json("grant", "add", "--to", "eva@example.org", *terms, "--until", "2098-12-31")
    said = ("--given", "Karel", "--phone", "cell=777 123 456")
    return str(kustod.json("contact", "add", "--directory", "firms", *said)["uid"])


def test_the_four_answers(kustod: Kustod, karel: str, tmp_path: Path) -> None:
    whom = ("--as", "eva@example.org", "--to", "Tax adviser", "--reason", "accounts")
    file = str(tmp_path / "firms.csv")
    kustod.json("contact", "export", "firms", "--format", "csv", *whom, "--output", file)
    asked = ("seen", karel, "--from", "2020-01-01", "--to", "2099-12-31")
    found = kustod.json(*asked)
    assert found.keys() == {
        *("uid", "from", "to", "could_see", "was_shown", "was_held", "went_out"),
    }
    assert (found["uid"], found["to"]) == (karel, "2099-12-31T23:00:00.000000Z")
    eva = [row for row in found["could_see"] if row["email"] == "eva@example.org"]
    assert [(row["channel"], row["until"], row["fields"]) for row in eva] == [
        ("portal", "2098-12-31T23:00:00.000000Z", "full"),
        ("export", "2098-12-31T23:00:00.000000Z", "full"),
    ]
    assert eva[0].keys() == {
        *("user", "email", "channel", "device_id", "device", "from", "until", "fields"),
        *("grants", "projects"),
    }
    assert (found["was_shown"], found["was_held"]) == ([], [])
    assert found["went_out"][0]["recipient"] == "Tax adviser"
    lines = kustod(*asked).out.splitlines()
    assert lines[0] == "Could see:"
    assert "Was shown:" in lines
    assert lines[lines.index("Was held:") + 1] == "  By no device."
    assert "Tax adviser" in lines[-1]


def test_the_person_himself_reads_no_names_of_staff(
    kustod: Kustod, karel: str, tmp_path: Path
) -> None:
    whom = ("--as", "eva@example.org", "--to", "Tax adviser", "--reason", "accounts")
    file = str(tmp_path / "firms.csv")
    kustod.json("contact", "export", "firms", "--format", "csv", *whom, "--output", file)
    asked = ("seen", karel, "--from", "2020-01-01", "--to", "2099-12-31", "--for", "person")
    found = kustod.json(*asked)
    assert found["purposes"] == ["Firmy"]
    assert {row["channel"] for row in found["could_see"]} == {"portal", "export"}
    assert all(row["purposes"] == ["Firmy"] for row in found["could_see"])
    assert [row["recipient"] for row in found["went_out"]] == ["Tax adviser"]
    for text in (str(found), kustod(*asked).out):
        assert "example.org" not in text
        assert "Eva" not in text


def test_asking_is_recorded_with_the_period(kustod: Kustod, karel: str) -> None:
    kustod.json("seen", karel, "--from", "2026-01-01T00:00:00Z", "--to", "2026-02-01T00:00:00Z")
    opened = open_database(kustod.environment["KUSTOD_DATABASE_URL"])
    with opened.read() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.seen")).one()
    opened.engine.dispose()
    assert row.subject_id is not None
    assert row.detail == {
        "start": "2026-01-01T00:00:00.000000Z",
        "end": "2026-02-01T00:00:00.000000Z",
        "audience": "authority",
    }


def test_what_cannot_be_asked(kustod_sqlite: Kustod) -> None:
    period = ("--from", "2026-05-01", "--to", "2026-05-03")
    assert "no such contact" in kustod_sqlite.error("seen", "nobody", *period)
    backwards = ("--from", "2026-05-03", "--to", "2026-05-01")
    assert "ends before it begins" in kustod_sqlite.error("seen", "nobody", *backwards)
    assert kustod_sqlite("seen", "nobody", "--from", "2026-05-01").code == 2
    assert kustod_sqlite("seen", "nobody", "--from", "x", "--to", "y").code == 2
    ahead = ("--from", "2999-01-01", "--to", "2999-12-31")
    assert "has not come yet" in kustod_sqlite.error("seen", "nobody", *ahead)
