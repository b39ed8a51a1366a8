import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from typing_extensions import override

from app import logs


@pytest.fixture
def log() -> Iterator[StringIO]:
    stream = StringIO()
    logs.configure("info", stream)
    yield stream
    logs.configure("info")


def only(log: StringIO) -> dict[str, object]:
    [line] = log.getvalue().splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_fields_that_are_not_named_are_left_out(log: StringIO) -> None:
    logs.logger().info("imported", rows=3, login="eva@example.org", path="/dav/d1/all/k.vcf")
    line = only(log)
    assert line.keys() == {"event", "level", "rows", "time"}


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "\x1b[31mred", "a\x85b", "a\u2028b", "\ud800"])
def test_no_value_begins_a_second_line(text: str, log: StringIO) -> None:
    logs.logger().info("seen", route=text)
    assert only(log)["route"] == text
    assert "\x1b" not in log.getvalue()


def test_a_value_that_is_no_text_is_named_by_its_type(log: StringIO) -> None:
    logs.logger().info("seen", route=object())
    assert only(log)["route"] == "object"


def test_a_librarys_line_loses_its_arguments(log: StringIO) -> None:
    logging.getLogger("library").warning("cannot read %r of %s", "/d1/k.vcf", "eva@example.org")
    line = only(log)
    assert (line["logger"], line["event"]) == ("library", "cannot read %r of %s")


def test_a_librarys_exception_loses_its_message(log: StringIO) -> None:
    error = ValueError("eva@example.org")
    logging.getLogger("library").error("failed", exc_info=error)
    assert only(log)["error"] == "ValueError"
    assert "eva" not in log.getvalue()


def test_a_message_that_is_no_text_is_named_by_its_type(log: StringIO) -> None:
    logging.getLogger("library").error(ValueError("eva@example.org"))
    assert only(log)["event"] == "ValueError"


def test_radicale_says_nothing_below_a_warning_whatever_its_level(log: StringIO) -> None:
    radicale = logging.getLogger("radicale")
    before = radicale.level
    radicale.setLevel(logging.DEBUG)
    try:
        radicale.info("Failed login attempt from %s: %r", "127.0.0.1", "eva@example.org")
        assert not log.getvalue()
        radicale.warning("Failed login attempt from %s: %r", "127.0.0.1", "eva@example.org")
        assert "eva" not in only(log).values()
        assert "eva" not in log.getvalue()
    finally:
        radicale.setLevel(before)


def test_radicale_fills_its_own_templates_and_loses_what_it_put_in(log: StringIO) -> None:
    logging.getLogger("radicale").critical("PROPFIND response status for '/d1/k.vcf': 503")
    assert only(log)["event"] == "PROPFIND response status for "


class Writes(StringIO):
    """A stream that keeps what was written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    @override
    def write(self, text: str, /) -> int:
        self.parts.append(text)
        return len(text)


def test_a_line_is_written_at_once_so_that_no_other_process_writes_into_it() -> None:
    stream = Writes()
    logs.configure("info", stream)
    logs.logger().info("seen")
    logging.getLogger("library").warning("seen")
    logs.configure("info")
    assert [part[-1] for part in stream.parts] == ["\n", "\n"]


def test_hushing_twice_leaves_one_filter() -> None:
    logs.hush_radicale()
    before = len(logging.getLogger("radicale").filters)
    logs.hush_radicale()
    assert len(logging.getLogger("radicale").filters) == before


def test_a_quieter_level_hides_the_access_lines() -> None:
    stream = StringIO()
    logs.configure("warning", stream)
    logs.request("GET", "/", "200 OK", 1, 0.1)
    logs.configure("info")
    assert not stream.getvalue()


def test_a_command_that_configured_nothing_still_logs_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    structlog.reset_defaults()
    logs.logger().info("seen", rows=1)
    captured = capsys.readouterr()
    assert (json.loads(captured.err)["rows"], captured.out) == (1, "")
