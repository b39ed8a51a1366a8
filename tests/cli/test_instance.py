from pathlib import Path

import pytest

from app.services import migrations
from app.settings import Settings
from tests.cli.conftest import BASE_URL, Kustod


def test_init_demo_and_doctor_on_a_fresh_machine(tmp_path: Path) -> None:
    run = Kustod({"KUSTOD_INSTANCE": str(tmp_path / "i"), "KUSTOD_BIND": "127.0.0.1:9090"})
    sick = run("doctor", "--json")
    assert sick.code == 1
    assert '"ok": false' in sick.out
    assert "kustod init" in run.error("demo")
    first, second = run.json("init"), run.json("init")
    assert (first["made_keys"], second["made_keys"]) == (True, False)
    assert first["url"] == "http://127.0.0.1:9090"
    assert run("init", "--no-link").out.startswith("Ready: ")
    assert run.json("doctor")["ok"] is True
    loaded = run.json("demo")
    assert loaded["loaded"]
    assert all(login["password"] for login in loaded["logins"])
    assert loaded["device"]["url"].startswith("http://127.0.0.1:9090/dav/")
    assert len(run.json("contact", "list")) == 452
    again = run("demo")
    assert again.code == 0
    assert "here already" in again.out
    assert loaded["logins"][0]["password"] not in again.out
    assert "device" not in run.json("demo")
    assert "ok    clock" in run("doctor").out


def test_init_prints_a_link_as_long_as_there_is_nobody(kustod_sqlite: Kustod) -> None:
    first, second = (kustod_sqlite.json("init")["first_owner"] for _ in range(2))
    assert first["url"].startswith(f"{BASE_URL}/p/first-owner/")
    assert first["url"] != second["url"]
    out = kustod_sqlite("init").out
    assert "Nobody can sign in yet." in out
    assert f"  {BASE_URL}/p/first-owner/" in out
    assert "first-owner" not in kustod_sqlite("init", "--no-link").out
    kustod_sqlite.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    assert kustod_sqlite.json("init")["first_owner"] is None
    assert len(kustod_sqlite("init").out.splitlines()) == 1


def test_the_demonstration_prints_what_a_person_needs(kustod_sqlite: Kustod) -> None:
    out = kustod_sqlite("demo").out
    assert "jana@stavby-horak.example  " in out
    assert "CardDAV: " in out


def test_an_upgrade_names_the_copy(kustod_sqlite: Kustod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "head", lambda: "newer")
    assert "as it was before" in kustod_sqlite("init").out


def test_serve_and_worker_pass_on_what_was_said(
    kustod_sqlite: Kustod, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def serve(settings: Settings, bind: str, workers: int, *, with_worker: bool) -> None:
        asked.append((settings.bind, bind, workers, with_worker))

    def work(settings: Settings) -> None:
        asked.append(settings.bind)

    monkeypatch.setattr("app.serve.serve", serve)
    monkeypatch.setattr("app.worker.run", work)
    kustod_sqlite.json("serve", "--bind", "127.0.0.1:9", "--workers", "3", "--no-worker")
    kustod_sqlite.json("serve")
    kustod_sqlite.json("worker")
    own = "127.0.0.1:8080"
    assert asked == [(own, "127.0.0.1:9", 3, False), (own, own, 2, True), own]
    assert kustod_sqlite("serve", "--workers", "0").code == 2
