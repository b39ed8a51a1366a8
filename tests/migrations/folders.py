"""Folders of migrations with one more than ours, for what a migration must not do."""

import shutil
from pathlib import Path

import pytest

from app.services import migrations

TEMPLATE = '''"""one more"""
import sqlalchemy as sa
from alembic import op

revision = "test"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {body}
'''


def add_migration(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Let the newest migration be one that does this."""
    text = TEMPLATE.format(head=migrations.head(), body=body)
    shutil.copytree(migrations._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "test_one_more.py").write_text(text)
    monkeypatch.setattr(migrations, "_FOLDER", folder)
