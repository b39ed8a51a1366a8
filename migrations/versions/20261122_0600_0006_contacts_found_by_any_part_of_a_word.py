"""contacts found by any part of a word

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Every three letters in a row of what a contact is found by. SQLite keeps them in a table of FTS5
that triggers fill; PostgreSQL in an index over a function, because it may have no pg_trgm.

Revision ID: 0006
Revises: 0005
"""

from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

GRAMS = """
CREATE FUNCTION contact_search_grams(names text, mails text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
  SELECT coalesce(array_agg(DISTINCT a || b || c), '{}') FROM (
    SELECT letter AS a, lead(letter) OVER place AS b, lead(letter, 2) OVER place AS c
    FROM unnest(string_to_array(names || ' ' || mails, NULL)) WITH ORDINALITY AS t (letter, at)
    WINDOW place AS (ORDER BY at)
  ) AS grams WHERE c IS NOT NULL
$body$
"""
TABLE = """
CREATE VIRTUAL TABLE contact_search USING fts5 (
  text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
)
"""


def upgrade() -> None:
    op.create_index('ix_contact_sort_key_public_id_directory_id', 'contact', ['sort_key', 'public_id', 'directory_id'])
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(TABLE)
        op.execute("INSERT INTO contact_search (rowid, text) SELECT id, search || ' ' || mail_search FROM contact")
    else:
        op.execute(GRAMS)
        op.execute('CREATE INDEX contact_search_grams ON contact USING gin (contact_search_grams(search, mail_search))')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER IF EXISTS contact_search_insert')
        op.execute('DROP TRIGGER IF EXISTS contact_search_update')
        op.execute('DROP TRIGGER IF EXISTS contact_search_delete')
        op.execute('DROP TABLE contact_search')
    else:
        op.execute('DROP INDEX contact_search_grams')
        op.execute('DROP FUNCTION contact_search_grams(text, text)')
    op.drop_index('ix_contact_sort_key_public_id_directory_id', 'contact')
