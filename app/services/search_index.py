"""The index by which parts of words are found: whether it is whole, and making it whole again.

It says where to look, so that what it lacks is not found although it is there.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models.searching import sqlite_text

_POSTGRES_STATE = text("""
    SELECT i.indisvalid AND i.indisready FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    WHERE c.relname = 'contact_search_grams'
""")
_POSTGRES_DROP = text("DROP INDEX IF EXISTS contact_search_grams")
_POSTGRES_MAKE = text(
    "CREATE INDEX contact_search_grams ON contact "
    "USING gin (contact_search_grams(search, mail_search))"
)
_SQLITE_STRAYED = text("""
    SELECT count(*) FROM (
        SELECT id FROM contact EXCEPT SELECT id FROM contact_search_docsize
        UNION ALL
        SELECT id FROM (SELECT id FROM contact_search_docsize EXCEPT SELECT id FROM contact)
    )
""")
_SQLITE_EMPTY = text("INSERT INTO contact_search (contact_search) VALUES ('delete-all')")
_SQLITE_FILL = text(
    f"INSERT INTO contact_search (rowid, text) SELECT id, {sqlite_text('contact')} FROM contact"  # noqa: S608 - a text of ours
)


def fault(session: Session) -> str:
    """What is wrong with the index, in words that name no person; "" where it is whole."""
    if session.get_bind().dialect.name == "postgresql":
        is_valid = session.scalar(_POSTGRES_STATE)
        if is_valid is None:
            return "its index is missing"
        return "" if is_valid else "its index is not valid"
    strayed = session.scalar(_SQLITE_STRAYED)
    return f"contacts that its index does not know, or knows wrongly: {strayed}" if strayed else ""


def mend(session: Session) -> bool:
    """Make the index anew where something is wrong with it; whether there was."""
    if not fault(session):
        return False
    is_postgres = session.get_bind().dialect.name == "postgresql"
    steps = (_POSTGRES_DROP, _POSTGRES_MAKE) if is_postgres else (_SQLITE_EMPTY, _SQLITE_FILL)
    for step in steps:
        session.execute(step)
    return True
