"""Runs the tests of the policy on one copy after another, each in a process of its own.

A script, started once: it imports the libraries and forks for each copy, which is three times
as fast as starting Python anew. A line of stdin names the folder of a copy and its tests, a
line of stdout is the exit code of pytest; what pytest said stands in the folder.
"""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.dialects import sqlite  # noqa: F401 - loaded once for all children

import app.models

OPTIONS = ("-x", "-q", "-W", "error", "-p", "no:cacheprovider")


def serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _test(Path(order["folder"]), order["tests"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def _test(folder: Path, tests: list[str]) -> NoReturn:
    """Let `app.policy` and `tests` be those of the copy; all else of `app` stays as it is."""
    app.__path__.insert(0, str(folder / "app"))
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    with Path("output.txt").open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        code = pytest.main([*OPTIONS, "--rootdir", str(folder), *tests])
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
