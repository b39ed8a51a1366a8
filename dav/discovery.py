"""PROPFIND and OPTIONS on `/` and `/.well-known/carddav`, answered in place.

A redirect there loses Apple's clients: they follow it, meet the 401 and give up. The hrefs are
path-absolute and the requested one is given back as it was spelled.
"""

from urllib.parse import quote

from dav import paths, replies
from dav.replies import Multistatus, Reply
from dav.visit import Visit

WELL_KNOWN = "/.well-known/carddav"


def methods(path: str) -> str:
    """What Allow says there: below the mount all that we do; at `/` the portal reads, too."""
    if path == "/":
        return "OPTIONS, GET, HEAD, PROPFIND"
    return "OPTIONS, PROPFIND" if path.startswith(WELL_KNOWN) else replies.METHODS


def answer(visit: Visit, requested: str) -> Reply:
    """Who the client is and where its books are (RFC 6764, section 5; RFC 5397)."""
    principal = paths.principal_path(visit.device)
    result = Multistatus()
    result.found(
        quote(requested, safe="/%"),
        f"<D:current-user-principal><D:href>{principal}</D:href></D:current-user-principal>"
        f"<D:principal-URL><D:href>{principal}</D:href></D:principal-URL>"
        f"<C:addressbook-home-set><D:href>{principal}</D:href></C:addressbook-home-set>"
        "<D:resourcetype><D:collection/></D:resourcetype>",
    )
    return result.reply()
