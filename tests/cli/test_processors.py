"""`kustod processor`, and the notice in nine parts that it writes."""

from pathlib import Path

from tests.cli.conftest import Kustod


def test_the_register_feeds_a_notice_that_can_be_published(kustod: Kustod, tmp_path: Path) -> None:
    kustod.json("purpose", "add", "news", "--name", "Novinky", "--medium", "email", "--marketing")
    said = ("--task", "rozesílání pošty", "--place", "USA", "--transfer", "standardní doložky")
    post = kustod.json("processor", "add", "Pošta s.r.o.", *said)
    old = kustod.json("processor", "add", "Dřívější", "--task", "hosting", "--place", "Česko")
    assert kustod.json("processor", "end", old["id"])["id"] == old["id"]
    rows = kustod.json("processor", "list")
    assert {row["name"]: row["until"] is None for row in rows} == {
        "Pošta s.r.o.": True,
        "Dřívější": False,
    }
    text = str(kustod.json("processor", "notice", "news", "--language", "cs")["text"])
    assert "Pošta s.r.o.: rozesílání pošty (USA)" in text
    assert "Pošta s.r.o. (USA): standardní doložky" in text
    assert "Dřívější" not in text
    assert [line for line in text.splitlines() if line.startswith("9. ")]
    path = tmp_path / "notice.txt"
    path.write_text(text, encoding="utf-8")
    kustod.json("notice", "publish", "news", "--language", "cs", "--file", path)
    english = str(kustod.json("processor", "notice", "news", "--language", "en")["text"])
    assert "Who is responsible" in english
    assert post["id"]
