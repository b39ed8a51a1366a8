"""`kustod backup` and `kustod restore` as a script and a person see them."""

from pathlib import Path

from app.handed_out import HandOutLog, card_line
from tests.cli.conftest import Kustod

EVA = ("user", "add", "eva@example.org", "--name", "Eva Nováková")


def elsewhere(tmp_path: Path, database_url: str = "") -> Kustod:
    return Kustod(
        {
            "KUSTOD_INSTANCE": str(tmp_path / "there"),
            "KUSTOD_BASE_URL": "https://k.example.org",
            "KUSTOD_DATABASE_URL": database_url,
        }
    )


def test_an_instance_moves_to_another_machine(
    kustod: Kustod, tmp_path: Path, other_database_url: str
) -> None:
    kustod.json(*EVA)
    phone = kustod.json("device", "add", "eva@example.org", "--name", "Phone")
    file = tmp_path / "b.kustod"
    made = kustod.json("backup", file)
    assert (made["file"], made["is_encrypted"]) == (str(file), False)
    assert made["bytes"] == file.stat().st_size
    late = kustod.json("device", "add", "eva@example.org", "--name", "Late")
    log = HandOutLog(tmp_path / "rescued.log")
    log.append([card_line(f"{phone['id']}/all", 9, "lost.vcf")])
    log.append([card_line(f"{late['id']}/all", 1, "lost.vcf")])

    there = elsewhere(tmp_path, other_database_url)
    done = there.json("restore", file, "--handed-out", log.path)
    assert done["had_log"] is True
    assert [(row["device"], row["uid"]) for row in done["unknown"]] == [(phone["id"], "lost")]
    assert done["strangers"] == [{"device": late["id"], "cards": 1}]
    assert [row["email"] for row in there.json("user", "list")] == ["eva@example.org"]
    assert [row["id"] for row in there.json("device", "list")] == [phone["id"]]
    in_the_way = "give --replace" if "sqlite" in other_database_url else "make an empty one"
    assert in_the_way in there.error("restore", file)


def test_a_person_reads_what_was_lost(kustod_sqlite: Kustod, tmp_path: Path) -> None:
    kustod_sqlite.json(*EVA)
    phone = kustod_sqlite.json("device", "add", "eva@example.org", "--name", "Phone")
    (tmp_path / "kustod.env").write_text("KUSTOD_LANGUAGE=cs\n")
    file, key = tmp_path / "b.kustod", tmp_path / "key"
    said = kustod_sqlite("backup", file, "--key", key, "--make-key").out
    assert f"Backup: {file}, " in said
    assert "not encrypted" not in said
    log = tmp_path / "rescued.log"
    HandOutLog(log).append([card_line(f"{phone['id']}/all", 9, "lost.vcf")])
    HandOutLog(log).append([card_line("abroad/all", 9, "lost.vcf")])

    there = elsewhere(tmp_path)
    said = there("restore", file, "--key", key, "--handed-out", log).out
    assert "Unknown after restore, until the phone has confirmed it: 1 cards" in said
    assert "Device abroad was set up since then" in said
    assert "kustod.env.from-backup" in said
    assert "WARNING: what was ended since then STANDS OPEN AGAIN" in said
    assert "give --replace" in there.error("restore", file, "--key", key)
    again = there("restore", file, "--key", key, "--replace").out
    assert "before-restore.db" in again


def test_what_is_not_known_is_said(kustod_sqlite: Kustod, tmp_path: Path) -> None:
    first, second, key = tmp_path / "one", tmp_path / "two", tmp_path / "key"
    assert "It is not encrypted" in kustod_sqlite("backup", first).out
    kustod_sqlite("backup", second, "--key", key, "--make-key")
    key.write_text(key.read_text().splitlines()[0].removeprefix("# public key: "))
    assert "Only the secret half" in kustod_sqlite("backup", tmp_path / "3", "--key", key).out
    there = elsewhere(tmp_path)
    assert "There was no hand-out log" in there("restore", first).out
    HandOutLog(tmp_path / "there" / "handed-out.log").append([])
    said = there("restore", first, "--replace").out
    assert "knows of no card that the backup does not know" in said
    assert kustod_sqlite("backup", first, "--make-key").code == 2
    assert "never overwritten" in kustod_sqlite.error("backup", first)
