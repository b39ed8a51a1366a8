"""REPORT sync-collection (RFC 6578) and addressbook-multiget (RFC 6352, section 8.7)."""

from collections.abc import Callable
from urllib.parse import quote
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from app.cards import write
from app.services import sync
from app.services.books import Handle
from app.services.sightings import Sightings
from app.services.sync import Served
from app.services.sync_tokens import InvalidToken
from dav import paths, replies
from dav.replies import Multistatus, Reply
from dav.visit import Visit
from dav.xml import CARDDAV, DAV

SYNC_COLLECTION = f"{DAV}sync-collection"
_ETAG = f"{DAV}getetag"
_TYPE = f"{DAV}getcontenttype"
_RESOURCE = f"{DAV}resourcetype"
_DATA = f"{CARDDAV}address-data"
CONTENT_TYPE = "text/vcard; charset=utf-8"


class Wanted:
    """The properties that a report asks for, written for one member at a time."""

    def __init__(self, root: Element) -> None:
        prop = root.find(f"{DAV}prop")
        names = [element.tag for element in prop] if prop is not None else []
        self.has_data = _DATA in names
        # A member without any property would be no member: RFC 6578 wants each one named.
        self._known = [name for name in names if name in _WRITERS] or [_ETAG]
        self._missing = "".join(_empty(n) for n in names if n not in _WRITERS and n != _DATA)

    def write(self, answer: Multistatus, href: str, etag: str, served: Served | None) -> None:
        """Add one member to the answer."""
        properties = "".join(_WRITERS[name](etag) for name in self._known)
        if served is not None:
            text = escape(write.write(served.card), {"\r": "&#13;"})
            properties += f"<C:address-data>{text}</C:address-data>"
        answer.found(href, properties, self._missing)


_WRITERS: dict[str, Callable[[str], str]] = {
    _ETAG: lambda etag: f"<D:getetag>&quot;{etag}&quot;</D:getetag>",
    _TYPE: lambda _etag: f"<D:getcontenttype>{CONTENT_TYPE}</D:getcontenttype>",
    _RESOURCE: lambda _etag: "<D:resourcetype/>",
}


def _empty(name: str) -> str:
    """An empty element of that name, in a namespace prefix of its own."""
    namespace, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
    return f'<X:{local} xmlns:X="{escape(namespace, {chr(34): "&quot;"})}"/>' if namespace else ""


def sync_collection(visit: Visit, book: Handle, root: Element, sightings: Sightings) -> Reply:
    """What changed since the token shown; the Depth header is not asked (Thunderbird sends 1)."""
    wanted = Wanted(root)
    shown = (root.findtext(f"{DAV}sync-token") or "").strip()
    try:
        found = sync.report(visit.sessions, visit.ring, book, shown, visit.family, visit.at)
    except InvalidToken:
        return replies.INVALID_TOKEN
    hrefs = [href for href, _ in found.changed] if wanted.has_data else []
    served = sync.cards(visit.sessions, book, hrefs, visit.at)
    sync.note_fetch(visit.sessions, book, visit.family, served.values(), visit.at)
    sightings.heard_from(found.reader_id, visit.at)
    sightings.fetched([one.holding_id for one in served.values()], visit.at)
    answer = Multistatus()
    base = paths.book_path(visit.device, book.key)
    for href in found.gone:
        answer.gone(base + quote(href))
    for href, etag in found.changed:
        wanted.write(answer, base + quote(href), etag, served.get(href))
    return answer.reply(found.token)


def multiget(visit: Visit, book: Handle, root: Element, sightings: Sightings) -> Reply:
    """The cards behind the hrefs asked for; hidden, absent and foreign ones are 404 alike."""
    wanted = Wanted(root)
    asked = dict.fromkeys(element.text or "" for element in root.findall(f"{DAV}href"))
    names = {href: paths.name_in_book(href, visit.device, book.key) for href in asked}
    known = [name for name in names.values() if name is not None]
    served = sync.cards(visit.sessions, book, known, visit.at)
    if wanted.has_data:
        sync.note_fetch(visit.sessions, book, visit.family, served.values(), visit.at)
        sightings.fetched([one.holding_id for one in served.values()], visit.at)
    answer = Multistatus()
    for href, name in names.items():
        found = served.get(name) if name is not None else None
        if found is None:
            answer.gone(href.strip())
        else:
            wanted.write(answer, href.strip(), found.etag, found if wanted.has_data else None)
    return answer.reply()
