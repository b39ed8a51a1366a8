"""A file waits for its sender, becomes an import under its own name, or is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.errors import NotFound, Refused
from app.imports import files
from app.models import ColumnMapping, Contact, Job, WaitingFile
from app.policy import Viewer
from app.queries import imports as read_imports
from app.queries import waiting
from app.services import imports, job_steps, waiting_files
from app.services.audit import Actor
from app.services.waiting_files import REMEMBERED, Sent
from tests.services.scene import NOON, acting, acts, colleague, directory, owner
from tests.services.working import LATER, File, claimed, taken_back

TABLE = "Firma;IČO;Mobil\r\nCihelna;27082440;605 203 938\r\n;;\r\nHuť;;\r\n".encode("cp1250")


@pytest.fixture
def olga(sessions: Sessions) -> Actor:
    """The owner of the only directory, which has the number 1."""
    with sessions.write() as session:
        who = acting(owner(session))
        assert directory(session, preset="customers-people").id == 1
    return who


def sent() -> Sent:
    reading = files.guess(TABLE)
    return Sent("x.csv", TABLE, "old phone", reading.as_data(), files.count(TABLE, reading))


def kept(sessions: Sessions, who: Actor) -> str:
    with sessions.write() as session:
        return waiting_files.keep(session, who, 1, sent(), NOON).public_id


def viewer(who: Actor) -> Viewer:
    return Viewer(who.user_id or 0)


def test_a_file_is_checked_and_imported_under_its_name(sessions: Sessions, olga: Actor) -> None:
    name = kept(sessions, olga)
    with sessions.read() as session:
        records = files.records(waiting.data(session, name), sent().reading)
        report = imports.rehearse(session, olga, 1, records, "x", NOON)
    with sessions.write() as session:
        waiting_files.note_check(session, olga, name, report, NOON)
        assert acts(session, "import.check") == 1
    with sessions.read() as session:
        found = waiting.find(session, viewer(olga), name, NOON)
        assert found is not None
        assert (found.total, found.checked_at) == (2, NOON)
        rows = waiting.checked(session, name)
        assert [(r.line, r.outcome, r.name) for r in rows] == [
            *((2, "created", "Cihelna"), (4, "created", "Huť")),
        ]
    with sessions.write() as session:
        job_id = waiting_files.start(session, olga, name, NOON).id
        assert session.scalars(select(WaitingFile.id)).all() == []
    claim = claimed(sessions, job_id)
    list(job_steps.run(sessions, claim, files.records, lambda: LATER, lambda _seconds: None))
    with sessions.read() as session:
        job = read_imports.find(session, viewer(olga), name, LATER)
        assert job is not None
        assert (job.counts["created"], job.is_over, job.by) == (2, True, "Olga")
        shown = read_imports.rows(session, viewer(olga), job, LATER, "created", 0)
        assert [row.name for row in shown] == ["Huť"]
        numbers = set(session.scalars(select(Contact.registration_number)))
        assert numbers == {"27082440", ""}
        assert len(read_imports.of_directory(session, viewer(olga), 1, LATER)) == 1
    assert taken_back(sessions, job_id, File())["counts"]["erased"] == 2


def test_a_file_is_nobody_elses_and_nothing_after_a_day(sessions: Sessions, olga: Actor) -> None:
    name = kept(sessions, olga)
    with sessions.write() as session:
        eva = acting(colleague(session))
        with pytest.raises(NotFound):
            waiting_files.start(session, eva, name, NOON)
        waiting_files.drop(session, eva, name, NOON)
        with pytest.raises(NotFound):
            waiting_files.find(session, olga, name, NOON + waiting.KEPT)
        with pytest.raises(Refused):
            waiting_files.keep(session, eva, 1, sent(), NOON)
        assert acts(session, "import.drop") == 0
    with sessions.read() as session:
        assert waiting.find(session, viewer(eva), name, NOON) is None
        assert waiting.find(session, viewer(olga), name, NOON + waiting.KEPT) is None
        assert read_imports.find(session, viewer(eva), name, NOON) is None


def test_what_nobody_came_back_for_is_swept(sessions: Sessions, olga: Actor) -> None:
    kept(sessions, olga)
    with sessions.write() as session:
        waiting_files.remember(session, olga, ["a"], ["note"], NOON)
        waiting_files.sweep(session, NOON + waiting.KEPT - timedelta(seconds=1))
        assert session.scalars(select(WaitingFile.id)).all() != []
        waiting_files.sweep(session, NOON + waiting.KEPT)
        assert session.scalars(select(WaitingFile.id)).all() == []
        assert waiting_files.remembered(session, olga, ["a"]) == ("note",)
        waiting_files.sweep(session, NOON + REMEMBERED)
        assert session.scalars(select(ColumnMapping.header)).all() == []


def test_the_last_word_about_a_header_counts(sessions: Sessions, olga: Actor) -> None:
    with sessions.write() as session:
        for fields in (["note"], ["given"]):
            waiting_files.remember(session, olga, ["a"], fields, NOON)
        assert waiting_files.remembered(session, olga, ["a"]) == ("given",)
        assert waiting_files.remembered(session, olga, ["b"]) is None


def test_reading_it_otherwise_forgets_the_check(sessions: Sessions, olga: Actor) -> None:
    name = kept(sessions, olga)
    with sessions.write() as session:
        waiting_files.read_as(session, olga, name, {"kind": "csv"}, 9, NOON)
    with sessions.read() as session:
        found = waiting.find(session, viewer(olga), name, NOON)
        assert found is not None
        assert (found.reading, found.total, found.checked_at) == ({"kind": "csv"}, 9, None)
        assert waiting.checked(session, name) == []


def test_every_job_has_a_name_of_its_own(sessions: Sessions, olga: Actor) -> None:
    with sessions.write() as session:
        for _ in range(2):
            imports.begin(session, olga, 1, imports.Upload(b"", 0, "x"), NOON)
    with sessions.read() as session:
        assert len(set(session.scalars(select(Job.public_id))) - {""}) == 2
