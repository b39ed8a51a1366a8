"""What import rules cannot see: names, sizes, the map, what stands in an __init__."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, functions, lines, modules, parsed

LONGEST_FILE, LONGEST_FUNCTION = 300, 40

LONG_FILES: dict[str, str] = {}
"""Path -> the reason why it is longer than the others may be."""

LONG_FUNCTIONS: dict[str, str] = {}
"""path:name -> the reason."""

VAGUE = {"base", "common", "core", "helpers", "manager", "managers", "misc", "tools", "utils"}

REEXPORTING = {"app/models", "app/policy", "app/queries"}


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_is_named_by_what_is_in_it(module: Path) -> None:
    assert not VAGUE & {part.removesuffix(".py") for part in module.parts}


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_file_can_be_read_in_one_go(module: Path) -> None:
    assert lines(module) <= LONGEST_FILE or str(module) in LONG_FILES


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_function_fits_a_screen(module: Path) -> None:
    long = {f"{module}:{name}" for name, length in functions(module) if length > LONGEST_FUNCTION}
    assert long <= LONG_FUNCTIONS.keys()


def test_an_exception_that_is_needed_no_more_is_taken_out() -> None:
    assert all(lines(Path(path)) > LONGEST_FILE for path in LONG_FILES)
    for place in LONG_FUNCTIONS:
        path, _, name = place.partition(":")
        assert (
            max(size for found, size in functions(Path(path)) if found == name) > LONGEST_FUNCTION
        )


@pytest.mark.parametrize("module", modules(), ids=str)
def test_every_module_says_what_lives_in_it(module: Path) -> None:
    assert ast.get_docstring(parsed(module))


@pytest.mark.parametrize(
    "module", [module for module in modules() if module.name == "__init__.py"], ids=str
)
def test_a_package_holds_its_docstring_and_what_it_lends(module: Path) -> None:
    rest = parsed(module).body[1:]
    if str(module.parent) not in REEXPORTING:
        assert rest == []
    assert all(isinstance(node, ast.ImportFrom) or _is_all(node) for node in rest)


def _is_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def families() -> list[str]:
    """Each package of app, each module that stands beside them, and every other folder."""
    found = {"dav/", "wsgi.py", ".ci/run", "Makefile"}
    for path in (ROOT / "app").iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            found.add(f"app/{path.name}")
        elif (path / "__init__.py").is_file():
            found.add(f"app/{path.name}/")
    folders = (
        "benchmarks",
        "deploy",
        "docs",
        "migrations",
        "static",
        "templates",
        "tests",
        "translations",
    )
    return sorted(found | {f"{folder}/" for folder in folders})


@pytest.mark.parametrize("family", families())
def test_the_readme_maps_every_part_of_the_tree(family: str) -> None:
    assert f"`{family}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_nothing_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    map_of_code = text.partition("## Map of the code")[2].partition("\n## ")[0]
    rows = [line for line in map_of_code.splitlines() if line.startswith("| `")]
    named = [row.split("`")[1] for row in rows]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
