"""The index of three letters in a row, by which any part of a word is found.

It covers `search` and `mail_search` of a contact together and only says where to look: the
columns themselves decide, each for whom it is for. On SQLite it is a table of FTS5 without
content, kept by triggers whoever writes; on PostgreSQL an index over a function.

One letter or two are found by what begins with them: on SQLite through the list of all that the
table holds, for which each text ends in two spaces; on PostgreSQL the index holds them as well.
"""

NAME = "contact_search"
"""The table on SQLite; on PostgreSQL function and index are `contact_search_grams`."""

LETTERS = "contact_search_letters"
"""On SQLite, what the table holds as rows of `term` and `doc`."""


def sqlite_text(row: str) -> str:
    """What the table on SQLite is told of a row: `contact`, or `NEW` in a trigger."""
    return f"{row}.search || ' ' || {row}.mail_search || '  '"


_ADD = f"INSERT INTO contact_search (rowid, text) VALUES (NEW.id, {sqlite_text('NEW')});"  # noqa: S608 - a text of ours
_CHANGED = (
    'AFTER UPDATE OF search, mail_search ON "contact" '
    "WHEN OLD.search IS NOT NEW.search OR OLD.mail_search IS NOT NEW.mail_search"
)
_DROP = "DELETE FROM contact_search WHERE rowid = OLD.id;"

SQLITE_TRIGGERS = {
    f"{NAME}_{name}": f'CREATE TRIGGER "{NAME}_{name}" {when} BEGIN {steps} END'
    for name, when, steps in (
        ("insert", 'AFTER INSERT ON "contact"', _ADD),
        ("update", _CHANGED, f"{_DROP} {_ADD}"),
        ("delete", 'AFTER DELETE ON "contact"', _DROP),
    )
}


def is_index(name: str) -> bool:
    """Whether a table or an index of the database is this one, or one that FTS5 keeps for it."""
    return name.startswith(NAME)
