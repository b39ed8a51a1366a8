"""Imports at the shell: done by the command or left to the worker, stopped and taken back."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from typing_extensions import override

from app import clock
from app.cli import job_runs
from app.db import Sessions, open_database
from app.imports import vcf
from app.models.kinds import JobState
from app.queries.jobs import SILENCE
from app.services import jobs
from app.services.audit import OPERATOR
from app.services.jobs import Standing
from app.worker import take_up
from tests.cli.conftest import Kustod

CardFile = Callable[..., Path]
MANY = tuple(("Eva", f"Nováková{n}", f"60520{n:04d}", f"UID:u{n}") for n in range(250))


@pytest.fixture
def directory(kustod: Kustod) -> tuple[str, ...]:
    """The options of an import into a directory that is there."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("directory", "add", "firms", "--name", "Firms", "--preset", "customers-people")
    return ("--directory", "firms", "--source", "Outlook")


@pytest.fixture
def opened(kustod: Kustod) -> Iterator[Sessions]:
    sessions = open_database(kustod.environment["KUSTOD_DATABASE_URL"])
    yield sessions
    sessions.engine.dispose()


def test_an_import_says_which_job_it_was(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...]
) -> None:
    done = kustod.json("contact", "import", card_file(*MANY), *directory)
    job = kustod.json("job", "show", done["job"])
    assert (done["created"], len(done["rows"])) == (250, 250)
    assert (job["state"], job["progress"], job["total"]) == ("done", 250, 250)
    assert job["rows"] == done["rows"]
    assert [row["id"] for row in kustod.json("job", "list")] == [done["job"]]
    assert "job" not in kustod.json("contact", "import", card_file(*MANY), *directory, "--dry-run")


def test_an_import_is_left_to_the_worker(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...], opened: Sessions
) -> None:
    left = kustod.json("contact", "import", card_file(*MANY), *directory, "--background")
    assert left == {"job": left["job"], "state": "waiting"}
    assert kustod.json("contact", "list") == []
    assert take_up(opened, threading.Event())
    assert not take_up(opened, threading.Event())
    assert kustod.json("job", "show", left["job"])["counts"]["created"] == 250


def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...], opened: Sessions
) -> None:
    job_id = kustod.json("contact", "import", card_file(*MANY), *directory, "--background")["job"]
    stop = threading.Event()
    stop.set()
    assert take_up(opened, stop)
    job = kustod.json("job", "show", job_id)
    assert (job["state"], job["progress"]) == ("waiting", 100)
    assert take_up(opened, threading.Event())
    assert kustod.json("job", "show", job_id)["counts"]["created"] == 250


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_back_what_came_so_far(
    kustod_sqlite: Kustod,
    card_file: CardFile,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    kustod = kustod_sqlite
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("directory", "add", "firms", "--name", "Firms", "--preset", "customers-people")
    records = vcf.records

    def read(data: bytes) -> Iterator[object]:
        for n, record in enumerate(records(data)):
            if n == 150:
                os.kill(os.getpid(), number)
            yield record

    monkeypatch.setattr(vcf, "records", read)
    options = ("--directory", "firms", "--source", "Outlook")
    error = kustod.error("contact", "import", card_file(*MANY), *options)
    assert error == "the import was cancelled; what it had brought was taken back"
    assert kustod.json("contact", "list") == []
    assert kustod.json("job", "list")[0]["state"] == "cancelled"


def test_a_waiting_import_is_cancelled(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...]
) -> None:
    job_id = kustod.json("contact", "import", card_file(*MANY), *directory, "--background")["job"]
    for _ in range(2):
        assert kustod.json("job", "cancel", job_id)["state"] == "cancelled"


def test_an_import_is_taken_back_but_for_what_was_edited(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...]
) -> None:
    file = card_file(*MANY)
    done = kustod.json("contact", "import", file, *directory)
    edited = done["rows"][7]["uid"]
    kustod.json("contact", "edit", edited, "--note", "mine")
    assert "kustod job undo" in kustod.error("job", "cancel", done["job"])
    for _ in range(2):
        job = kustod.json("job", "undo", done["job"])
        assert job["state"] == "undone"
        assert (job["counts"]["erased"], job["counts"]["kept"]) == (249, 1)
        assert [(row["uid"], row["reason"]) for row in job["rows"]] == [
            (edited, "It was edited since.")
        ]
    assert [row["uid"] for row in kustod.json("contact", "list")] == [edited]
    assert edited in kustod("job", "show", done["job"]).out
    assert kustod.json("holders", done["rows"][0]["uid"]) == []
    again = kustod.json("contact", "import", file, *directory)
    assert (again["created"], again["unchanged"], again["suppressed"]) == (249, 1, 0)


def test_an_import_whose_process_died_is_found_and_taken_back(
    kustod: Kustod,
    card_file: CardFile,
    directory: tuple[str, ...],
    opened: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_id = kustod.json("contact", "import", card_file(*MANY), *directory, "--background")["job"]
    with opened.write() as session:
        assert jobs.claim(session, clock.now() - 2 * SILENCE, job_id)
    assert kustod.json("job", "list")[0]["state"] == "stopped"
    assert kustod.json("job", "undo", job_id)["state"] == "cancelled"


def test_an_import_that_another_process_does_is_asked_to_stop(
    kustod: Kustod, card_file: CardFile, directory: tuple[str, ...], opened: Sessions
) -> None:
    job_id = kustod.json("contact", "import", card_file(*MANY), *directory, "--background")["job"]
    with opened.write() as session:
        assert jobs.claim(session, clock.now(), job_id)
    job = kustod.json("job", "cancel", job_id)
    assert (job["state"], job["cancel_asked_at"] is None) == ("running", False)


def test_an_import_that_somebody_else_cancels_says_so(
    kustod_sqlite: Kustod, card_file: CardFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    kustod = kustod_sqlite
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("directory", "add", "firms", "--name", "Firms", "--preset", "customers-people")
    sessions = open_database(kustod.environment["KUSTOD_DATABASE_URL"])
    records = vcf.records

    def read(data: bytes) -> Iterator[object]:
        for n, record in enumerate(records(data)):
            if n == 150:
                with sessions.write() as session:
                    jobs.take_back(session, OPERATOR, 1, clock.now())
            yield record

    monkeypatch.setattr(vcf, "records", read)
    options = ("--directory", "firms", "--source", "Outlook")
    assert "cancelled" in kustod.error("contact", "import", card_file(*MANY), *options)
    sessions.engine.dispose()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x00" * 1000, "neither a vCard"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "neither a vCard"),
    ],
)
def test_what_is_no_file_of_cards_is_refused_in_words(
    kustod_sqlite: Kustod, tmp_path: Path, data: bytes, says: str
) -> None:
    path = tmp_path / "x.vcf"
    path.write_bytes(data)
    for more in ((), ("--dry-run",), ("--background",)):
        options = ("--directory", "firms", "--source", "x", *more)
        assert says in kustod_sqlite.error("contact", "import", path, *options)
    assert kustod_sqlite.json("job", "list") == []


def test_a_huge_file_is_refused_in_words(kustod_sqlite: Kustod, tmp_path: Path) -> None:
    path = tmp_path / "x.vcf"
    with path.open("wb") as file:
        file.truncate(vcf.LIMIT + 1)
    options = ("--directory", "firms", "--source", "x")
    assert "100 MB" in kustod_sqlite.error("contact", "import", path, *options)


def test_there_is_no_such_job(kustod_sqlite: Kustod) -> None:
    for act in ("show", "cancel", "undo"):
        assert "no job 7" in kustod_sqlite.error("job", act, 7)


def test_a_person_who_watches_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        @override
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    job_runs.show(Standing(JobState.RUNNING, 100, 250, is_ending=False))
    job_runs.show(Standing(JobState.RUNNING, 90, 250, is_ending=True))
    job_runs.show(Standing(JobState.CANCELLED, 0, 250, is_ending=True))
    told = [part.strip() for part in terminal.getvalue().split("\r")]
    assert told == ["", "100 of 250", "taking back, 90 left", "taking back, 0 left"]
    assert terminal.getvalue().endswith("\n")


TABLE = "Firma;Barva;Číslo;IČO\r\nCihelna;modrá;605 203 938;27082440\r\n".encode("cp1250")


def test_a_table_is_imported_by_the_command_and_by_the_worker(
    kustod: Kustod, tmp_path: Path, directory: tuple[str, ...], opened: Sessions
) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(TABLE)
    told: tuple[str | Path, ...] = ("contact", "import", path, *directory)
    told += ("--column", "Číslo=phones:work")
    tried = kustod.json(*told, "--dry-run")
    assert (tried["created"], tried["columns_left_out"]) == (1, ["Barva"])
    left = kustod.json(*told, "--background")
    assert take_up(opened, threading.Event())
    assert kustod.json("job", "show", left["job"])["counts"]["created"] == 1
    done = kustod.json(*told)
    assert (done["unchanged"], done["columns_left_out"]) == (1, ["Barva"])
    book = Workbook()
    book.worksheets[0].append(["Firma", "Telefon"])
    book.worksheets[0].append(["Huť", 543210001])
    book.save(tmp_path / "firms.xlsx")
    file = tmp_path / "firms.xlsx"
    left = kustod.json("contact", "import", file, *directory, "--background")
    assert take_up(opened, threading.Event())
    assert kustod.json("job", "show", left["job"])["counts"]["created"] == 1


@pytest.mark.parametrize(
    ("option", "says"),
    [("Nic=note", "none named"), ("Barva=x", "is none of"), ("Barva", "none named")],
)
def test_what_is_said_about_a_column_must_be_right(
    kustod_sqlite: Kustod, tmp_path: Path, option: str, says: str
) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(TABLE)
    options = ("--directory", "firms", "--source", "x", "--column", option)
    assert says in kustod_sqlite.error("contact", "import", path, *options)
    path.write_bytes(b"BEGIN:VCARD\nFN:Eva\nEND:VCARD\n")
    assert "has none" in kustod_sqlite.error("contact", "import", path, *options)
