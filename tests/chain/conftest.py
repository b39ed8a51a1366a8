"""The whole of Kustod from outside: the console script, the server it starts, real HTTP."""

import base64
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typing_extensions import override

from tests.davclient import DavX5, Phone, Response
from tests.serve.running import free_port, until

CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
UID:source-1\r
N:Dvořák;Karel;;;\r
FN:Karel Dvořák\r
TEL;TYPE=CELL:+420 605 203 938\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
UID:source-2\r
N:Chalupová;Šárka;;;\r
FN:Šárka Chalupová\r
TEL;TYPE=CELL:+420 777 123 456\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
UID:source-3\r
FN:Stavby Morava\r
ORG:Stavby Morava\r
X-ABShowAs:COMPANY\r
TEL;TYPE=WORK:+420 541 123 456\r
END:VCARD\r
"""


class OverHttp(Phone):
    """A phone that speaks real HTTP; `app` is not used."""

    port: int = 0

    @override
    def request(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Response:
        raw = body.encode() if isinstance(body, str) else body
        pair = base64.b64encode(f"{self.login}:{self.password}".encode()).decode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(
            method,
            quote(path, safe="/%:@"),
            raw,
            {"Authorization": f"Basic {pair}", "User-Agent": self.user_agent, **named},
        )
        answer = connection.getresponse()
        response = Response(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return response


class DavX5OverHttp(OverHttp, DavX5):
    """DAVx5 over real HTTP."""


@dataclass
class Kustod:
    """One instance, driven by its command, and its server."""

    folder: Path
    port: int
    database_url: str
    server: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the command."""
        return {
            **os.environ,  # noqa: TID251 - the command needs the rest of the environment
            "KUSTOD_INSTANCE": str(self.folder),
            "KUSTOD_BIND": f"127.0.0.1:{self.port}",
            "KUSTOD_BASE_URL": f"http://127.0.0.1:{self.port}",
            "KUSTOD_DATABASE_URL": self.database_url,
        }

    def __call__(self, *words: str, typed: str = "") -> Any:
        """Run `kustod WORDS --json`, type something in, and answer what it printed."""
        done = subprocess.run(
            [Path(sys.executable).with_name("kustod"), *words, "--json"],
            env=self.environ,
            input=typed.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def serve(self) -> None:
        """Start the server and wait until it answers."""
        bind = f"127.0.0.1:{self.port}"
        command = [str(Path(sys.executable).with_name("kustod")), "serve", "--bind", bind]
        with (self.folder / "log").open("w") as log:
            self.server = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        until(self._answers)

    def _answers(self) -> bool:
        assert self.server is not None
        assert self.server.poll() is None, (self.folder / "log").read_text()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End the server."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)

    def phone(self, email: str, kind: type[OverHttp] = OverHttp) -> Any:
        """Enrol a device and answer a client that is set up with what the command printed."""
        made = self("device", "add", email, "--name", "Phone")
        phone = kind(lambda *_: (), made["username"], made["password"], device=made["id"])
        phone.port = self.port
        return phone

    def visible(self, email: str) -> set[str]:
        """The uids that the command says may be on this person's phones."""
        listed = self("contact", "list", "--as", email, "--channel", "carddav")
        return {card["uid"] for card in listed}


@pytest.fixture
def kustod(database_url: str, tmp_path: Path) -> Iterator[Kustod]:
    """A fresh instance on each engine in turn, initialised by the command, and served."""
    folder = tmp_path / "instance"
    found = Kustod(folder, free_port(), database_url)
    found("init")
    found("user", "add", "olga@example.org", "--name", "Olga Malá", "--role", "owner")
    found("user", "add", "eva@example.org", "--name", "Eva Nováková")
    found("directory", "add", "firms", "--name", "Firmy", "--preset", "customers-firms")
    (tmp_path / "cards.vcf").write_bytes(CARDS.encode())
    found(
        *("contact", "import", str(tmp_path / "cards.vcf"), "--directory", "firms"),
        *("--source", "old phone"),
    )
    try:
        found.serve()
        yield found
    finally:
        found.stop()
