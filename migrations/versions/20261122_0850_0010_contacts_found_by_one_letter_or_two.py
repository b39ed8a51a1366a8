"""contacts found by one letter or two

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

On SQLite the index of revision 0006 is listed by fts5vocab, and each text ends in two spaces, so
that its last letters begin something, too. On PostgreSQL the index holds them beside the three
letters in a row, and nothing that has a space in it.

Revision ID: 0010
Revises: 0009
"""

from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
CREATE VIRTUAL TABLE contact_search USING fts5 (
  text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
)
"""
FILL = "INSERT INTO contact_search (rowid, text) SELECT id, search || ' ' || mail_search || '{}' FROM contact"
LETTERS = (
    "CREATE VIRTUAL TABLE contact_search_letters USING fts5vocab ('contact_search', 'instance')"
)
ONE_TO_THREE = """
CREATE OR REPLACE FUNCTION contact_search_grams(names text, mails text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10000 AS $body$
  SELECT coalesce(array_agg(DISTINCT substr(word, place, size)), '{}')
  FROM unnest(string_to_array(names || ' ' || mails, ' ')) AS word,
    generate_series(1, 3) AS size,
    generate_series(1, length(word) - size + 1) AS place
$body$
"""
THREE = """
CREATE OR REPLACE FUNCTION contact_search_grams(names text, mails text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
  SELECT coalesce(array_agg(DISTINCT a || b || c), '{}') FROM (
    SELECT letter AS a, lead(letter) OVER place AS b, lead(letter, 2) OVER place AS c
    FROM unnest(string_to_array(names || ' ' || mails, NULL)) WITH ORDINALITY AS t (letter, at)
    WINDOW place AS (ORDER BY at)
  ) AS grams WHERE c IS NOT NULL
$body$
"""
INDEX = "CREATE INDEX contact_search_grams ON contact USING gin (contact_search_grams(search, mail_search))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        renew("  ")
        op.execute(LETTERS)
    else:
        op.execute("DROP INDEX contact_search_grams")
        op.execute(ONE_TO_THREE)
        op.execute(INDEX)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE contact_search_letters")
        renew("")
    else:
        op.execute("DROP INDEX contact_search_grams")
        op.execute(THREE)
        op.execute(INDEX)


def renew(end: str) -> None:
    for name in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS contact_search_{name}")
    op.execute("DROP TABLE contact_search")
    op.execute(TABLE)
    op.execute(FILL.format(end))
