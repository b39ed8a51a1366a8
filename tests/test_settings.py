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


def test_mail_is_off_until_a_server_is_named(tmp_path: Path) -> None:
    assert settings(tmp_path, SMTP_PORT="nonsense").mail_server is None


@pytest.mark.parametrize(
    ("security", "port"), [("", 587), ("starttls", 587), ("TLS", 465), ("none", 25)]
)
def test_the_port_of_mail_follows_its_security(tmp_path: Path, security: str, port: int) -> None:
    given = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "k@example.org"}
    server = settings(tmp_path, SMTP_SECURITY=security, **given).mail_server
    assert server is not None
    assert (server.port, server.security) == (port, security.lower() or "starttls")
    other = settings(tmp_path, SMTP_PORT="2525", **given).mail_server
    assert other is not None
    assert other.port == 2525


def test_who_signs_in_to_the_mail_server_is_the_sender(tmp_path: Path) -> None:
    given = {"SMTP_HOST": "mail.example.org", "SMTP_USER": "k@example.org", "SMTP_PASSWORD": "x"}
    server = settings(tmp_path, **given).mail_server
    assert server is not None
    assert (server.sender, server.user, server.password) == ("k@example.org", "k@example.org", "x")


@pytest.mark.parametrize(
    ("url", "hello"),
    [
        ("https://kontakty.example.org", "kontakty.example.org"),
        ("http://127.0.0.1:8080", "[127.0.0.1]"),
        ("http://[::1]:8080", "[IPv6:::1]"),
    ],
)
def test_a_mail_server_is_greeted_with_the_public_name(
    tmp_path: Path, url: str, hello: str
) -> None:
    given = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "k@example.org", "BASE_URL": url}
    server = settings(tmp_path, **given).mail_server
    assert server is not None
    assert server.hello == hello


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_PORT", "70000"),
        ("SMTP_FROM", "nobody"),
    ],
)
def test_mail_that_cannot_work_is_refused_at_once(tmp_path: Path, name: str, value: str) -> None:
    given = {"SMTP_HOST": "mail.example.org", "SMTP_FROM": "k@example.org", name: value}
    with pytest.raises(Invalid, match=f"KUSTOD_{name}"):
        settings(tmp_path, **given)


def test_no_password_goes_over_a_line_in_the_clear(tmp_path: Path) -> None:
    given = {"SMTP_HOST": "mail.example.org", "SMTP_USER": "k@example.org", "SMTP_PASSWORD": "x"}
    with pytest.raises(Invalid, match="KUSTOD_SMTP_SECURITY"):
        settings(tmp_path, SMTP_SECURITY="none", **given)
