"""Every mutant of the policy makes a test fail, each in a copy of the source of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.policy.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
TESTS = {
    "visibility.py": ("test_cases.py", "test_small_worlds.py"),
    "fields.py": ("test_fields.py", "test_profiles.py", "test_small_worlds.py"),
    "actions.py": ("test_actions.py", "test_standing.py"),
}
ALL_TESTS = tuple(dict.fromkeys(test for tests in TESTS.values() for test in tests))


@dataclass(frozen=True)
class Server:
    """The process that runs the tests on a copy (tests/policy/mutant_server.py)."""

    process: subprocess.Popen[str]

    def test(self, folder: Path, tests: tuple[str, ...]) -> int:
        """The exit code of pytest, up to the first failure."""
        paths = [str(folder / "tests" / "policy" / name) for name in tests]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"folder": str(folder), "tests": paths}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("mutant_server.py"))],
        env={
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Server(process)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The policy with its tests, and a conftest that needs neither migrations nor server."""
    for package in ("app/policy", "tests/policy"):
        shutil.copytree(ROOT / package, tmp_path / package)
    for name in ("__init__.py", "factories.py"):
        shutil.copy2(ROOT / "tests" / name, tmp_path / "tests" / name)
    shutil.copy2(ROOT / "tests/policy/mutants_conftest.py", tmp_path / "tests/conftest.py")
    return tmp_path


def apply(mutant: Mutant, folder: Path) -> None:
    path = folder / "app" / "policy" / mutant.file
    text = path.read_text()
    assert text.count(mutant.old) == 1, f"not once in {mutant.file}: {mutant.old!r}"
    for cached in path.parent.glob(f"__pycache__/{path.stem}.*"):
        cached.unlink()
    path.write_text(text.replace(mutant.old, mutant.new))


def test_the_policy_as_it_stands_passes(server: Server, copy: Path) -> None:
    code = server.test(copy, ALL_TESTS)
    assert code == pytest.ExitCode.OK, (copy / "output.txt").read_text()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_mutant_is_killed(server: Server, copy: Path, mutant: Mutant) -> None:
    apply(mutant, copy)
    code = server.test(copy, TESTS[mutant.file])
    assert code == pytest.ExitCode.TESTS_FAILED, (copy / "output.txt").read_text()


def test_no_mutant_stands_twice() -> None:
    assert len(set(MUTANTS)) == len(MUTANTS)
