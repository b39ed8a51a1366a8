"""`kustod purpose`, `notice` and `consent`, as a script uses them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Kustod

PURPOSE = ("--name", "Novinky", "--medium", "email", "--medium", "sms", "--validity", "P24M")


@pytest.fixture
def office(kustod: Kustod, tmp_path: Path) -> Kustod:
    """A directory that rests on consent, and the notice of its purpose."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("purpose", "add", "news", *PURPOSE, "--marketing")
    kustod.json("purpose", "add", "roofs", "--name", "Střechy", "--parent", "news")
    (tmp_path / "notice.txt").write_text("Píšeme Vám o novinkách.", encoding="utf-8")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    said = ("--name", "Odběratelé", "--preset", "newsletter", "--purpose", "news")
    kustod.json("directory", "add", "readers", *said)
    return kustod


@pytest.fixture
def karel(office: Kustod) -> str:
    said = ("--given", "Karel", "--family", "Novotný", "--email", "karel@example.org")
    return str(office.json("contact", "add", "--directory", "readers", *said)["uid"])


@pytest.fixture
def notice(office: Kustod, tmp_path: Path) -> str:
    said = ("--language", "cs", "--file", tmp_path / "notice.txt", "--label", "news=Novinky od nás")
    made = office.json("notice", "publish", "news", *said)
    assert (made["key"], made["language"], made["version"]) == ("news", "cs", 1)
    return str(made["id"])


def seen(office: Kustod, uid: str) -> str:
    return str(office.json("why", "olga@example.org", uid)["verdict"])


def test_a_signed_paper_shows_a_contact_and_its_withdrawal_hides_it(
    office: Kustod, karel: str, notice: str, tmp_path: Path
) -> None:
    assert seen(office, karel) == "hidden"
    said = ("--how", "paper", "--on", "2026-05-03", "--notice", notice)
    proof = ("--evidence", tmp_path / "paper.pdf", "--original", "binder 3")
    done = office.json("consent", "record", karel, "news", *said, *proof)
    assert (done["type"], done["holds"], done["lacks"]) == ("given", True, [])
    assert done["until"] == "2028-05-02T22:00:00.000000Z"
    assert seen(office, karel) == "visible"
    shown = office.json("consent", "show", karel)
    assert {(c["purpose"], c["medium"], c["state"]) for c in shown["consents"]} == {
        ("news", "email", "given"),
        ("news", "sms", "given"),
        ("roofs", "use", "given"),
    }
    event = shown["events"][0]
    assert (event["precision"], event["notice"]) == ("day", notice)
    assert event["evidence"][0]["original_place"] == "binder 3"
    for _ in range(2):
        back = office.json("consent", "withdraw", karel, "news")
        assert (back["type"], back["holds"]) == ("withdrawn", False)
    assert seen(office, karel) == "hidden"
    assert "withdrawn" in office("consent", "show", karel).out


@pytest.mark.parametrize(
    ("said", "kind", "lacks"),
    [
        (
            ("--how", "oral", "--on", "2026-05-03T14:10"),
            "requested",
            ["version", "recording or confirmation"],
        ),
        (
            ("--how", "import", "--on", "2026-05", "--medium", "email"),
            "imported",
            ["file", "system", "row", "original"],
        ),
        (("--how", "paper", "--notice", "1"), "requested", ["evidence"]),
    ],
)
def test_what_lacks_its_proof_authorises_nothing(
    office: Kustod, karel: str, notice: str, said: tuple[str, ...], kind: str, lacks: list[str]
) -> None:
    done = office.json("consent", "record", karel, "news", *said)
    assert (done["type"], done["holds"]) == (kind, False)
    assert done["lacks"][-len(lacks) :] == lacks
    assert seen(office, karel) == "hidden"
    assert "authorises nothing" in office("consent", "record", karel, "news", *said).out


def test_an_objection_over_one_medium(office: Kustod, karel: str) -> None:
    said = ("--objection", "--medium", "sms", "--on", "2026-05-03")
    done = office.json("consent", "withdraw", karel, "news", *said)
    assert done["type"] == "objected"
    assert "no such contact" in office.error("consent", "withdraw", "nobody", "news")
    assert "no purpose" in office.error("consent", "withdraw", karel, "nothing")
    assert office("consent", "record", karel, "news", "--how", "mood").code == 2
    assert office("consent", "record", karel, "news", "--how", "paper", "--on", "x").code == 2


def test_purposes_and_notices_are_listed_and_shown(
    office: Kustod, notice: str, tmp_path: Path
) -> None:
    rows = {row["slug"]: row for row in office.json("purpose", "list")}
    assert (rows["news"]["media"], rows["news"]["validity"]) == (["email", "sms"], "P24M")
    assert (rows["roofs"]["parent"], rows["roofs"]["marketing"]) == ("news", True)
    assert [row["id"] for row in office.json("notice", "list", "--purpose", "news")] == [notice]
    shown = office.json("notice", "show", "news/cs/1")
    assert shown["body"] == office("notice", "show", notice).out.strip()
    assert [p["label"] for p in shown["purposes"]] == ["Novinky od nás", "Střechy"]
    assert "no notice" in office.error("notice", "show", "nothing")
    (tmp_path / "latin.txt").write_bytes(b"\xe8")
    publish = ("notice", "publish", "news", "--language", "cs", "--file")
    assert "UTF-8" in office.error(*publish, tmp_path / "latin.txt")
    assert office(*publish, tmp_path / "notice.txt", "--label", "news").code == 2
    assert "marks no parts" in office(*publish, tmp_path / "notice.txt").out


def test_an_officer_answers_for_another_basis(office: Kustod, karel: str) -> None:
    office.json("user", "add", "dana@example.org", "--name", "Dana", "--role", "dpo")
    office.json("consent", "withdraw", karel, "news")
    add = ("basis", "add", karel, "--kind", "contract")
    assert "data protection officer" in office.error(*add)
    assert "only the" in office.error(*add, "--officer", "olga@example.org", "--reason", "why")
    said = ("--officer", "dana@example.org", "--reason", "a contract was signed")
    assert office.json(*add, *said)["kind"] == "contract"


def test_a_receipt_is_printed_for_a_record_and_refused_for_none(
    office: Kustod, karel: str, notice: str
) -> None:
    said = ("--how", "paper", "--on", "2026-05-03", "--notice", notice, "--original", "binder 3")
    done = office.json("consent", "record", karel, "news", *said)
    receipt = office.json("consent", "receipt", done["id"])
    assert (receipt["record_id"], receipt["privacy_notice"]["name"]) == (done["id"], "news/cs/1")
    assert "dpv:ConsentGiven" in office("consent", "receipt", done["id"]).out
    assert "there is no consent record x" in office.error("consent", "receipt", "x")


def test_a_mail_from_his_own_address_is_a_consent_and_from_another_is_none(
    office: Kustod, karel: str, notice: str, tmp_path: Path
) -> None:
    office.json("contact", "edit", karel, "--email", "karel@example.org")
    said = ("--how", "email", "--notice", notice, "--evidence", tmp_path / "yes.eml")
    for sender, holds in (("somebody", False), ("karel", True)):
        head = f"From: {sender}@example.org\nDate: Sun, 3 May 2026 10:00:00 +0200\nSubject: x\n"
        (tmp_path / "yes.eml").write_text(f"{head}\nI agree.\n")
        done = office.json("consent", "record", karel, "news", *said)
        assert (done["holds"], done["lacks"]) == (holds, [] if holds else ["mailbox"])


def test_a_file_of_another_system_is_taken_in_row_by_row(
    office: Kustod, karel: str, notice: str, tmp_path: Path
) -> None:
    office.json("contact", "edit", karel, "--email", "karel@example.org")
    (tmp_path / "old.csv").write_text("Adresse;Tag;Ordner\nkarel@example.org;2026-05-01;binder 3\n")
    columns = ("--column", "email=adresse", "--column", "time=Tag", "--column", "original=Ordner")
    said = ("consent", "import", tmp_path / "old.csv", "news", "--how", "import", *columns)
    told = ("--notice", notice, "--fact", "system=old shop")
    assert office.json(*said)["counts"] == {"unproven": 1}
    assert office.json(*said, *told, "--dry-run")["counts"] == {"given": 1}
    assert seen(office, karel) == "hidden"
    assert office.json(*said, *told)["rows"][0]["outcome"] == "given"
    assert seen(office, karel) == "visible"
    assert office(*said, "--fact", "mood=good").code == 2
