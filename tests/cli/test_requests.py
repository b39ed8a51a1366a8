"""`kustod request`, and `kustod contact restrict`, `release` and `erase`."""

import pytest

from tests.cli.conftest import Kustod


@pytest.fixture
def uid(kustod: Kustod) -> str:
    """Karel, in a directory of customers."""
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("directory", "add", "home", "--name", "Home", "--preset", "customers-people")
    said = ("--directory", "home", "--name", "Karel Novotný", "--email", "karel@example.org")
    return str(kustod.json("contact", "add", *said)["uid"])


def test_a_request_from_its_entry_to_its_answer(kustod: Kustod, uid: str) -> None:
    made = kustod.json("request", "add", "access", "--contact", uid, "--came-by", "paper")
    assert made.keys() == {
        *("id", "kind", "came_by", "uid", "received_at", "due_at", "days_left", "state", "owner"),
        *("identity", "email", "words", "wanted", "outcome", "reason", "closed_at"),
    }
    assert (made["email"], made["uid"], made["state"]) == ("karel@example.org", uid, "open")
    assert [row["id"] for row in kustod.json("request", "list", "--open")] == [made["id"]]
    longer = kustod.json("request", "extend", made["id"], "--reason", "many papers")
    assert longer["days_left"] > made["days_left"] + 50
    said = ("--outcome", "done", "--reason", "sent by post")
    assert kustod("request", "close", made["id"], "--outcome", "done").code == 2
    assert kustod.json("request", "close", made["id"], *said)["state"] == "closed"
    shown = kustod.json("request", "show", made["id"])
    assert [step["kind"] for step in shown["steps"]] == ["extended", "closed"]
    assert "sent by post" in kustod("request", "show", made["id"]).out
    assert kustod("request", "list", "--open").out.strip() == "There is no request."
    assert kustod("request", "show", "2026-NOBODY").code == 1


def test_a_contact_is_shut_away_let_out_and_erased(kustod: Kustod, uid: str) -> None:
    assert kustod.json("contact", "restrict", uid, "--reason", "he doubts it")["restricted"]
    let_out = kustod.json("contact", "release", uid, "--reason", "settled")
    assert let_out["told"] == "karel@example.org"
    plan = kustod.json("contact", "erase", uid, "--preview")
    assert {part["what"] for part in plan["erased"]} == {"values", "points"}
    assert "kept    record" in kustod("contact", "erase", uid, "--preview").out
    assert kustod("contact", "erase", uid).code == 2
    said = ("--reason", "he asked", "--despite")
    assert kustod.json("contact", "erase", uid, *said)["erased_at"] is not None
    assert kustod("contact", "erase", uid, *said).code == 1
