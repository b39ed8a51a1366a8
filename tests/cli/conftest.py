"""The command as a script sees it: arguments in; exit code, one document or one error out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import clock
from app.cli.main import cli
from app.services import instances
from app.settings import Settings

BASE_URL = "https://k.example.org"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; nothing else may stand there."""
        assert self.code == 0, self.err
        assert self.err == ""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The error on stderr of a run that was refused; nothing may stand on stdout."""
        assert self.code == 1, self.out
        assert self.out == ""
        found = json.loads(self.err)
        assert set(found) == {"error"}
        return str(found["error"])


class Kustod:
    """Runs the command on one instance."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._runner = CliRunner(env=environment)

    def __call__(self, *args: str | int | Path, stdin: str = "") -> Outcome:
        """Run it as a person would."""
        result = self._runner.invoke(cli, [str(arg) for arg in args], input=stdin)
        failure = result.exception
        if failure is not None and not isinstance(failure, SystemExit):
            raise failure
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def json(self, *args: str | int | Path, stdin: str = "") -> Any:
        """The document that a run with --json prints."""
        return self(*args, "--json", stdin=stdin).document

    def error(self, *args: str | int | Path, stdin: str = "") -> str:
        """The error that a run with --json ends with."""
        return self(*args, "--json", stdin=stdin).error


@pytest.fixture
def kustod(tmp_path: Path, database_url: str) -> Kustod:
    """The command on a fresh instance, on both engines in turn."""
    return _instance(tmp_path, database_url)


@pytest.fixture
def kustod_sqlite(tmp_path: Path, sqlite_url: str) -> Kustod:
    """The command on a fresh instance, for what does not depend on the engine."""
    return _instance(tmp_path, sqlite_url)


def _instance(folder: Path, database_url: str) -> Kustod:
    environment = {
        "KUSTOD_INSTANCE": str(folder),
        "KUSTOD_BASE_URL": BASE_URL,
        "KUSTOD_DATABASE_URL": database_url,
        "KUSTOD_TIMEZONE": "Europe/Prague",
    }
    instances.init(Settings.from_environ(environment), clock.now())
    return Kustod(environment)


@pytest.fixture
def card_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a vCard file of persons; each is a name, a phone and more lines."""

    def write(*cards: tuple[str, ...]) -> Path:
        path = tmp_path / "cards.vcf"
        texts = []
        for given, family, phone, *lines in cards:
            texts += ["BEGIN:VCARD", "VERSION:3.0", f"N:{family};{given};;;"]
            texts += [f"FN:{given} {family}", f"TEL;TYPE=CELL:{phone}", *lines, "END:VCARD"]
        path.write_text("\r\n".join(texts) + "\r\n", encoding="utf-8", newline="")
        return path

    return write
