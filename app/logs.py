"""Log lines: one JSON object each, on stderr, with nothing in it about a person.

Kept out by construction, not by care: a line of ours keeps only the fields named here, and a
line of a library keeps its template and loses its arguments, for those hold paths, logins and
card texts. json.dumps escapes CR, LF and ESC, so no value can begin a second line.
"""

import json
import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger
from typing_extensions import override

from app import clock

ROUTE = "kustod.route"
"""Where a door leaves the rule of the route in the WSGI environ, for the access line."""

FIELDS = frozenset(
    {
        "bind", "bytes", "duty", "error", "event", "level", "logger", "method", "ms", "pid",
        "reference", "revision", "route", "rows", "status", "time", "where", "workers",
    }
)  # fmt: skip
"""All that a line may hold. None of them ever takes a value that came from a person."""

METHODS = frozenset(
    {
        "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LOCK", "MKCALENDAR", "MKCOL", "MOVE",
        "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "REPORT", "TRACE", "UNLOCK",
    }
)  # fmt: skip


class _Stderr:
    """Whatever stderr is when a line is written: a test runner and a daemon change it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


_stderr = cast("TextIO", _Stderr())
_HERE = Path(__file__).parents[1]
_FRAMES = 8
_JSON = json.JSONEncoder(default=lambda value: type(value).__name__)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send our lines and those of all libraries to `stream` (stderr) as JSON."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    target = stream or _stderr
    _configure_ours(number, target)
    handler = logging.StreamHandler(target)
    handler.setFormatter(TemplateFormatter())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    hush_radicale()


def _configure_ours(number: int, target: TextIO) -> None:
    structlog.configure(
        processors=[structlog.processors.add_log_level, _stamp, _keep_known, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # One write a line: text and newline apart let two processes' lines run into each other.
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )


def hush_radicale() -> None:
    """Let Radicale log warnings and worse only, through our handler alone.

    Stock Radicale logs the login of each failed try in clear, at INFO, and request bodies at
    DEBUG; the filter holds even where its own configuration sets another level.
    """
    logger = logging.getLogger("radicale")
    logger.handlers.clear()
    logger.propagate = True
    if not any(isinstance(known, _WarningsOnly) for known in logger.filters):
        logger.addFilter(_WarningsOnly())


def logger() -> FilteringBoundLogger:
    """The logger of our own lines: `logger().info("what happened", rows=3)`."""
    if not structlog.is_configured():
        _configure_ours(logging.INFO, _stderr)
    bound: FilteringBoundLogger = structlog.get_logger()
    return bound


def request(method: str, route: str, status: str, size: int, seconds: float) -> None:
    """The access line: which rule was asked, how it ended, how long it took. No path, no query."""
    logger().info(
        "request",
        method=method if method in METHODS else "other",
        route=route,
        status=int(status[:3]),
        bytes=size,
        ms=round(seconds * 1000, 1),
    )


def failure(error: BaseException) -> dict[str, str]:
    """What a line may tell about an exception: its type and its frames, never its message.

    Messages quote SQL parameters, values and paths.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "error": type(error).__qualname__,
        "where": " < ".join(f"{_short(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames)),
    }


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_HERE)) if path.is_relative_to(_HERE) else path.name


def _stamp(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {"time": clock.now().isoformat(timespec="milliseconds"), **event}


def _keep_known(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if name in FIELDS}


def _render(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    return _JSON.encode(event)


class TemplateFormatter(logging.Formatter):
    """A library's line: where it comes from and its template, without the arguments."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if record.exc_info and record.exc_info[1]:
            line |= failure(record.exc_info[1])
        return json.dumps(line)


class _WarningsOnly(logging.Filter):
    """Radicale fills its templates itself: what stands behind the first quote is an argument."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = str(record.msg).partition("'")[0]
        return record.levelno >= logging.WARNING
