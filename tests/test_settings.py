"""What is set from outside: environment first, then the env file, then the default."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.errors import Invalid
from app.settings import Settings


def settings(folder: Path, **given: str) -> Settings:
    return Settings.from_environ(
        {"KUSTOD_INSTANCE": str(folder), **{f"KUSTOD_{name}": v for name, v in given.items()}}
    )


def write(folder: Path, *lines: str) -> None:
    (folder / "kustod.env").write_text("\n".join(lines), encoding="utf-8")


def test_nothing_given_is_a_local_instance(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings(instance=tmp_path)


def test_an_empty_value_is_none_given(tmp_path: Path) -> None:
    assert settings(tmp_path, TIMEZONE="", BASE_URL="") == Settings(instance=tmp_path)


def test_the_instance_is_a_folder_below_where_it_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environ({}).instance == tmp_path / "instance"


def test_without_an_argument_the_process_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUSTOD_INSTANCE", str(tmp_path))
    assert Settings.from_environ().instance == tmp_path


def test_the_env_file_of_the_instance_is_read(tmp_path: Path) -> None:
    write(tmp_path, "KUSTOD_TIMEZONE=Europe/Lisbon")
    assert settings(tmp_path).zone == ZoneInfo("Europe/Lisbon")


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    write(tmp_path, "KUSTOD_TIMEZONE=Europe/Lisbon")
    assert settings(tmp_path, TIMEZONE="Europe/Oslo").timezone == "Europe/Oslo"


def test_the_env_file_may_hold_comments_blanks_and_quotes(tmp_path: Path) -> None:
    write(
        tmp_path,
        "# KUSTOD_LANGUAGE=de",
        "",
        "  KUSTOD_LANGUAGE = 'cs'  ",
        'KUSTOD_LOG_LEVEL="Debug"',
        "nonsense",
    )
    found = settings(tmp_path)
    assert (found.language, found.log_level) == ("cs", "debug")


def test_the_value_of_a_line_may_hold_an_equals_sign(tmp_path: Path) -> None:
    url = "postgresql+psycopg://db/kustod?options=-c%20x=y"
    write(tmp_path, f"KUSTOD_DATABASE_URL={url}")
    assert settings(tmp_path).database == url


def test_database_and_keys_live_in_the_instance(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.database == f"sqlite:///{tmp_path}/kustod.db"
    assert found.keys_file == tmp_path / "keys.json"


def test_the_address_follows_the_socket_where_none_is_given(tmp_path: Path) -> None:
    assert settings(tmp_path, BIND="127.0.0.1:9000").base_url == "http://127.0.0.1:9000"


def test_a_secure_address_is_known_as_one(tmp_path: Path) -> None:
    found = settings(tmp_path, BASE_URL="https://k.example.org/")
    assert found.base_url == "https://k.example.org"
    assert found.host == "k.example.org"
    assert found.is_secure
    assert not settings(tmp_path).is_secure


@pytest.mark.parametrize(
    "url",
    ["k.example.org", "ftp://k.example.org", "https://", "https://k.example.org/book", "http://[x"],
)
def test_a_text_that_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid, match="is not an address such as") as refused:
        settings(tmp_path, BASE_URL=url)
    assert refused.value.field == "KUSTOD_BASE_URL"


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "/etc/passwd", "Europe"])
def test_a_text_that_is_no_zone_is_refused(tmp_path: Path, zone: str) -> None:
    with pytest.raises(Invalid, match="is not a time zone") as refused:
        settings(tmp_path, TIMEZONE=zone)
    assert refused.value.field == "KUSTOD_TIMEZONE"


@pytest.mark.parametrize("listed", ["10.0.0.1,10.0.0.2", "10.0.0.1 10.0.0.2", "10.0.0.1, 10.0.0.2"])
def test_proxies_are_listed_with_commas_or_blanks(tmp_path: Path, listed: str) -> None:
    assert settings(tmp_path, TRUSTED_PROXIES=listed).trusted_proxies == ("10.0.0.1", "10.0.0.2")
