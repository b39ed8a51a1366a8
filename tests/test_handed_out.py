"""The hand-out log as a file: whole lines survive, torn ones harm nobody, it does not grow."""

import multiprocessing
from pathlib import Path

import pytest

from app.errors import Invalid
from app.handed_out import HandOutLog, Told, card_line, parse, program_line, write

BOOK = "k3jx5c2mq7rt4w9z/all"


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    log = HandOutLog(tmp_path / "log")
    assert log.read() == {}
    assert log.hrefs(BOOK) == []
    log.append([card_line(BOOK, 3, "a.vcf"), card_line("other/all", 1, "a.vcf")])
    log.append([program_line(BOOK, 7, "mac os x"), card_line(BOOK, 4, "ž č/%.vcf")])

    assert log.read() == {
        BOOK: Told({"a.vcf": 3, "ž č/%.vcf": 4}, {7: "mac os x"}),
        "other/all": Told({"a.vcf": 1}),
    }
    assert (log.read()[BOOK].last_seq, Told().last_seq) == (4, 0)
    assert log.hrefs(BOOK) == ["a.vcf", "ž č/%.vcf"]
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_line_torn_anywhere_spoils_no_other(tmp_path: Path) -> None:
    torn = card_line(BOOK, 12, "torn.vcf")
    for length in range(len(torn) - 1):
        log = HandOutLog(tmp_path / f"log{length}")
        log.append([card_line(BOOK, 1, "before.vcf")])
        with log.path.open("a") as file:
            file.write("\n" + torn[:length])
        log.append([card_line(BOOK, 2, "after.vcf")])

        assert log.read() == {BOOK: Told({"before.vcf": 1, "after.vcf": 2})}


def test_what_is_not_ours_is_passed_over() -> None:
    strange = ["", "\n", "c\n", "c x y;\n", "z 1 a/b/c;\n", "c -1 a/b/c.vcf;\n", "\ufffd\ufffd;\n"]
    assert parse(strange) == {}


def test_compacting_keeps_each_card_once_with_its_last_revision(tmp_path: Path) -> None:
    log = HandOutLog(tmp_path / "log")
    assert log.compact() == 0
    for seq in (5, 9, 7):
        log.append([card_line(BOOK, seq, "a.vcf"), program_line(BOOK, 1, "davx")])
    before = log.read()
    assert log.compact() < 120
    assert log.read() == before == {BOOK: Told({"a.vcf": 9}, {1: "davx"})}
    assert list(write(before)) == log.path.read_text().splitlines(keepends=True)
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_logs_of_other_nodes_are_taken_over(tmp_path: Path) -> None:
    one, two = HandOutLog(tmp_path / "one"), HandOutLog(tmp_path / "two")
    one.append([card_line(BOOK, 1, "a.vcf")])
    two.append([card_line(BOOK, 2, "a.vcf"), card_line(BOOK, 3, "b.vcf")])
    one.absorb([two.path])
    assert one.read() == {BOOK: Told({"a.vcf": 2, "b.vcf": 3})}


@pytest.mark.parametrize("other", [b"\x00\xff" * 99, b"root:x:0:0:root:/root:/bin/bash\n"])
def test_a_file_that_is_no_log_is_not_taken_for_one(tmp_path: Path, other: bytes) -> None:
    (tmp_path / "other").write_bytes(other)
    with pytest.raises(Invalid, match="no hand-out log"):
        HandOutLog(tmp_path / "log").absorb([tmp_path / "other"])


def _append(path: Path, name: int) -> None:
    log = HandOutLog(path)
    for number in range(40):
        log.append(card_line(BOOK, 1, f"{name}-{number}-{part}.vcf") for part in range(5))


def test_processes_append_while_another_writes_the_file_anew(tmp_path: Path) -> None:
    log = HandOutLog(tmp_path / "log")
    fork = multiprocessing.get_context("spawn")
    writers = [fork.Process(target=_append, args=(log.path, name)) for name in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        log.compact()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(log.hrefs(BOOK)) == 3 * 40 * 5
