"""Mail as it goes out: built of a letter, handed to the organisation's mail server.

Nothing is tried twice here; who calls decides by what he is told.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from app.settings import MailServer

TIMEOUT_SECONDS = 20
"""How long the server may take for each of its answers."""

_WORDS_LENGTH = 500
_PERMANENT = 500

Deliver = Callable[[MailServer, EmailMessage], None]


class Undelivered(Exception):
    """The mail is not out; the message is what the server said.

    `is_final` where the server refused this mail for good, so that asking again is of no use.
    """

    def __init__(self, words: str, *, is_final: bool = False) -> None:
        super().__init__(" ".join(words.split())[:_WORDS_LENGTH])
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom, on whose behalf and under which name; the name stays the same at every try."""

    to: str
    sender_name: str
    reply_to: str
    message_id: str
    written_at: datetime
    unsubscribe: str = ""


def message_id(public_id: str, host: str) -> str:
    """The Message-ID of a row of the outbox, by which a mail that came twice is known."""
    return f"<{public_id}@{host}>"


def built(
    server: MailServer, envelope: Envelope, subject: str, text: str, html: str
) -> EmailMessage:
    """The message: plain text with HTML beside it. Raises Undelivered for an unusable address."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(envelope.sender_name, addr_spec=server.sender)
        message["To"] = Address(addr_spec=envelope.to)
        if envelope.reply_to:
            message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise Undelivered(f"the address cannot be used: {error}", is_final=True) from error
    message["Subject"] = " ".join(subject.split())
    message["Date"] = envelope.written_at
    message["Message-ID"] = envelope.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if envelope.unsubscribe:
        message["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def deliver(
    server: MailServer, message: EmailMessage, context: ssl.SSLContext | None = None
) -> None:
    """Hand the message to the server. Raises Undelivered with the server's words."""
    line = _signed_in(server, context)
    try:
        line.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise Undelivered(_answer(code, words), is_final=code >= _PERMANENT) from error
    except smtplib.SMTPDataError as error:
        is_final = error.smtp_code >= _PERMANENT
        raise Undelivered(_answer(error.smtp_code, error.smtp_error), is_final=is_final) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undelivered(str(error), is_final=True) from error
    except OSError as error:
        raise _trouble(error) from error
    finally:
        # A message that was taken stays taken, whatever becomes of the farewell.
        with suppress(OSError):
            line.quit()
        line.close()


def try_out(server: MailServer, context: ssl.SSLContext | None = None) -> None:
    """Sign in and leave again, without a message. Raises Undelivered with the server's words."""
    line = _signed_in(server, context)
    with suppress(OSError):
        line.quit()
    line.close()


def _signed_in(server: MailServer, context: ssl.SSLContext | None) -> smtplib.SMTP:
    """A line to the server, encrypted and signed in as the settings say."""
    trust = context or ssl.create_default_context()
    line: smtplib.SMTP | None = None
    to = (server.host, server.port, server.hello)
    try:
        if server.security == "tls":
            line = smtplib.SMTP_SSL(*to, timeout=TIMEOUT_SECONDS, context=trust)
        else:
            line = smtplib.SMTP(*to, timeout=TIMEOUT_SECONDS)
        if server.security == "starttls":
            line.starttls(context=trust)
        if server.password:
            line.login(server.user, server.password)
    except OSError as error:
        if line is not None:
            line.close()
        raise _trouble(error) from error
    return line


def _trouble(error: OSError) -> Undelivered:
    """What is wrong with the line or with us; it can be mended, so trying again makes sense."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Undelivered(_answer(error.smtp_code, error.smtp_error))
    return Undelivered(str(error) or type(error).__name__)


def _answer(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {said}"
