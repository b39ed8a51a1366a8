"""The organisation, put into an empty database quickly: without its triggers."""

import random
from datetime import timedelta

from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session

from app import clock
from app.db import Sessions
from app.models import (
    Directory,
    Organisation,
    Source,
    Team,
    User,
    UserRole,
)
from app.models.accounts import RoleName
from app.models.facts import FACTS
from app.models.kinds import SourceKind
from app.models.triggers import install_triggers, installed
from app.services import directories
from app.services.audit import OPERATOR
from app.services.directories import NewDirectory
from firm.cards import contacts
from firm.phones import phones
from firm.plan import DIRECTORIES, FIFTY, OWNER, Plan, Size, many
from firm.work import access, work


def plant(sessions: Sessions, size: Size) -> Plan:
    """Build the organisation without its triggers, which come back afterwards."""
    plan, chance = Plan(clock.now() - timedelta(days=20)), random.Random(7)  # noqa: S311 - no secret
    with sessions.write() as session:
        silence(session.connection())
        organisation(session, size, plan)
    with sessions.write() as session:
        contacts(session, size, plan, chance)
    with sessions.write() as session:
        work(session, size, plan, chance)
        access(session, size, plan, chance)
    with sessions.write() as session:
        wake(session.connection())
    with sessions.write() as session:
        phones(session, size, plan)
    if sessions.dialect == "postgresql":
        with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text("VACUUM ANALYZE"))
    return plan


def silence(connection: Connection) -> None:
    """Keep the triggers and the index of letters away while rows pour in."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP INDEX contact_search_grams")
        for fact in FACTS:
            connection.exec_driver_sql(f'ALTER TABLE "{fact.table}" DISABLE TRIGGER USER')
        return
    for name in installed(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def wake(connection: Connection) -> None:
    """Bring both back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE INDEX contact_search_grams ON contact "
            "USING gin (contact_search_grams(search, mail_search))"
        )
        for fact in FACTS:
            connection.exec_driver_sql(f'ALTER TABLE "{fact.table}" ENABLE TRIGGER USER')
        return
    connection.exec_driver_sql(
        "INSERT INTO contact_search (rowid, text) "
        "SELECT id, search || ' ' || mail_search FROM contact"
    )
    install_triggers(connection)


def organisation(session: Session, size: Size, plan: Plan) -> None:
    """People, teams and directories; every directory belongs to the first owner."""
    at = plan.at
    session.add(Organisation(id=1, name="Stavby Morava"))
    session.add(Source(id=1, kind=SourceKind.IMPORT, detail="benchmark", obtained_at=at))
    numbers = range(1, size.people + 1)
    many(
        session,
        User,
        (
            {"id": n, "email": f"u{n}@example.org", "name": f"Jan Novák {n}", "created_at": at}
            for n in numbers
        ),
    )
    session.add(UserRole(user_id=OWNER, role=RoleName.OWNER))
    teams = (
        {"id": n, "slug": f"t{n}", "name": f"Tým {n}", "created_at": at}
        for n in range(1, FIFTY + 1)
    )
    many(session, Team, teams)
    for n in range(DIRECTORIES):
        new = NewDirectory(f"home{n}", f"Adresář {n}", "customers-people", owner_id=OWNER)
        home = directories.add(session, OPERATOR, new, at)
        plan.homes.append(home.id)
        plan.purposes[home.id] = home.purpose_id
    session.execute(update(Directory).values(sync_policy="any"))
