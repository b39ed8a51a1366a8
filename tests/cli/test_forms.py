"""`kustod form`, as a script uses it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Kustod

SITE = "https://www.example.org"


@pytest.fixture
def office(kustod: Kustod, tmp_path: Path) -> Kustod:
    """A newsletter with its notice."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("purpose", "add", "news", "--name", "Novinky", "--medium", "email", "--marketing")
    (tmp_path / "notice.txt").write_text("Píšeme o novinkách.", encoding="utf-8")
    said = ("--name", "Odběratelé", "--preset", "newsletter", "--purpose", "news")
    kustod.json("directory", "add", "readers", *said)
    kustod.json("notice", "publish", "news", "--language", "cs", "--file", tmp_path / "notice.txt")
    return kustod


def test_a_form_is_opened_handed_out_and_closed(office: Kustod) -> None:
    said = ("--name", "Novinky", "--notice", "news", "--directory", "readers", "--origin", SITE)
    made = office.json("form", "add", "news", *said)
    assert (made["key"], made["origins"], made["open"]) == ("news", [SITE], True)
    assert office.json("form", "publish", "news")["version"] == 1
    html = str(office.json("form", "snippet", "news", "--language", "cs")["html"])
    assert "Souhlasím se zasíláním e-mailů" in html
    assert "<script" not in html
    assert " checked" not in html
    key = office.json("form", "key", "news", "--site", "www")
    assert str(key["key"]).startswith("ksk_")
    assert office.json("form", "end-key", key["id"])["id"] == key["id"]
    assert office.json("form", "close", "news")["open"] is False
    assert [row["open"] for row in office.json("form", "list")] == [False]


def test_blanks_are_numbered_for_a_place_where_people_sign(office: Kustod) -> None:
    said = ("--name", "Prodejna", "--notice", "news", "--directory", "readers")
    office.json("form", "add", "counter", *said, "--kind", "branch-paper")
    made = office.json("form", "blank", "counter", "--count", "3")
    assert (len(made["serials"]), made["url"].rpartition("/")[2]) == (3, made["id"])
    assert "Numbered" in office("form", "blank", "counter").out
    office.json("form", "add", "web", *said)
    assert "no such place" in office.error("form", "blank", "web")
