"""The four keys of an instance and the file they live in."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import keys
from app.errors import Refused
from app.keys import Key, KeyName, KeyRing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    keys.save(keys.generate(), path)
    return path


def test_a_fresh_ring_has_one_key_of_each_name_and_all_differ() -> None:
    ring = keys.generate()
    secrets = {ring.current(name).secret for name in KeyName}
    assert len(secrets) == len(KeyName)
    assert all(len(secret) == 32 for secret in secrets)


def test_a_ring_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    ring = keys.generate()
    keys.save(ring, tmp_path / "keys.json")
    assert keys.load(tmp_path / "keys.json") == ring


def test_only_the_owner_may_read_the_file(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_open_to_all_does_not_open_the_file(tmp_path: Path) -> None:
    part = tmp_path / "keys.part"
    part.touch(mode=0o644)
    keys.save(keys.generate(), tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_nothing_else_is_left_beside_the_file(file: Path) -> None:
    assert list(file.parent.iterdir()) == [file]


def test_a_missing_file_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="run `kustod init` first"):
        keys.load(tmp_path / "keys.json")


def spoiled(file: Path, what: str) -> str:
    stored: dict[str, Any] = json.loads(file.read_text())
    first = stored["session"][0]
    spoil: dict[str, Any] = {
        "a name is missing": {k: v for k, v in stored.items() if k != "evidence"},
        "a name has no key": {**stored, "session": []},
        "a secret is cut": {**stored, "session": [{**first, "secret": first["secret"][:-2]}]},
        "a secret is no hex": {**stored, "session": [{**first, "secret": "secret"}]},
        "a key has no id": {**stored, "session": [{"secret": first["secret"]}]},
        "an id is empty": {**stored, "session": [{**first, "id": ""}]},
        "a list": [stored],
        "a number": {**stored, "session": 7},
    }
    return "{" if what == "half a file" else json.dumps(spoil[what])


@pytest.mark.parametrize(
    "what",
    [
        "half a file",
        "a name is missing",
        "a name has no key",
        "a secret is cut",
        "a secret is no hex",
        "a key has no id",
        "an id is empty",
        "a list",
        "a number",
    ],
)
def test_a_broken_file_is_refused_and_the_backup_named(file: Path, what: str) -> None:
    file.write_text(spoiled(file, what))
    with pytest.raises(Refused, match="cannot be read; restore them from a backup"):
        keys.load(file)


def test_a_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        keys.load(tmp_path)


def test_the_last_key_is_current_and_the_newest_comes_first() -> None:
    old, new = Key("old", b"1" * 32), Key("new", b"2" * 32)
    ring = KeyRing({KeyName.SESSION: (old, new)})
    assert ring.current(KeyName.SESSION) == new
    assert ring.all(KeyName.SESSION) == (new, old)


def test_a_key_is_found_by_its_id_under_its_own_name_only() -> None:
    ring = keys.generate()
    key = ring.current(KeyName.SESSION)
    assert ring.find(KeyName.SESSION, key.id) == key
    assert ring.find(KeyName.SESSION, "never ours") is None
    assert ring.find(KeyName.EVIDENCE, key.id) is None


def test_a_mac_is_hmac_sha_256() -> None:
    # RFC 4231, test case 2
    mac = Key("test", b"Jefe").mac(b"what do ya want for nothing?")
    assert mac.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
