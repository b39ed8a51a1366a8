"""What every command has in common: the instance, one instant, and how an answer is printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import click
from typing_extensions import override

from app import clock, keys
from app.cards.text import xml_safe
from app.db import FOREVER, Sessions, instant_text, open_database
from app.errors import Refused
from app.queries import instances
from app.settings import DATABASE_FILE, Settings

_WIDEST = 48


class Shell:
    """One run of the command on one instance."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened: Sessions | None = None

    @cached_property
    def sessions(self) -> Sessions:
        """The database of the instance; opening it holds the clock.

        Raises Refused before the first `kustod init`.
        """
        settings = self.settings
        if not (settings.database_url or (settings.instance / DATABASE_FILE).is_file()):
            raise Refused(f"there is no instance at {settings.instance}: run `kustod init` first")
        opened = open_database(settings.database)
        self._opened = opened.marking(keys.loader(settings.keys_file))
        with self._opened.read() as session:
            beat = instances.heartbeat(session)
        if beat is not None:
            clock.raise_floor(beat)
        return self._opened

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if self._opened is not None:
            self._opened.engine.dispose()

    @cached_property
    def at(self) -> datetime:
        """The instant of this run, never before the worker's last heartbeat."""
        _ = self.sessions
        return clock.now()


pass_shell = click.make_pass_decorator(Shell)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: data for a script, lines for a person, an exit code.

    A `payload` goes to standard output as it is, instead of the lines.
    """

    data: Any
    lines: Sequence[str] = ()
    exit_code: int = 0
    payload: bytes | None = None


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> Answer:
    """Rows as an array for a script, as a table of these columns for a person."""
    if not rows:
        return Answer([], [empty])
    cells = [list(columns), *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return Answer(list(rows), lines)


def _cell(value: object) -> str:
    text = shown(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def shown(value: object) -> str:
    """A value as a person reads it."""
    if value is None or value == FOREVER:
        return "-"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "-"
    return str(value)


def document(value: object) -> str:
    """One JSON document; an instant in UTC, for ever as null."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return None if value == FOREVER else instant_text(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _storable(value: object) -> object:
    """Bytes that are no UTF-8 come as lone surrogates, which no database takes."""
    if isinstance(value, tuple):
        return tuple(map(_storable, value))
    return xml_safe(value) if isinstance(value, str) else value


class Command(click.Command):
    """A command that returns an Answer and takes --json."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - click's interface
        super().__init__(*args, **options)
        flag = click.Option(["as_json", "--json"], is_flag=True, help="Print one JSON document.")
        self.params.append(flag)

    @override
    def invoke(self, ctx: click.Context) -> None:
        as_json = ctx.params.pop("as_json")
        ctx.params = {name: _storable(value) for name, value in ctx.params.items()}
        answer = super().invoke(ctx)
        if as_json:
            click.echo(document(answer.data))
        elif answer.payload is not None:
            click.echo(answer.payload, nl=False)
        else:
            click.echo("\n".join(answer.lines))
        ctx.exit(answer.exit_code)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
