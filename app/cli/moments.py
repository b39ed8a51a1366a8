"""Times and periods as a person types them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

import click
from typing_extensions import override

from app.cli.shell import Answer, Shell
from app.services.moments import moment


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601: local where it names no zone; a bare date is one edge of that day."""

    name = "time"

    def __init__(self, *, is_end: bool) -> None:
        self._is_end = is_end

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        shell = ctx.find_object(Shell) if ctx else None
        zone = shell.settings.zone if shell else ZoneInfo("UTC")
        try:
            return moment(str(value), zone, is_end=self._is_end)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time such as 2026-05-03 or 2026-05-03T14:10", param, ctx)


START = Moment(is_end=False)
END = Moment(is_end=True)


@dataclass(frozen=True, slots=True)
class Span:
    """The period that was asked for, or that it is to end now."""

    start: datetime | None
    until: datetime | None
    is_end: bool


def spanned(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command --from, --until and --end, and itself a Span."""

    @click.option("--from", "start", type=START, help="Now, unless said.")
    @click.option("--until", type=END, help="For ever, unless said.")
    @click.option("--end", "is_end", is_flag=True, help="End it now.")
    @wraps(command)
    def asked(
        *args: object,
        start: datetime | None,
        until: datetime | None,
        is_end: bool,
        **options: object,
    ) -> Answer:
        if is_end and (start or until):
            raise click.UsageError("--end ends it now: it goes with neither --from nor --until")
        return command(*args, span=Span(start, until, is_end), **options)

    return asked
