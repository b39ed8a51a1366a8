"""An import in steps comes out as an import in one, whoever does it and how often it dies."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.cards.card import Address, Draft, Photo, Point
from app.cards.read import Record
from app.db import Sessions
from app.errors import Busy, NotFound, Refused
from app.imports import files
from app.models import Address as AddressRow
from app.models import Blob, Contact, ContactPoint, JobFile, JobRow, ValueChange
from app.queries import contacts as queries
from app.queries.instances import has_users
from app.services import contacts, grants, job_steps, jobs, undo
from app.services.audit import OPERATOR
from app.services.contact_values import COLUMNS
from app.services.grants import Holder, Terms
from tests.serve.running import until
from tests.services.locks import is_waiting
from tests.services.scene import (
    DAY,
    NOON,
    acting,
    acts,
    colleague,
    directory,
    home,
    karel,
    owner,
)
from tests.services.working import (
    LATER,
    File,
    begun,
    claimed,
    done,
    shown,
    steps,
    taken_back,
    world,
)

MINUTE = timedelta(minutes=1)
_numbers = count(1)
MANY = File(
    *(
        Draft(source_uid=f"u{n}", given=f"Eva{n}", phones=(Point(f"+420 605 000 {n:03d}"),))
        for n in range(7)
    )
)
_POINTS = st.sampled_from(["605 203 938", "605 203 939"]).map(Point)
DRAFTS = st.builds(
    Draft,
    source_uid=st.sampled_from(["", "", "a", "b"]),
    given=st.sampled_from(["Eva", "Jan"]),
    title=st.sampled_from(["", "mistr", "ředitel"]),
    note=st.sampled_from(["", "x"]),
    phones=st.lists(_POINTS, max_size=2, unique=True).map(tuple),
)
FILES = st.lists(DRAFTS, max_size=9).map(lambda drafts: File(*drafts))


def _homes(sessions: Sessions, count: int) -> list[int]:
    """Directories that know nothing of each other."""
    with sessions.write() as session:
        first = home(session)
        others = [directory(session, slug=f"home{n}") for n in range(1, count)]
        return [first.id, *(other.id for other in others)]


def _pair(sessions: Sessions) -> tuple[int, int]:
    """Two new directories, however many there are."""
    with sessions.write() as session:
        if not has_users(session):
            owner(session)
        slugs = [f"home{next(_numbers)}" for _ in range(2)]
        one, other = (directory(session, slug=slug).id for slug in slugs)
        return one, other


def _count(sessions: Sessions, table: type) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _in(sessions: Sessions, home_id: int) -> list[object]:
    with sessions.read() as session:
        query = select(Contact.id, Contact.erased_at > LATER).order_by(Contact.id)
        places = session.execute(query.where(Contact.directory_id == home_id)).all()
        everyone = session.scalars(
            select(Contact.id).where(Contact.erased_at > LATER).order_by(Contact.id)
        ).all()
    mine = {row[0] for row in places}
    return [said for row_id, said in zip(everyone, world(sessions), strict=True) if row_id in mine]


def _results(job: dict[str, object]) -> object:
    rows = job["rows"]
    assert isinstance(rows, list)
    return job["counts"], [(row["line"], row["outcome"], row["reason"]) for row in rows]


def test_an_import_tells_how_far_it_is(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    job_id = begun(sessions, of, MANY)
    told = [s.progress for s in steps(sessions, claimed(sessions, job_id), MANY, 3)]
    assert told == [3, 6, 7, 7]
    job = shown(sessions, job_id)
    assert (job["state"], job["total"], job["finished_at"]) == ("done", 7, LATER)
    assert job["counts"]["created"] == 7
    assert [row["line"] for row in job["rows"]] == [1, 11, 21, 31, 41, 51, 61]


def test_the_file_is_kept_until_the_end_and_no_longer(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    job_id = begun(sessions, of, MANY)
    assert _count(sessions, JobFile) == 1
    list(steps(sessions, claimed(sessions, job_id), MANY))
    assert _count(sessions, JobFile) == 0


@given(file=FILES, first=FILES, size=st.integers(1, 5))
def test_it_makes_no_difference_how_many_cards_are_taken_at_once(
    sessions: Sessions, file: File, first: File, size: int
) -> None:
    one, other = _pair(sessions)
    for of in (one, other):
        done(sessions, of, first)
    whole, cut = done(sessions, one, file), done(sessions, other, file, size)
    assert _results(whole) == _results(cut)
    assert _in(sessions, one) == _in(sessions, other)


@given(file=FILES, first=FILES, cuts=st.lists(st.integers(0, 3), max_size=4))
def test_an_import_that_dies_between_two_steps_ends_as_if_it_had_not(
    sessions: Sessions, file: File, first: File, cuts: list[int]
) -> None:
    one, other = _pair(sessions)
    for of in (one, other):
        done(sessions, of, first)
    whole = done(sessions, one, file)
    job_id, at = begun(sessions, other, file), LATER
    for cut in cuts:
        list(islice(steps(sessions, claimed(sessions, job_id, at), file, 2, at), cut))
        at += MINUTE
        if shown(sessions, job_id, at)["state"] == "done":
            break
    else:
        list(steps(sessions, claimed(sessions, job_id, at), file, 2, at))
    assert _results(whole) == _results(shown(sessions, job_id, at))
    assert _in(sessions, one) == _in(sessions, other)


@given(file=FILES, first=FILES, cut=st.integers(0, 5))
def test_an_import_cancelled_at_any_step_leaves_all_as_it_was(
    sessions: Sessions, file: File, first: File, cut: int
) -> None:
    of, _ = _pair(sessions)
    done(sessions, of, first)
    before = _in(sessions, of)
    job_id = begun(sessions, of, file)
    working = steps(sessions, claimed(sessions, job_id), file, 2)
    list(islice(working, cut))
    with sessions.write() as session:
        jobs.take_back(session, OPERATOR, job_id, LATER)
    if shown(sessions, job_id)["state"] == "waiting":
        working = steps(sessions, claimed(sessions, job_id), file)
    list(working)
    job = shown(sessions, job_id)
    assert job["state"] in {"cancelled", "undone"}
    assert (job["rows"], job["counts"]["kept"]) == ([], 0)
    assert _in(sessions, of) == before
    again = done(sessions, of, file)
    assert again["counts"]["suppressed"] == 0


@given(data=st.data(), edited=st.sets(st.integers(0, 6)))
def test_what_somebody_worked_with_since_stays_and_is_named(
    sessions: Sessions, data: st.DataObject, edited: set[int]
) -> None:
    of, _ = _pair(sessions)
    job = done(sessions, of, MANY, 3)
    uids = [row["uid"] for row in job["rows"]]
    for number in edited:
        with sessions.write() as session:
            row = contacts.find(session, uids[number], LATER)
            contacts.edit(session, OPERATOR, row.id, {"note": "mine"}, LATER)
    after = taken_back(sessions, job["id"], MANY)
    assert [row["uid"] for row in after["rows"]] == [uids[n] for n in sorted(edited)]
    assert {row["outcome"] for row in after["rows"]} <= {"kept"}
    assert after["counts"]["erased"] == 7 - len(edited)
    assert len(_in(sessions, of)) == len(edited)


def test_taking_back_twice_is_no_error(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    job_id = done(sessions, of, MANY)["id"]
    taken_back(sessions, job_id, MANY)
    before = shown(sessions, job_id)
    with sessions.write() as session:
        jobs.take_back(session, OPERATOR, job_id, LATER + DAY)
        assert jobs.claim(session, LATER + DAY, job_id) is None
    assert shown(sessions, job_id) == before
    assert before["state"] == "undone"


def test_nothing_personal_is_left_of_what_was_taken_back(sessions: Sessions) -> None:
    full = replace(
        MANY.drafts[0],
        note="x",
        photo=Photo("image/jpeg", b"eva"),
        addresses=(Address(street="Dlouhá"),),
    )
    newer = replace(full, note="y")
    (of,) = _homes(sessions, 1)
    job_id = done(sessions, of, File(full, replace(newer, source_uid="")))["id"]
    taken_back(sessions, job_id, File())
    with sessions.read() as session:
        row = session.scalars(select(Contact)).one()
        assert {getattr(row, name) for name in (*COLUMNS, "search", "mail_search")} == {
            "",
            "person",
        }
        assert (row.source_uid, row.fingerprint, row.sort_key) == ("", "", "")
        assert set(session.scalars(select(ValueChange.old))) <= {""}
        assert set(session.scalars(select(ValueChange.new))) <= {""}
    for table in (ContactPoint, AddressRow, Blob, JobRow, JobFile):
        assert _count(sessions, table) == 0


def test_a_picture_that_somebody_else_shows_stays(sessions: Sessions) -> None:
    one, other = _homes(sessions, 2)
    file = File(replace(MANY.drafts[0], photo=Photo("image/jpeg", b"eva")))
    done(sessions, one, file)
    taken_back(sessions, done(sessions, other, file)["id"], file)
    assert _count(sessions, Blob) == 1


def test_values_go_back_and_later_edits_survive(sessions: Sessions) -> None:
    eva = MANY.drafts[0]
    newer = replace(eva, title="mistr", note="new", phones=(Point("605 203 938"),))
    (of,) = _homes(sessions, 1)
    done(sessions, of, File(eva))
    job_id = done(sessions, of, File(newer))["id"]
    with sessions.write() as session:
        row = session.scalars(select(Contact)).one()
        contacts.edit(session, OPERATOR, row.id, {"note": "mine"}, LATER)
    job = taken_back(sessions, job_id, File())
    assert (job["counts"]["restored"], job["counts"]["erased"]) == (1, 0)
    with sessions.read() as session:
        card = queries.for_operator(session, LATER)[0]
        assert (card.title, card.note, card.phones) == ("", "mine", eva.phones)
    assert done(sessions, of, File(newer))["counts"]["updated"] == 1


def test_what_was_entered_by_hand_gives_the_uid_back(sessions: Sessions) -> None:
    card = Draft(source_uid="k", given="Karel", family="Novotný", phones=(Point("777123456"),))
    with sessions.write() as session:
        of = home(session)
        karel(session, of)
        home_id = of.id
    before = world(sessions)
    job = done(sessions, home_id, File(card))
    assert world(sessions) != before
    taken_back(sessions, job["id"], File(card))
    assert world(sessions) == before


def test_who_may_not_edit_any_more_imports_nothing_more(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        grant = grants.give(
            session, OPERATOR, of.id, Holder(user_id=eva.id), Terms(("read", "edit")), NOON
        )
        home_id, actor, grant_id = of.id, acting(eva), grant.id
    job_id = begun(sessions, home_id, MANY, actor=actor)
    working = steps(sessions, claimed(sessions, job_id), MANY, 3)
    assert next(working).progress == 3
    with sessions.write() as session:
        grants.end(session, OPERATOR, grant_id, LATER)
    list(working)
    job = shown(sessions, job_id)
    assert (job["state"], job["rows"]) == ("failed", [])
    assert "does not let you" in job["problem"]
    assert _in(sessions, home_id) == []


def test_a_file_that_cannot_be_read_fails_the_job(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    job_id = begun(sessions, of, MANY)
    working = job_steps.run(
        sessions, claimed(sessions, job_id), files.records, lambda: LATER, lambda _seconds: None
    )
    list(working)
    job = shown(sessions, job_id)
    assert (job["state"], job["problem"]) == ("failed", "file: there is no vCard in it")


def test_two_imports_of_one_file_at_once_make_no_doubles(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    both = [
        steps(sessions, claimed(sessions, begun(sessions, of, MANY)), MANY, size) for size in (2, 3)
    ]
    for pair in zip_longest(*both):
        assert pair
    assert len(_in(sessions, of)) == 7
    counts = [shown(sessions, job_id)["counts"] for job_id in (1, 2)]
    assert sum(each["created"] for each in counts) == 7
    assert sum(each["unchanged"] for each in counts) == 7


def test_an_import_is_covered_by_an_act_before_its_first_card(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    job_id = begun(sessions, of, MANY)
    working = steps(sessions, claimed(sessions, job_id), MANY, 3)
    with sessions.write() as session:
        assert acts(session, "contact.import") == 1
    next(working)
    with sessions.write() as session:
        jobs.take_back(session, OPERATOR, job_id, LATER)
        jobs.take_back(session, OPERATOR, job_id, LATER)
    list(working)
    with sessions.write() as session:
        assert [acts(session, a) for a in ("job.cancel", "contact.import.taken-back")] == [1, 1]
        assert acts(session, "contact.imported") == 0


def test_two_threads_import_one_file_at_the_same_time(sessions: Sessions) -> None:
    nameless = File(*(replace(draft, source_uid="") for draft in MANY.drafts))
    (of,) = _homes(sessions, 1)
    claims = [claimed(sessions, begun(sessions, of, nameless)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        ways = [pool.submit(list, steps(sessions, claim, nameless, 1)) for claim in claims]
        assert [len(way.result()) for way in ways] == [8, 8]
    assert len(_in(sessions, of)) == 7


def test_who_edits_at_the_same_time_loses_nothing_and_brings_nothing_back(
    sessions: Sessions,
) -> None:
    (of,) = _homes(sessions, 1)
    job_id = done(sessions, of, MANY)["id"]
    uid = shown(sessions, job_id)["rows"][0]["uid"]
    with sessions.read() as session:
        contact_id = contacts.find(session, uid, LATER).id

    def edit() -> None:
        with sessions.write() as session:
            contacts.edit(session, OPERATOR, contact_id, {"note": "mine"}, LATER)

    with ThreadPoolExecutor(1) as pool, sessions.write() as session:
        job = jobs.take_back(session, OPERATOR, job_id, LATER)
        undo.step(session, job, LATER)
        session.flush()
        waiting = pool.submit(edit) if sessions.dialect == "postgresql" else None
        if waiting is not None:
            until(partial(is_waiting, sessions))
        session.commit()
        if waiting is not None:
            with pytest.raises(NotFound):
                waiting.result()
    with sessions.read() as session:
        assert set(session.scalars(select(Contact.note))) == {""}


def test_the_claim_is_renewed_while_known_cards_are_skipped(sqlite: Sessions) -> None:
    (of,) = _homes(sqlite, 1)
    file = File(*(Draft(full_name=f"Eva {n}") for n in range(510)))
    job_id = begun(sqlite, of, file)
    assert next(steps(sqlite, claimed(sqlite, job_id), file, 505)).progress == 505
    old = claimed(sqlite, job_id, LATER + MINUTE)
    claimed(sqlite, job_id, LATER + 2 * MINUTE)
    asked: list[bool] = []

    def read(data: bytes, _reading: object) -> Iterator[Record]:
        yield from file.read(data)
        asked.append(True)

    working = job_steps.run(sqlite, old, read, lambda: LATER + 2 * MINUTE, lambda _seconds: None)
    with pytest.raises(Refused, match="somebody else"):
        next(working)
    assert asked == []


def test_a_step_is_tried_again_where_somebody_was_in_the_way(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    claim = claimed(sessions, begun(sessions, of, MANY))
    ways: list[int] = []

    def now() -> datetime:
        ways.append(1)
        if len(ways) == 1:
            raise Busy("the database is busy, please try again")
        return LATER

    working = job_steps.run(sessions, claim, MANY.read, now, lambda _seconds: None)
    assert [standing.progress for standing in working] == [7, 7]


def test_a_step_gives_up_where_somebody_stays_in_the_way(sessions: Sessions) -> None:
    (of,) = _homes(sessions, 1)
    claim = claimed(sessions, begun(sessions, of, MANY))

    def now() -> datetime:
        raise Busy("the database is busy, please try again")

    with pytest.raises(Busy):
        next(job_steps.run(sessions, claim, MANY.read, now, lambda _seconds: None))
