"""A mail server on loopback that keeps what it is given, and can refuse, wait, encrypt."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

from app.settings import Settings

_HERE = Path(__file__).parent
CERTIFICATE, KEY = _HERE / "loopback.pem", _HERE / "loopback.key"
"""Of this machine's own loopback, signed by itself, trusted by nobody but these tests."""

PASSWORD = "a password for the mail server"
USER = "portal@example.org"


class Postbox:
    """What came in; `answers` are given instead of a yes, one a message, to what is named."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.was_encrypted: list[bool] = []
        self.to_recipient: list[str] = []
        self.to_message: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the name that the server looks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.to_message:
            return self.to_message.pop(0)
        message: Message = BytesParser(policy=default).parsebytes(envelope.original_content or b"")
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.recipients += envelope.rcpt_tos
        assert server.transport is not None
        self.was_encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


class _AnyPort(Controller):
    """Listens where the system found a free port, and says where."""

    @override
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def certified() -> ssl.SSLContext:
    """What the server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    return context


def trusting() -> ssl.SSLContext:
    """One that trusts the server of the tests and nobody else."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def serving(postbox: Postbox, folder: Path, security: str = "none") -> Iterator[Settings]:
    """A portal's settings for a server that listens as long as the block lasts."""
    options: dict[str, Any] = {}
    if security == "tls":
        options = {"ssl_context": certified()}
    elif security == "starttls":
        options = {"tls_context": certified(), "require_starttls": True}
    if security != "none":
        options |= {"authenticator": _authenticate, "auth_required": True}
        options |= {"auth_require_tls": security == "starttls"}
    controller = _AnyPort(postbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield settings(folder, controller.port, security)
    finally:
        controller.stop()


def settings(folder: Path, port: int, security: str = "none", password: str = PASSWORD) -> Settings:
    """A portal whose mail goes to this port."""
    signs_in = security != "none"
    return Settings(
        instance=folder,
        base_url="https://kontakty.example.org",
        smtp_host="127.0.0.1",
        smtp_port=str(port),
        smtp_security=security,
        smtp_from="kontakty@example.org",
        smtp_user=USER if signs_in else "",
        smtp_password=password if signs_in else "",
    )
