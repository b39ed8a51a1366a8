"""The source tree as the architecture tests see it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("app", "dav")


def modules() -> list[Path]:
    """Every module of the product, relative to the checkout."""
    found = [path for name in OURS for path in (ROOT / name).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in [*found, ROOT / "wsgi.py"])


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def lines(module: Path) -> int:
    return len((ROOT / module).read_text(encoding="utf-8").splitlines())


def functions(module: Path) -> Iterator[tuple[str, int]]:
    """Every function of a module with its length, decorators and docstring apart."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body
            yield node.name, (node.end_lineno or 0) - body[0].lineno + 1
