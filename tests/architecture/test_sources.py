"""Where the clock, the environment, the forwarded headers and the instants may be touched."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import Column, DateTime, Table

import app.models  # noqa: F401 - fills the metadata
from app.db import Base, Instant
from app.settings import Settings
from tests.architecture.tree import ROOT, modules, parsed

CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "func.now",
}  # fmt: skip
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb"}


def attributes(module: Path) -> set[str]:
    """Every dotted name in a module."""
    return {
        ast.unparse(node)
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Call)
    }


@pytest.mark.parametrize("module", modules(), ids=str)
def test_only_one_module_reads_the_wall_clock(module: Path) -> None:
    if str(module) != "app/clock.py":
        assert not CLOCKS & attributes(module)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_only_one_module_reads_the_environment(module: Path) -> None:
    if str(module) != "app/settings.py":
        assert not ENVIRONMENT & attributes(module)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_only_the_guard_reads_what_a_proxy_says(module: Path) -> None:
    if str(module) == "app/guard.py":
        return
    text = (ROOT / module).read_text(encoding="utf-8")
    named = re.findall(r"HTTP_X_FORWARDED\w*|X-Forwarded\S*|X-Script-Name|ProxyFix", text)
    assert named == []


def test_the_rule_sees_a_breach() -> None:
    assert CLOCKS & attributes(Path("app/clock.py"))
    assert ENVIRONMENT & attributes(Path("app/settings.py"))


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_no_column_holds_a_bare_datetime(table: Table) -> None:
    assert [column.name for column in table.columns if isinstance(column.type, DateTime)] == []


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_the_name_of_a_column_tells_an_instant(table: Table) -> None:
    def is_instant(column: Column[object]) -> bool:
        return isinstance(column.type, Instant)

    named = {c.name for c in table.columns if re.fullmatch(r"at|.*_at|valid_(from|until)", c.name)}
    assert {c.name for c in table.columns if is_instant(c)} == named


def test_the_readme_lists_every_setting() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(KUSTOD_\w+)` \|", text, re.MULTILINE))
    fields = {f"KUSTOD_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert listed == fields
