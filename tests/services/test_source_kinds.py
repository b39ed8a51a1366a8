"""What each way of collecting has to keep: with all of it a consent, without any of it nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import keys
from app.db import Sessions
from app.models import ContactPoint, OutboxMessage, PublicToken
from app.models.kinds import PointKind
from app.services import consent_entries, opt_in, proof_files
from app.services.audit import OPERATOR
from app.services.consent_entries import NewEntry
from app.services.consents import Recorded
from app.services.opt_in import Desk
from app.services.source_kinds import FACTS, WAYS, Must
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON

DESK = Desk(keys.generate(), "https://k.example.org")
DAY = NOON - timedelta(days=1)
SAID = {one.value: f"the {one}" for one in FACTS}
MAIL = b"From: karel@example.org\nDate: Mon, 4 May 2026 10:00:00 +0200\nSubject: Yes\n\nI agree.\n"
FILES = {
    "email": MAIL,
    "oral": b"RIFF\x10\x00\x00\x00WAVEfmt ",
    "import": b"email;day\nkarel@example.org;2026-05-01\n",
}
"""Any other way is proved by a PDF."""


def sealed(data: bytes) -> proof_files.Sealed:
    return proof_files.sealed(DESK.keys, data)


def entry(scene: Consenting, how: str) -> NewEntry:
    """All that this way must keep, and no fact that it need not."""
    facts = {one.value: SAID[one] for one in WAYS[how].musts if one in FACTS}
    return NewEntry(
        how,
        scene.purposes["P"].id,
        notice_id=scene.notice_id,
        occurred_at=DAY,
        file=sealed(FILES.get(how, b"%PDF-1.7 proof")),
        original_place="binder 3",
        artwork=sealed(b"%PDF-1.7 poster"),
        facts=facts,
        sender="karel@example.org",
        number="+420 777 123 456",
    )


WITHOUT: dict[Must, dict[str, Any]] = {
    Must.DAY: {"occurred_at": None},
    Must.FILE: {"file": None},
    Must.ARTWORK: {"artwork": None},
    Must.MESSAGE: {"file": sealed(b"He agreed by mail, says a colleague.")},
    Must.MAILBOX: {"sender": "somebody@example.org"},
    Must.NUMBER: {"number": "+420 777 000 000"},
    Must.ORIGINAL: {"original_place": ""},
    Must.VOICE: {"file": sealed(b"%PDF-1.7 a note")},
}
"""How an entry looks that does not bring it; a fact is simply not written down."""

ROWS = [(how, must) for how, way in WAYS.items() for must in way.musts if must != Must.CONFIRMED]


@pytest.fixture
def scene(sqlite: Sessions) -> Iterator[Consenting]:
    with sqlite.write() as session:
        found = stage(session)
        mail = {"kind": PointKind.EMAIL, "value": "karel@example.org", "norm": "karel@example.org"}
        session.add(ContactPoint(contact_id=found.karel.id, **mail))
        session.flush()
        yield found


def entered(scene: Consenting, new: NewEntry, desk: Desk | None = None) -> Recorded:
    return consent_entries.enter(scene.session, OPERATOR, scene.karel.id, new, NOON, desk=desk)


def authorises(scene: Consenting) -> bool:
    """What the policy reads, and what the reading of the events says."""
    at = NOON + timedelta(seconds=1)
    assert scene.bases(at) == scene.holds(at)
    return "+" in scene.bases(at)


@pytest.mark.parametrize("how", [one for one in WAYS if one != "wifi"])
def test_with_all_that_must_be_kept_it_is_a_consent(scene: Consenting, how: str) -> None:
    done = entered(scene, entry(scene, how))
    assert (done.lacks, done.holds, authorises(scene)) == ((), True, True)
    assert done.event.type is WAYS[how].type


@pytest.mark.parametrize(("how", "must"), ROWS)
def test_without_any_of_it_nothing_is_authorised(scene: Consenting, how: str, must: Must) -> None:
    new = entry(scene, how)
    if must in FACTS:
        new = replace(new, facts={k: v for k, v in new.facts.items() if k != must.value})
    else:
        new = replace(new, **WITHOUT[must])
    done = entered(scene, new)
    assert (must.value in done.lacks, done.holds, authorises(scene)) == (True, False, False)
    state = "imported" if how == "import" else "requested"
    assert done.event.type.value == state


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("missing", ["notice_id", "file"])
def test_notice_and_proof_are_needed_on_every_way(
    scene: Consenting, how: str, missing: str
) -> None:
    without: dict[str, Any] = {"original_place": "", "artwork": None, missing: None}
    new = replace(entry(scene, how), **without)
    assert not entered(scene, new, DESK).holds
    assert not authorises(scene)


@pytest.mark.parametrize("how", ["oral", "wifi"])
def test_what_was_only_said_counts_from_the_press_in_the_mailbox(
    scene: Consenting, how: str
) -> None:
    note = sealed(b"%PDF-1.7 who spoke, when, by which script")
    done = entered(scene, replace(entry(scene, how), file=note), DESK)
    assert (done.event.type.value, authorises(scene)) == ("requested", False)
    mail = scene.session.scalars(select(OutboxMessage)).one()
    assert (mail.to, "/p/k/" in mail.body, "/p/stop/" in mail.unsubscribe) == (
        "karel@example.org",
        True,
        True,
    )
    opt_in.confirm(scene.session, done.event.nonce, "", NOON)
    assert authorises(scene)


def test_a_mail_is_not_written_where_something_else_is_lacking(scene: Consenting) -> None:
    new = replace(entry(scene, "oral"), file=None, facts={})
    assert set(entered(scene, new, DESK).lacks) == {"version", "recording or confirmation"}
    assert scene.session.scalars(select(PublicToken)).all() == []
