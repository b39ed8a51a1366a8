"""What no answer may be, whatever was asked."""

import re
from http import HTTPStatus

from dav.xml import BadXml, parse
from tests.hostile.grammar import Sent, Who
from tests.hostile.wire import answers
from tests.hostile.world import DESK, FIELD, GONE, HIDDEN, SEEN, Server

FORBIDDEN = {
    Who.DEVICE: (DESK, HIDDEN, GONE, FIELD),
    Who.PORTAL: (HIDDEN, GONE),
    Who.OVERSEER: (SEEN, DESK, HIDDEN, GONE, FIELD),
    Who.NOBODY: (SEEN, DESK, HIDDEN, GONE, FIELD),
}
"""Which canaries must not be in an answer to whom."""


def faults(server: Server, sent: Sent, got: bytes) -> list[str]:
    """What is wrong with what came back; nothing, as a rule."""
    lowered = got.lower()
    found = [f"canary {word}" for word in FORBIDDEN[sent.who] if word.encode() in lowered]
    found += ["secret" for secret in server.cast.secrets if secret.encode() in got]
    told = answers(got, sent.method)
    if not told and (got or sent.is_whole):
        found.append("no answer")
    for status, head, body in told:
        found += [*_status(sent, status, head), *_redirect(head)]
        found += _multistatus(body) if status == HTTPStatus.MULTI_STATUS else []
    return found


def _multistatus(body: bytes) -> list[str]:
    """A client that cannot read one drops nothing that it should drop."""
    try:
        parse(body)
    except BadXml:
        return ["no XML"]
    return []


def _status(sent: Sent, status: int, head: bytes) -> list[str]:
    """Failures, but for those that are honest: busy says when, 501 is for codings alone."""
    is_honest = (status == 503 and b"retry-after:" in head.lower()) or (
        status == 501 and b"transfer-encoding" in sent.raw.lower()
    )
    return [] if status < 500 or is_honest else [f"status {status}"]


def _redirect(head: bytes) -> list[str]:
    """Where a browser would be sent: to a page of ours, spelled without any art."""
    found = re.search(rb"(?im)^location: *(.*?)\r?$", head)
    if found is None or re.fullmatch(rb"/(?![/\\])[\x21-\x7e]*", found[1]):
        return []
    return ["redirect elsewhere"]
