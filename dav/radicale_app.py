"""Radicale, with our plugins bound: answers PROPFIND and addressbook-query, nothing else."""

from http import HTTPStatus
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIEnvironment
from xml.etree import ElementTree as ET

from radicale import config, types
from radicale.app import Application
from radicale.xmlutils import make_clark, make_response
from typing_extensions import override

from app.cards.text import xml_safe
from app.errors import Busy, Conflict
from dav import paths
from dav.auth import Auth
from dav.replies import NOT_FOUND, Reply
from dav.rights import Rights
from dav.storage import Storage
from dav.visit import Visit, current

_NOT_OURS = {
    make_clark(name)
    for name in ("C:calendar-home-set", "C:calendar-user-address-set", "RADICALE:version")
}
_NOT_DONE = {
    make_clark(name)
    for name in (
        "D:expand-property",
        "D:principal-search-property-set",
        "D:principal-property-search",
    )
}
_BUSY = (
    HTTPStatus.SERVICE_UNAVAILABLE,
    {"Retry-After": "5", "Content-Type": "text/plain"},
    "busy\n",
    None,
)


def _configuration() -> config.Configuration:
    settings = config.load()
    settings.update(
        {
            "auth": {"type": Auth, "delay": "0", "cache_logins": "False"},
            "rights": {
                "type": Rights,
                "permit_delete_collection": "False",
                "permit_overwrite_collection": "False",
            },
            "storage": {"type": Storage},
            "web": {"type": "none"},
            "sharing": {"type": "none"},
            "server": {
                # The guard has bounded the body; written anew it may be longer.
                "max_content_length": "8000000",
                "max_resource_size": "800000",
                "delay_on_error": "0",
            },
            "logging": {"level": "warning", "mask_passwords": "True"},
        },
        "kustod",
        privileged=True,
    )
    return settings


class EmbeddedRadicale(Application):
    """Radicale's application with what it claims cut down to what is there."""

    def __init__(self) -> None:
        super().__init__(_configuration())

    @override
    def do_PROPFIND(self, *args: Any, **kwargs: Any) -> types.WSGIResponse:
        try:
            return super().do_PROPFIND(*args, **kwargs)
        except (Busy, Conflict):
            return _BUSY

    @override
    def do_REPORT(self, *args: Any, **kwargs: Any) -> types.WSGIResponse:
        try:
            return super().do_REPORT(*args, **kwargs)
        except (Busy, Conflict):
            return _BUSY

    def answer(self, visit: Visit, environ: WSGIEnvironment, body: bytes) -> Reply:
        """Answer a request of this visit, told nothing of proxies and prefixes but ours."""
        inner = {
            name: value
            for name, value in environ.items()
            if not name.startswith(("HTTP_X_", "HTTP_FORWARDED", "HTTP_ACCEPT_ENCODING"))
        }
        inner |= {
            "SCRIPT_NAME": paths.MOUNT,
            "PATH_INFO": environ["PATH_INFO"].removeprefix(paths.MOUNT),
            "QUERY_STRING": "",
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            # The body is ours by now; a charset of the client's own that nobody knows was a 500.
            "CONTENT_TYPE": "application/xml; charset=utf-8",
        }
        seen: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            seen.append((status, headers))

        mark = current.set(visit)
        try:
            answer = b"".join(self(inner, start_response))
        finally:
            current.reset(mark)
        return _reply(int(seen[0][0].split(" ")[0]), dict(seen[0][1]), answer)

    @override
    def _xml_response(self, xml_content: ET.Element, request_info: dict[str, Any]) -> bytes:
        for response in xml_content.iter(make_clark("D:response")):
            _honest(response)
        for element in xml_content.iter():
            element.text = xml_safe(element.text) if element.text else element.text
        return super()._xml_response(xml_content, request_info)


def _reply(status: int, headers: dict[str, str], body: bytes) -> Reply:
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
        return NOT_FOUND
    kept = {name: headers[name] for name in ("Retry-After",) if name in headers}
    return Reply(HTTPStatus(status), body, headers.get("Content-Type", "text/plain"), kept)


def _honest(response: ET.Element) -> None:
    """Move calendars out of what was found, and drop reports that nobody answers."""
    denied = []
    for prop in response.iter(make_clark("D:prop")):
        for element in [child for child in prop if child.tag in _NOT_OURS]:
            prop.remove(element)
            denied.append(ET.Element(element.tag))
        for reports in prop.iter(make_clark("D:supported-report-set")):
            for report in [r for r in reports if r[0][0].tag in _NOT_DONE]:
                reports.remove(report)
    if not denied:
        return
    propstat = ET.SubElement(response, make_clark("D:propstat"))
    ET.SubElement(propstat, make_clark("D:prop")).extend(denied)
    ET.SubElement(propstat, make_clark("D:status")).text = make_response(HTTPStatus.NOT_FOUND)
