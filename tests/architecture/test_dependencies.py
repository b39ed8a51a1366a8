"""Every dependency is used, declared, pinned and named with its licence."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import OURS, ROOT, modules, parsed

NOT_IMPORTED = {
    "pysqlite3": "app.db loads it by its name",
    "tzdata": "zoneinfo reads it where the system has no zones",
    "vobject": "Radicale's own, kept below 1",
}
UNPINNED = {
    "tzdata": "the newest rules of the clocks are the right ones",
    "types-defusedxml": "stubs follow what they describe",
}


@cache
def declared() -> dict[str, dict[str, str]]:
    """group -> name -> range."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"run": project["dependencies"], "dev": project["optional-dependencies"]["dev"]}
    return {group: dict(map(_split, lines)) for group, lines in groups.items()}


def _split(requirement: str) -> tuple[str, str]:
    found = re.fullmatch(r"([\w-]+)(?:\[\w+\])?([^;]*)(?:;.*)?", requirement)
    assert found, requirement
    return found[1], found[2].strip()


@cache
def imported() -> set[str]:
    """The distributions that the product imports, by their normal names."""
    tops = {
        name.partition(".")[0]
        for module in [*modules(), Path("migrations/env.py")]
        for node in ast.walk(parsed(module))
        for name in _names(node)
    }
    foreign = tops - set(sys.stdlib_module_names) - {*OURS, "wsgi"}
    owners = packages_distributions()
    return {owner.lower().replace("_", "-") for top in foreign for owner in owners[top]}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def test_what_is_imported_is_declared() -> None:
    brought_along = {"jinja2", "markupsafe"}  # by Flask, whose interface they are part of
    assert imported() - declared()["run"].keys() - brought_along == set()


def test_what_is_declared_is_imported() -> None:
    assert declared()["run"].keys() - imported() == NOT_IMPORTED.keys()


@pytest.mark.parametrize("group", ["run", "dev"])
def test_every_range_has_an_upper_end(group: str) -> None:
    loose = {name for name, limits in declared()[group].items() if not re.search("<|==", limits)}
    assert loose <= UNPINNED.keys()


def test_the_licences_are_those_of_what_is_declared() -> None:
    text = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z][\w-]*) \| ([^|]*?) ?\| [^|]+ \|$", text, re.MULTILINE)
    listed = {name: limits for name, limits in rows if name not in {"package", "folder"}}
    assert listed == declared()["run"] | declared()["dev"]


def test_everything_vendored_has_its_licence_and_version() -> None:
    text = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    for folder in (ROOT / "static" / "vendor").iterdir():
        assert f"`static/vendor/{folder.name}`" in text
        assert {"LICENCE", "VERSION"} <= {path.name for path in folder.iterdir()}
