"""`kustod contact export`, to a file, to standard output and into a document."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db import open_database
from app.models import HandOver
from tests.cli.conftest import Kustod

FOR_WHOM = ("--as", "eva@example.org", "--to", "Tax adviser", "--reason", "yearly accounts")
VCARD = ("contact", "export", "firms", "--format", "vcard", *FOR_WHOM)
CSV = ("contact", "export", "firms", "--format", "csv", *FOR_WHOM)


@pytest.fixture
def office(kustod: Kustod) -> Kustod:
    """Two contacts, and Eva who may export them."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    kustod.json("directory", "add", "firms", "--name", "Firmy", "--preset", "customers-firms")
    for name, phone in (("Karel Příliš", "+420 777 123 456"), ("=cmd", "605 203 938")):
        said = ("--name", name, "--phone", phone)
        kustod.json("contact", "add", "--directory", "firms", *said)
    terms = ("--on", "directory:firms", "--can", "export")
    kustod.json("grant", "add", "--to", "eva@example.org", *terms)
    return kustod


def handed_over(run: Kustod) -> int:
    opened = open_database(run.environment["KUSTOD_DATABASE_URL"])
    with opened.read() as session:
        found = len(session.scalars(select(HandOver.id)).all())
    opened.engine.dispose()
    return found


def table(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_file_of_cards(office: Kustod, tmp_path: Path) -> None:
    file = tmp_path / "firms.vcf"
    done = office.json(*VCARD, "--output", str(file))
    assert done.pop("file") == str(file)
    assert done == {"directory": "firms", "format": "vcard", "to": "Tax adviser", "count": 2}
    assert file.read_bytes().count(b"BEGIN:VCARD\r\n") == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert handed_over(office) == 2
    assert office(*VCARD, "--output", str(file)).out == f"Wrote 2 contacts to {file}.\n"


def test_standard_output_has_the_file_and_nothing_else(office: Kustod) -> None:
    said = office(*CSV)
    assert said.out.startswith("\ufeffuid,")
    assert [row["full_name"] for row in table(said.out)] == ["'=cmd", "Karel Příliš"]
    assert said.out.endswith("\n")
    assert not said.out.endswith("\n\n")
    assert office(*CSV, "--output", "-").out == said.out


def test_a_document_holds_the_content_where_no_file_is_named(office: Kustod) -> None:
    document = office.json(*CSV)
    assert (document["count"], document["format"]) == (2, "csv")
    assert table(document["content"])[1]["phone_1"] == "+420 777 123 456"


def test_what_is_not_exported_leaves_no_file_and_no_row(office: Kustod, tmp_path: Path) -> None:
    file = tmp_path / "firms.vcf"
    nobody = ("contact", "export", "firms", "--format", "csv", "--output", str(file))
    why = ("--to", "Tax adviser", "--reason", "accounts")
    as_olga = ("--as", "olga@example.org")
    refusal = office.error(*nobody, *as_olga, *why)
    assert refusal == "the directory firms holds nothing that this user may export"
    assert "reason: it is empty" in office.error(*CSV[:-1], "", "--output", str(file))
    assert "no directory" in office.error("contact", "export", "none", *CSV[3:])
    for missing in ("--to", "--reason", "--as"):
        at = CSV.index(missing)
        assert office(*CSV[:at], *CSV[at + 2 :]).code == 2
    assert office(*VCARD, "--output", str(tmp_path / "no" / "x.vcf")).code == 2
    assert not file.exists()
    assert handed_over(office) == 0


def test_a_file_that_cannot_be_written_is_said_and_the_rows_stay(office: Kustod) -> None:
    assert "the hand-over stays recorded" in office.error(*VCARD, "--output", "/dev/full")
    assert handed_over(office) == 2
