"""What every answer carries on its way out, and the plain answers of the guard and the server."""

import secrets
from dataclasses import dataclass, field

from app import logs

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'"
)
OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
FOREIGN_HOST = "This server does not answer to that name; KUSTOD_BASE_URL says which it has."
"""Said to who asks under another name; the doctor knows these words."""
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    # Not no-referrer: browsers would then send `Origin: null` with our own forms.
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


@dataclass
class Answer:
    """One answer, whole."""

    status: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Refusal(Exception):
    """A request that gets no further; carries its answer in plain text."""

    def __init__(self, status: str, words: str, **headers: str) -> None:
        super().__init__(status)
        self.answer = plain(status, words, **headers)


def plain(status: str, words: str, **headers: str) -> Answer:
    """An answer in plain text, which no browser can take for a page."""
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Answer(status, [("Content-Type", "text/plain; charset=utf-8"), *given], _bytes(words))


def busy() -> Answer:
    """The database did not become free in time: a client may come again soon."""
    words = "The server is busy, please try again.\nServer je zaneprázdněný, zkuste to znovu."
    return plain("503 Service Unavailable", words, Retry_After="5")


def failed(error: BaseException) -> Answer:
    """Something that nobody foresaw: a reference for the person, its frames for the log."""
    reference = secrets.token_hex(4)
    logs.logger().error("failed", reference=reference, **logs.failure(error))
    words = f"Something failed here ({reference}).\nNěco se tu nezdařilo ({reference})."
    return plain("500 Internal Server Error", words)


def complete(answer: Answer, method: str, path: str, *, secure: bool) -> list[tuple[str, str]]:
    """The headers of the answer with all that it lacks; what it has itself stays."""
    given = {name.lower(): value for name, value in answer.headers}
    added = list(ALWAYS)
    if not answer.status.startswith("304"):  # a 304 renews the headers of the stored answer
        is_page = given.get("content-type", "").startswith("text/html")
        added.append(("Content-Security-Policy", PAGE_POLICY if is_page else OTHER_POLICY))
    if not path.startswith("/static/"):
        added.append(("Cache-Control", "no-store"))
    if secure:
        added.append(("Strict-Transport-Security", "max-age=31536000"))
    if method != "HEAD" and not answer.status.startswith(("1", "204", "304")):
        added.append(("Content-Length", str(len(answer.body))))
    return answer.headers + [header for header in added if header[0].lower() not in given]


def _bytes(words: str) -> bytes:
    return f"{words}\n".encode()
