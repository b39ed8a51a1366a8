"""The entry of the `kustod` command: finds a group of commands, and says what went wrong."""

import importlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from typing_extensions import override

from app.cli.shell import Shell
from app.errors import KustodError
from app.settings import Settings

REFUSED, MISUSED = 1, 2

COMMANDS = {
    "backup": "backups:backup",
    "basis": "bases:basis",
    "consent": "consents:consent",
    "contact": "contacts:contact",
    "demo": "instance:demo",
    "device": "devices:device",
    "directory": "directories:directory",
    "doctor": "instance:doctor",
    "form": "forms:form",
    "grant": "grants:grant",
    "holders": "questions:holders",
    "incident": "incidents:incident",
    "init": "instance:init",
    "job": "jobs:job",
    "notice": "notices:notice",
    "project": "projects:project",
    "processor": "processors:processor",
    "purpose": "purposes:purpose",
    "request": "requests:request",
    "restore": "backups:restore",
    "seen": "seen:seen",
    "serve": "serving:serve",
    "suppression": "suppressions:suppression",
    "team": "teams:team",
    "user": "users:user",
    "why": "questions:why",
    "worker": "serving:worker",
}
"""Where each command lives; it is imported when it is asked for, so that the others start fast."""


class Kustod(click.Group):
    """The command itself: errors leave as words on stderr and as an exit code."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"app.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None

    @override
    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(given, *rest, **extra)
        except click.UsageError as error:
            code = _complain(given, error.format_message(), MISUSED, error)
        except click.ClickException as error:
            code = _complain(given, error.format_message(), error.exit_code, error)
        except click.Abort:
            code = _complain(given, "aborted", REFUSED)
        except KustodError as error:
            code = _complain(given, str(error), REFUSED)
        sys.exit(code)


def _complain(
    args: Sequence[str], message: str, code: int, error: click.ClickException | None = None
) -> int:
    """Say what went wrong, in the form that was asked for."""
    if "--json" in args:
        click.echo(json.dumps({"error": message}, ensure_ascii=False), err=True)
    elif error is not None:
        error.show()
    else:
        click.echo(f"Error: {message}", err=True)
    return code


@click.command(cls=Kustod, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kustod")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The address book that takes contacts back.

    KUSTOD_INSTANCE names the instance folder, ./instance by default.
    """
    ctx.obj = Shell(Settings.from_environ())
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """The console script."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        # A card may hold letters that the terminal does not know.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # the standard streams are text files
    cli()
