"""How the command answers whatever it is asked: codes, streams, help."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from app.cli import main, shell
from app.cli.main import COMMANDS, cli
from app.db import FOREVER
from tests.cli.conftest import Kustod


def test_every_command_is_found_and_takes_json() -> None:
    context = click.Context(cli)
    assert cli.list_commands(context) == sorted(COMMANDS)

    def leaves(command: click.Command) -> list[click.Command]:
        if isinstance(command, click.Group):
            return [leaf for part in command.commands.values() for leaf in leaves(part)]
        return [command]

    found = [cli.get_command(context, name) for name in COMMANDS]
    for command in (leaf for each in found if each for leaf in leaves(each)):
        assert "--json" in [name for param in command.params for name in param.opts]
        assert command.help
    assert cli.get_command(context, "nothing") is None


def test_help_and_version_need_no_instance(tmp_path: Path) -> None:
    run = Kustod({"KUSTOD_INSTANCE": str(tmp_path)})
    for args in (("--help",), ("--version",), ("user", "--help"), ("contact", "import", "-h")):
        assert run(*args).code == 0
    assert "takes contacts back" in run("--help").out


@pytest.mark.parametrize(
    "args", [(), ("nothing",), ("user",), ("user", "add"), ("user", "list", "--no")]
)
def test_misuse_is_2(kustod_sqlite: Kustod, args: tuple[str, ...]) -> None:
    outcome = kustod_sqlite(*args)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err


def test_a_refusal_is_1_in_words_or_as_a_document(kustod_sqlite: Kustod) -> None:
    plain = kustod_sqlite("project", "end", "nothing")
    assert (plain.code, plain.out) == (1, "")
    assert plain.err == "Error: there is no project nothing\n"
    assert kustod_sqlite.error("project", "end", "nothing") == "there is no project nothing"


def test_bytes_that_are_no_text_are_left_out(kustod_sqlite: Kustod) -> None:
    run = kustod_sqlite
    assert run.error("project", "end", "a\udcff") == "there is no project a"
    assert run.json("contact", "list", "--query", "\udcff") == []
    assert run.json("team", "add", "a\udcff", "--name", "\udcffTým")["name"] == "Tým"
    assert "e-mail" in run.error("user", "add", "\udcff", "--name", "X", "--role", "staff")


def test_without_an_instance_the_way_out_is_named(tmp_path: Path) -> None:
    run = Kustod({"KUSTOD_INSTANCE": str(tmp_path / "none")})
    assert "kustod init" in run.error("user", "list")
    assert not (tmp_path / "none").exists()
    bad = Kustod({"KUSTOD_INSTANCE": str(tmp_path), "KUSTOD_TIMEZONE": "Mars/Olympus"})
    assert "Mars/Olympus" in bad.error("user", "list")


def test_a_file_that_cannot_be_read_is_misuse(kustod_sqlite: Kustod, tmp_path: Path) -> None:
    options = ("--directory", "x", "--source", "y")
    assert kustod_sqlite("contact", "import", str(tmp_path / "no.vcf"), *options).code == 2
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"%PDF-1.7 Dear Jan")
    assert "neither a vCard" in kustod_sqlite.error("contact", "import", str(file), *options)


def test_an_interrupted_run_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command(cls=main.Kustod)
    def interrupted() -> None: ...

    def stop(_context: click.Context) -> None:
        raise click.Abort

    interrupted.invoke = stop  # type: ignore[method-assign, assignment]
    with pytest.raises(SystemExit) as end:
        interrupted.main(["user"])
    assert end.value.code == 1
    assert "aborted" in capsys.readouterr().err


def test_other_failures_of_the_shell_keep_their_code(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command(cls=main.Kustod)
    def failing() -> None: ...

    def fail(_context: click.Context) -> None:
        raise click.FileError("x.vcf", "gone")

    failing.invoke = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(SystemExit) as end:
        failing.main(["user", "--json"])
    assert end.value.code == 1
    assert "gone" in capsys.readouterr().err


def test_what_has_a_form_in_json_and_for_a_person() -> None:
    assert json.loads(shell.document({"until": FOREVER})) == {"until": None}
    assert shell.shown(FOREVER) == "-"
    assert shell.shown(datetime(2026, 5, 3, 12, 0, 1, 5, tzinfo=UTC)) == "2026-05-03T12:00:01+00:00"


def test_what_has_no_form_in_json_is_an_error() -> None:
    with pytest.raises(TypeError, match="object"):
        shell.document(object())


def test_a_table_cuts_what_is_too_wide() -> None:
    answer = shell.table([{"a": "x" * 100, "b": True, "c": None}], ("a", "b", "c"), "")
    assert answer.lines[1] == "x" * 47 + "…  yes  -"


@pytest.mark.parametrize(
    "words",
    [
        ("job", "show"),
        ("job", "cancel"),
        ("job", "undo"),
        ("grant", "end"),
        ("contact", "restore", "uid"),
    ],
)
def test_a_number_that_no_row_can_have_is_misuse(kustod_sqlite: Kustod, words: tuple[str]) -> None:
    for number in (2**31, 10**40):
        assert kustod_sqlite(*words, number).code == 2


@pytest.mark.parametrize("bind", ["127.0.0.1:99999999", "[::", "127.0.0.1:0", "localhost:port"])
def test_an_address_where_nobody_can_listen_is_refused(kustod_sqlite: Kustod, bind: str) -> None:
    assert "HOST:PORT is wanted" in kustod_sqlite.error("serve", "--bind", bind)
