"""Imports: cards into a directory, again and again without doubles, one result for each card.

An import never refuses for the basis: who has none is there, but hidden, and his row says so.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.cards.read import Record
from app.models.kinds import SourceKind
from app.policy import Action
from app.services import checks, contact_rows
from app.services.audit import Actor
from app.services.audit import record as record_act
from app.services.contact_rows import Writing
from app.services.intake import Intake, Report
from app.services.rights import demand


def run(
    session: Session,
    actor: Actor,
    directory_id: int,
    records: Iterable[Record],
    source: str,
    at: datetime,
) -> Report:
    """Import cards into a directory, in one act with one source.

    Raises Refused where the actor may not edit the directory, Invalid without a source.
    """
    home = demand(session, actor, Action.EDIT, directory_id, at)
    detail = checks.name(source, "source")
    origin = contact_rows.add_source(session, actor, SourceKind.IMPORT, detail, at)
    report = Intake(session, home, at, Writing(home, origin.id, actor, at)).take(records)
    counts = report.counts()
    record_act(session, actor, "contact.import", ("directory", home.id), at, **counts)
    return report


def rehearse(
    session: Session,
    actor: Actor,
    directory_id: int,
    records: Iterable[Record],
    source: str,
    at: datetime,
) -> Report:
    """What `run` would do, from reading alone: nothing is written, not even for a moment."""
    home = demand(session, actor, Action.EDIT, directory_id, at)
    checks.name(source, "source")
    return Intake(session, home, at).take(records)
