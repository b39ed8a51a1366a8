from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind, Draft, Photo, Point
from app.cards.read import Record
from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import (
    AuditEvent,
    Blob,
    Contact,
    ContactPoint,
    Directory,
    LegalBasis,
    Source,
    Touched,
    ValueChange,
)
from app.models.kinds import BasisKind, SourceKind
from app.queries import contacts as queries
from app.services import contacts, imports
from app.services.audit import OPERATOR, Actor
from app.services.contact_values import state_of
from app.services.imports import Upload
from app.services.intake import Report, ready
from tests.services.scene import DAY, NOON, acting, acts, colleague, directory, home, karel, owner

EVA = Draft(
    source_uid="eva-1",
    given="Eva",
    family="Černá",
    phones=(Point("+420 777 111 222", "cell"),),
    emails=(Point("eva@cerna.cz"),),
)
PETR = Draft(source_uid="petr-1", given="Petr", phones=(Point("+420 777 333 444"),))


def _run(session: Session, of: Directory, *drafts: Draft, day: int = 0) -> Report:
    records = [Record(10 * n + 1, draft, "", ()) for n, draft in enumerate(drafts)]
    return _import(session, of, records, NOON + day * DAY)


def _import(session: Session, of: Directory, records: list[Record], at: datetime) -> Report:
    """A whole import in one transaction."""
    job = imports.begin(session, OPERATOR, of.id, Upload(b"", len(records), "old phone"), at)
    rows = imports.take(session, job, list(ready(records, of.country)), at)
    imports.finish(session, job, at)
    return Report(rows)


def _outcomes(report: Report) -> list[str]:
    return [row.outcome.value for row in report.rows]


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_every_card_has_its_result_in_the_order_of_the_file(sessions: Sessions) -> None:
    records = [
        Record(1, EVA, "", ("Left out: X-FOO.",)),
        Record(9, None, "This is a group.", ("A note.",)),
        Record(14, PETR, "", ()),
    ]
    with sessions.write() as session:
        of = home(session)
        report = _import(session, of, records, NOON)
        assert report.counts() == {
            **dict.fromkeys(("updated", "unchanged", "suppressed"), 0),
            "created": 2,
            "invalid": 1,
        }
        assert [row.line for row in report.rows] == [1, 9, 14]
        found = {card.public_id: card for card in queries.for_operator(session, NOON)}
        assert found[report.rows[0].uid or ""].family == "Černá"
        assert report.rows[1].uid is None
        reasons = [row.reason for row in report.rows]
        assert reasons == ["Left out: X-FOO.", "This is a group.\nA note.", ""]


def test_an_import_is_two_acts_from_one_source(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        before = acts(session)
        _run(session, of, EVA, PETR)
        assert acts(session) - before == 2
        newest = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)
        ended, begun = session.scalars(newest).all()
        assert (begun.action, begun.subject_id) == ("contact.import", of.id)
        assert (ended.action, ended.subject_id) == ("contact.imported", of.id)
        assert ended.detail == {
            "job": begun.detail["job"],
            "created": 2,
            **dict.fromkeys(("updated", "unchanged", "suppressed", "invalid"), 0),
        }
        source = session.scalars(select(Source)).one()
        assert (source.kind, source.detail) == (SourceKind.IMPORT, "old phone")
        assert set(session.scalars(select(Contact.source_id))) == {source.id}


def test_the_same_file_again_changes_nothing(sessions: Sessions) -> None:
    drafts = (EVA, PETR, replace(EVA, source_uid="", given="Jana"))
    with sessions.write() as session:
        of = home(session)
        first = _run(session, of, *drafts)
        journal = _count(session, Touched)
        again = _run(session, of, *drafts, day=1)
        assert _outcomes(again) == ["unchanged"] * 3
        assert [row.uid for row in again.rows] == [row.uid for row in first.rows]
        assert _count(session, Touched) == journal
        assert _count(session, ValueChange) == 0


def test_a_newer_card_with_the_same_uid_updates(sessions: Sessions) -> None:
    newer = replace(EVA, family="Bílá", phones=(Point("605 203 938"),), photo=Photo("j", b"p"))
    with sessions.write() as session:
        of = home(session)
        uid = _run(session, of, EVA).rows[0].uid
        report = _run(session, of, newer, day=1)
        assert [(row.outcome, row.uid) for row in report.rows] == [("updated", uid)]
        card = queries.for_operator(session, NOON + DAY)[0]
        assert (card.family, card.full_name) == ("Bílá", "Eva Bílá")
        assert [point.value for point in card.phones] == ["605 203 938"]
        fields = set(session.scalars(select(ValueChange.field)))
        assert fields == {"family", "full_name", "phones", "photo_sha256"}
        assert _count(session, Blob) == 1
        assert _outcomes(_run(session, of, newer, day=2)) == ["unchanged"]


def test_what_was_corrected_here_survives_the_same_card(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        _run(session, of, EVA)
        row = session.scalars(select(Contact)).one()
        contacts.edit(session, OPERATOR, row.id, {"family": "Bílá"}, NOON)
        assert _outcomes(_run(session, of, EVA, day=1)) == ["unchanged"]
        assert queries.for_operator(session, NOON)[0].family == "Bílá"


def test_without_a_uid_the_content_is_recognised(sessions: Sessions) -> None:
    nameless = Draft(phones=(Point("+420 777 111 222"),))
    with sessions.write() as session:
        of = home(session)
        _run(session, of, EVA, nameless)
        again = _run(session, of, replace(EVA, source_uid=""), nameless, day=1)
        assert _outcomes(again) == ["unchanged", "unchanged"]
        other = directory(session, slug="other")
        assert _outcomes(_run(session, other, EVA)) == ["created"]


@pytest.mark.parametrize(
    ("card", "outcome"),
    [
        (Draft(full_name="Eva Černá", phones=(Point("777111222"),)), "unchanged"),
        (Draft(full_name="ČERNÁ Eva", emails=(Point("EVA@cerna.cz"),)), "updated"),
        (replace(EVA, source_uid="other", title="ředitelka"), "updated"),
        (Draft(full_name="Eva Černá", phones=(Point("777 111 223"),)), "created"),
        (Draft(full_name="Eva Bílá", phones=(Point("777111222"),)), "created"),
        (Draft(full_name="Eva Černá"), "created"),
    ],
)
def test_a_name_with_an_equal_phone_or_email_is_the_same_person(
    sqlite: Sessions, card: Draft, outcome: str
) -> None:
    known = replace(EVA, emails=(Point("eva@cerna.cz"),), full_name="Eva Černá")
    with sqlite.write() as session:
        of = home(session)
        _run(session, of, known)
        drafts = (card,)
        if outcome == "updated":
            drafts = (replace(card, note="new"),)
        assert _outcomes(_run(session, of, *drafts, day=1)) == [outcome]
        again = _run(session, of, *drafts, day=2)
        assert _outcomes(again) == ["unchanged"]
        assert _outcomes(_run(session, of, known, day=3)) == ["unchanged"]


def test_another_card_adds_and_replaces_nothing(sessions: Sessions) -> None:
    other = Draft(
        full_name="Eva Černá",
        title="ředitelka",
        organisation="Firma",
        phones=(Point("777111222", "work"), Point("605 203 938")),
    )
    with sessions.write() as session:
        of = home(session)
        _run(session, of, replace(EVA, organisation="Dřevo"))
        assert _outcomes(_run(session, of, other, day=1)) == ["updated"]
        card = queries.for_operator(session, NOON)[0]
        assert (card.title, card.organisation) == ("ředitelka", "Dřevo")
        assert [point.value for point in card.phones] == ["+420 777 111 222", "605 203 938"]


def test_two_that_fit_are_nobodys_to_choose_between(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        of = home(session)
        for title in ("a", "b"):
            karel(session, of, title=title)
        card = Draft(given="Karel", family="Novotný", phones=(Point("777123456"),))
        assert _outcomes(_run(session, of, card)) == ["created"]


def test_a_contact_entered_by_hand_takes_the_uid_of_its_card(sessions: Sessions) -> None:
    card = Draft(
        source_uid="k", given="Karel", family="Novotný", title="mistr", phones=(Point("777123456"),)
    )
    with sessions.write() as session:
        of = home(session)
        row = karel(session, of)
        assert _outcomes(_run(session, of, card)) == ["updated"]
        session.refresh(row)
        assert row.source_uid == "k"
        newer = replace(card, phones=(Point("605203938"),))
        assert _outcomes(_run(session, of, newer, day=1)) == ["updated"]
        assert session.scalars(select(ContactPoint.value)).all() == ["605203938"]


def test_equal_content_takes_the_uid_too(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        of = home(session)
        _run(session, of, replace(EVA, source_uid=""))
        assert _outcomes(_run(session, of, EVA, day=1)) == ["unchanged"]
        assert session.scalars(select(Contact.source_uid)).all() == ["eva-1"]
        assert _outcomes(_run(session, of, replace(EVA, source_uid="x"), day=2)) == ["unchanged"]
        assert session.scalars(select(Contact.source_uid)).all() == ["eva-1"]


def test_within_one_file(sessions: Sessions) -> None:
    copy = replace(EVA, source_uid="eva-2")
    more = replace(EVA, source_uid="", title="ředitelka")
    stranger = Draft(source_uid="eva-1", given="Jiná", phones=(Point("1"),))
    with sessions.write() as session:
        of = home(session)
        report = _run(session, of, EVA, EVA, copy, more, more, stranger)
        updates = ["created", "unchanged", "unchanged", "updated", "unchanged", "created"]
        assert _outcomes(report) == updates
        assert "line 1 has the same UID" in report.rows[-1].reason
        assert _count(session, Contact) == 2
        again = _run(session, of, EVA, EVA, copy, more, more, stranger, day=1)
        assert _outcomes(again) == ["unchanged"] * 6


def test_an_erased_contact_does_not_come_back(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        uid = _run(session, of, EVA, PETR).rows[0].uid
        row = contacts.find(session, uid or "", NOON)
        row.erased_at = NOON
        session.flush()
        report = _run(session, of, EVA, replace(EVA, source_uid="", note=""), PETR, day=1)
        assert _outcomes(report) == ["suppressed", "suppressed", "unchanged"]
        assert "erased" in report.rows[0].reason


def test_a_merged_card_is_one_more_card_of_what_it_became(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        _run(session, of, EVA, PETR)
        eva, petr = session.scalars(select(Contact).order_by(Contact.id)).all()
        petr.merged_at, petr.merged_into_id = NOON, eva.id
        session.flush()
        report = _run(session, of, replace(PETR, title="mistr"), replace(EVA, note="x"), day=1)
        assert [row.uid for row in report.rows] == [eva.public_id] * 2
        assert _outcomes(report) == ["updated", "updated"]
        session.expire_all()
        assert (eva.source_uid, petr.source_uid) == ("eva-1", "petr-1")
        eva.merged_at, eva.merged_into_id = NOON, petr.id  # a ring must not hang the import
        session.flush()
        _run(session, of, PETR, day=2)


def test_the_basis_never_refuses_and_the_row_says_what_was_done(sessions: Sessions) -> None:
    firm = Draft(kind=ContactKind.ORGANISATION, organisation="Firma")
    with sessions.write() as session:
        owner(session)
        firms, news = directory(session), directory(session, "newsletter", "news")
        report = _run(session, firms, replace(EVA, organisation="Firma"), PETR, firm)
        assert _outcomes(report) == ["created"] * 3
        assert "legitimate-interest" in report.rows[0].reason
        assert [row.reason for row in report.rows[1:]] == ["", ""]
        kinds = session.scalars(select(LegalBasis.kind).order_by(LegalBasis.contact_id)).all()
        assert kinds == [BasisKind.LEGITIMATE_INTEREST, BasisKind.CONTRACT]
        report = _run(session, news, EVA, firm)
        assert [bool(row.reason) for row in report.rows] == [True, False]
        assert _count(session, LegalBasis) == 2


def test_a_rehearsal_tells_the_same_and_writes_nothing(sessions: Sessions) -> None:
    drafts = (EVA, replace(EVA, source_uid="", title="x"), replace(EVA, title="x"), PETR)
    records = [Record(n, draft, "", ()) for n, draft in enumerate(drafts, 1)]
    records.append(Record(9, None, "broken", ()))
    with sessions.write() as session:
        of = home(session)
        _run(session, of, PETR)
        of_id = of.id
    with sessions.read() as session:
        before = _count(session, AuditEvent), _count(session, Source), _count(session, Touched)
        told = imports.rehearse(session, OPERATOR, of_id, records, "s", NOON + DAY)
        after = _count(session, AuditEvent), _count(session, Source), _count(session, Touched)
        assert before == after
    with sessions.write() as session:
        done = _import(session, session.get_one(Directory, of_id), records, NOON + DAY)
    assert _outcomes(told) == _outcomes(done)
    assert [row.uid is None for row in told.rows] == [True, True, True, False, True]
    assert told.rows[3].uid == done.rows[3].uid


def test_who_may_import_and_what_it_needs(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        of = directory(session)

        def begin(actor: Actor, home_id: int, source: str) -> object:
            return imports.begin(session, actor, home_id, Upload(b"", 0, source), NOON)

        def rehearse(actor: Actor, home_id: int, source: str) -> object:
            return imports.rehearse(session, actor, home_id, [], source, NOON)

        for act in (begin, rehearse):
            with pytest.raises(Refused):
                act(acting(eva), of.id, "s")
            with pytest.raises(NotFound):
                act(OPERATOR, 99, "s")
            with pytest.raises(Invalid, match="source"):
                act(OPERATOR, of.id, " ")
            assert act(acting(olga), of.id, "s")


def test_what_no_database_takes_is_taken_out(sessions: Sessions) -> None:
    poisoned = Draft(
        source_uid="a\x00b" + "x" * 300,
        full_name="Eva\x00\ud800",
        note="\x01" + "n" * 60_000,
        phones=(Point("1\x00"),),
        categories=("a\x00", "\ufffe"),
    )
    with sessions.write() as session:
        of = home(session)
        assert _outcomes(_run(session, of, poisoned)) == ["created"]
        assert _outcomes(_run(session, of, poisoned, day=1)) == ["unchanged"]
        card = queries.for_operator(session, NOON)[0]
        assert (card.full_name, card.categories) == ("Eva", ("a",))


@pytest.fixture
def statements(sessions: Sessions) -> Iterator[list[str]]:
    """Every statement sent to the database."""
    sent: list[str] = []

    def note(*args: object) -> None:
        sent.append(str(args[2]))

    engine: Engine = sessions.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_ten_thousand_cards_would_not_ask_ten_thousand_questions(
    sessions: Sessions, statements: list[str]
) -> None:
    drafts = [
        replace(EVA, source_uid=f"u{n}", given=f"Eva{n}", emails=(Point(f"{n}@x.cz"),))
        for n in range(1200)
    ]
    with sessions.write() as session:
        of = home(session)
        for day, title in enumerate(("", "", "ředitelka")):
            statements.clear()
            _run(session, of, *(replace(draft, title=title) for draft in drafts), day=day)
            assert len(statements) < 100
        assert _count(session, Contact) == 1200


def test_the_state_of_a_stored_card_is_that_of_its_draft(sessions: Sessions) -> None:
    with sessions.write() as session:
        of = home(session)
        _run(session, of, EVA)
        row = session.scalars(select(Contact)).one()
        assert row.full_name == state_of(EVA)["full_name"]
        assert row.fingerprint == EVA.fingerprint()


def test_a_row_says_what_it_repeats_and_what_it_lacks() -> None:
    bare = Draft(phones=(Point("+420 777 999 888"),))
    title = replace(EVA, title="ředitelka")
    drafts = [EVA, replace(EVA, source_uid=""), replace(title, source_uid=""), bare]
    records = [Record(10 * n + 1, draft, "", ()) for n, draft in enumerate(drafts)]
    assert [card.row.reason for card in ready(records, "CZ")] == [
        "",
        "The card at line 1 says the same.",
        "The card at line 1 has the same name and the same phone or e-mail.",
        "It has no name and no firm: its phone or e-mail stands for it.",
    ]
