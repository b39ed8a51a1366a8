"""A writer of a drill, in a process of its own: random acts through the services.

An act counts as acknowledged once its transaction has returned; only then its line is written
and brought to the disk, with what must be found of it in the database for ever after, and how
long it took from asking for the transaction until it was committed.

Run as `python -m tests.drills.writers PLAN LOG SEED`; ends at the first line, or the end, of
standard input.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cards.card import Draft, Point
from app.db import FOREVER, open_database
from app.errors import Busy, Conflict
from app.models import Contact, Grant, ProjectMember
from app.services import contacts, grants, projects
from app.services.audit import OPERATOR
from app.services.contacts import NewContact
from app.services.grants import Holder, Terms

_SHORT = (1.0, 4.0)
"""How many seconds a grant that ends by the clock holds."""

Done = tuple[str, str, int]
"""Action, kind and id of the subject, as the audit row must have them."""


@dataclass
class Writer:
    """Draws acts; knows who and what there is."""

    draw: random.Random
    users: list[int]
    directories: list[int]
    project: int

    def act(self) -> Callable[[Session, datetime], Done]:
        """One act, drawn by how often people do it."""
        acts = (self.give, self.end, self.edit, self.add, self.join, self.leave, self.share)
        return self.draw.choices(acts, (3, 4, 6, 3, 2, 2, 2))[0]

    def give(self, session: Session, at: datetime) -> Done:
        """Give somebody a directory, for ever or for a few seconds."""
        until = at + timedelta(seconds=self.draw.uniform(*_SHORT))
        fields = self.draw.choice(("", "caller", "full"))
        is_short = self.draw.random() < 0.3
        terms = Terms(("read", "sync"), fields=fields, valid_until=until if is_short else None)
        holder = Holder(user_id=self.draw.choice(self.users))
        row = grants.give(session, OPERATOR, self.draw.choice(self.directories), holder, terms, at)
        return "grant.give", "grant", row.id

    def end(self, session: Session, at: datetime) -> Done:
        """Take a grant back; an owner's stays."""
        query = select(Grant.id).where(Grant.can_sync, Grant.directory_id.in_(self.directories))
        found = session.scalars(query.where(Grant.valid_until == FOREVER)).all()
        if not found:
            return self.give(session, at)
        row = grants.end(session, OPERATOR, self.draw.choice(found), at)
        return "grant.end", "grant", row.id

    def edit(self, session: Session, at: datetime) -> Done:
        """Give a contact another number."""
        contact_id = self._contact(session)
        phones = (Point(f"+420 6{self.draw.randrange(10**8):08}", "cell"),)
        contacts.edit(session, OPERATOR, contact_id, {"phones": phones}, at)
        return "contact.edit", "contact", contact_id

    def add(self, session: Session, at: datetime) -> Done:
        """Enter a contact."""
        number = self.draw.randrange(10**8)
        draft = Draft(
            given="Nová", family=f"Tvář{number}", phones=(Point(f"+420 7{number:08}", "cell"),)
        )
        home = self.draw.choice(self.directories)
        entered = contacts.add(session, OPERATOR, home, NewContact(draft, "drill"), at)
        return "contact.add", "contact", entered.contact.id

    def join(self, session: Session, at: datetime) -> Done:
        """Let somebody work in the project."""
        user = self.draw.choice(self.users)
        projects.set_member(session, OPERATOR, self.project, user, at)
        return "project.set_member", "project", self.project

    def leave(self, session: Session, at: datetime) -> Done:
        """Let a member work there no longer."""
        query = select(ProjectMember.user_id).where(
            ProjectMember.project_id == self.project, ProjectMember.valid_until > at
        )
        found = session.scalars(query).all()
        user = self.draw.choice(found or self.users)
        projects.end_member(session, OPERATOR, self.project, user, at)
        return "project.end_member", "project", self.project

    def share(self, session: Session, at: datetime) -> Done:
        """Let a contact take part in the project, or no longer."""
        contact_id = self._contact(session)
        if self.draw.random() < 0.5:
            projects.set_contact(session, OPERATOR, self.project, contact_id, at)
            return "project.set_contact", "project", self.project
        projects.end_contact(session, OPERATOR, self.project, contact_id, at)
        return "project.end_contact", "project", self.project

    def _contact(self, session: Session) -> int:
        query = select(Contact.id).where(Contact.directory_id.in_(self.directories))
        return self.draw.choice(session.scalars(query).all())


def main(plan_file: str, log_file: str, seed: str) -> None:
    """Write until told to stop."""
    plan = json.loads(Path(plan_file).read_text(encoding="utf-8"))
    draw = random.Random(int(seed))  # noqa: S311 - no secret
    writer = Writer(draw, plan["users"], plan["directories"], plan["project"])
    sessions = open_database(plan["database"])
    stop = threading.Event()
    threading.Thread(target=_wait_for_the_word, args=(stop,), daemon=True).start()
    with Path(log_file).open("a", encoding="utf-8") as log:
        while not stop.wait(draw.expovariate(plan["writes_each"])):
            line = _write(sessions.write, writer.act())
            log.write(json.dumps(line) + "\n")
            log.flush()
            os.fsync(log.fileno())


def _wait_for_the_word(stop: threading.Event) -> None:
    sys.stdin.readline()
    stop.set()


def _write(opened: Any, act: Callable[[Session, datetime], Done]) -> dict[str, Any]:
    """One act, and what is written down of it."""
    began, at = time.monotonic(), clock.now()
    try:
        with opened() as session:
            done = act(session, at)
    except (Busy, Conflict) as error:
        return {"refused": repr(error), "seconds": time.monotonic() - began}
    except Exception as error:  # noqa: BLE001 - told at the end, with all else
        return {"failed": repr(error)[:300], "seconds": time.monotonic() - began}
    return {"done": done, "at": at.isoformat(), "seconds": time.monotonic() - began}


if __name__ == "__main__":
    main(*sys.argv[1:])
