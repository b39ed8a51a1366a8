"""The main job as a script does it, from an empty instance to a contact taken back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.cli.conftest import BASE_URL, Kustod

PROGRAM = Path(sys.executable).with_name("kustod")


def _names(kustod: Kustod, *options: str) -> list[str]:
    return [row["name"] for row in kustod.json("contact", "list", *options)]


def test_from_an_import_to_a_card_taken_back(
    kustod: Kustod, card_file: Callable[..., Path]
) -> None:
    file = card_file(("Karel", "Novotný", "777111222", "UID:k"), ("Eva", "Černá", "777333444"))
    olga = kustod.json("user", "add", "Olga@Example.org", "--name", "Olga", "--role", "owner")
    assert (olga["email"], olga["roles"]) == ("olga@example.org", ["owner"])
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    home = kustod.json("directory", "add", "firms", "--name", "F", "--preset", "customers-firms")
    assert home["slug"] == "firms"
    done = kustod.json(
        "contact", "import", str(file), "--directory", "firms", "--source", "Outlook"
    )
    assert done["created"] == 2
    uid = done["rows"][0]["uid"]
    assert done["rows"][0] == {"line": 1, "uid": uid, "outcome": "created", "reason": ""}
    seen = ("--as", "eva@example.org", "--channel", "carddav")
    assert _names(kustod, *seen) == []

    grant = kustod.json(
        *("grant", "add", "--to", "eva@example.org", "--on", "directory:firms"),
        *("--can", "read,sync"),
    )
    phone = kustod.json("device", "add", "eva@example.org", "--name", "iPhone")
    assert phone["url"] == f"{BASE_URL}/dav/{phone['id']}/"
    assert phone["username"] == "eva@example.org"
    assert phone["password"]
    assert _names(kustod, *seen) == ["Eva Černá", "Karel Novotný"]
    assert kustod.json("why", "eva@example.org", uid)["verdict"] == "visible"

    kustod.json("grant", "end", grant["id"])
    assert _names(kustod, *seen) == []
    explained = kustod.json("why", "eva@example.org", uid, "--channel", "carddav")
    assert explained["verdict"] == "hidden"
    assert kustod.json("holders", uid) == []
    assert _names(kustod) == ["Eva Černá", "Karel Novotný"]


def test_a_project_opens_contacts_until_it_ends(
    kustod: Kustod, card_file: Callable[..., Path]
) -> None:
    file = card_file(("Karel", "Novotný", "777111222", "EMAIL:k@x.cz"))
    kustod.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    kustod.json("user", "add", "eva@example.org", "--name", "Eva")
    kustod.json("directory", "add", "firms", "--name", "F", "--preset", "customers-firms")
    done = kustod.json("contact", "import", str(file), "--directory", "firms", "--source", "X")
    uid = done["rows"][0]["uid"]
    kustod.json("project", "add", "most", "--name", "Most", "--sync", "--fields", "minimal")
    kustod.json("project", "member", "most", "eva@example.org")
    seen = ("--as", "eva@example.org", "--channel", "carddav")
    assert _names(kustod, *seen) == []
    kustod.json("project", "contact", "most", uid, "--role", "tesař")
    row = kustod.json("contact", "list", *seen)[0]
    assert (row["uid"], row["emails"], row["phones"]) == (uid, ["k@x.cz"], ["777111222"])
    kustod.json("project", "contact", "most", uid, "--end")
    assert _names(kustod, *seen) == []
    kustod.json("project", "contact", "most", uid)
    kustod.json("project", "member", "most", "eva@example.org", "--end")
    assert _names(kustod, *seen) == []
    kustod.json("project", "member", "most", "eva@example.org")
    assert _names(kustod, *seen) == ["Karel Novotný"]
    for _ in range(2):
        kustod.json("project", "end", "most")
    assert _names(kustod, *seen) == []


def _run(kustod: Kustod, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *args], env=_environment(kustod), capture_output=True, text=True, check=False
    )


def _environment(kustod: Kustod) -> dict[str, str]:
    return {"PATH": os.defpath, **kustod.environment}


def test_the_console_script_itself(kustod_sqlite: Kustod, card_file: Callable[..., Path]) -> None:
    file = card_file(("Žofie", "Šťastná", "777111222"))
    run = partial(_run, kustod_sqlite)
    run("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    refused = run("directory", "add", "firms", "--name", "F", "--preset", "nothing", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "nothing" in json.loads(refused.stderr)["error"]
    run("directory", "add", "firms", "--name", "F", "--preset", "customers-firms")
    refused = run("directory", "add", "firms", "--name", "F", "--preset", "customers-firms")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: the directory firms is there already\n"
    done = run("contact", "import", str(file), "--directory", "firms", "--source", "X", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["created"] == 1
    listed = run("contact", "list")
    assert "Žofie Šťastná" in listed.stdout


def test_the_processes_that_stay_refuse_without_an_instance(tmp_path: Path) -> None:
    nowhere = Kustod({"KUSTOD_INSTANCE": str(tmp_path / "none")})
    for command in ("serve", "worker"):
        refused = _run(nowhere, command, "--json")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "kustod init" in json.loads(refused.stderr.splitlines()[-1])["error"]


def test_the_worker_ends_when_it_is_told_to(kustod_sqlite: Kustod) -> None:
    with subprocess.Popen(
        [PROGRAM, "worker", "--json"],
        env=_environment(kustod_sqlite),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "worker started" in process.stderr.readline()
        process.terminate()
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(out) == {"ended": True}
