"""The whole server as one WSGI callable: portal and CardDAV side by side behind the guard."""

import gc
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app import clock, keys, logs
from app.db import open_database
from app.factory import create_app
from app.guard import Guard
from app.handed_out import HandOutLog
from app.services import upkeep
from app.settings import Settings
from dav.application import build as build_dav

DISCOVERY = frozenset({"OPTIONS", "PROPFIND", "REPORT"})
"""Methods that a CardDAV client sends to `/` when it knows nothing but the host."""


def build(settings: Settings) -> WSGIApplication:
    """Open the instance and mount both doors. To be called after the fork, once a process."""
    ring = keys.load(settings.keys_file)
    sessions = open_database(settings.database, HandOutLog(settings.hand_out_file))
    upkeep.hold_clock(sessions)
    portal = create_app(settings, sessions, ring, clock.now)
    door = build_dav(sessions, ring, clock.now)
    door.sightings.start()
    server = Guard(dispatch(portal, door), settings)
    # What is made once stays: looking it over again and again would stop a page in its middle.
    gc.freeze()
    return server


def dispatch(portal: WSGIApplication, dav: WSGIApplication) -> WSGIApplication:
    """Give each request, with its full path, to the door it is for."""

    def mounted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        is_dav = path.rstrip("/") in {"/dav", "/.well-known/carddav"} or path.startswith("/dav/")
        if not is_dav and not (path == "/" and method in DISCOVERY):
            return portal(environ, start)
        environ[logs.ROUTE] = "/dav/" if path.startswith("/dav") else path
        return dav(environ, start)

    return mounted
