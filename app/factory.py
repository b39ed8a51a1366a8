"""Assembles the portal; the only place that does."""

from collections.abc import Callable, Iterable
from datetime import datetime
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, abort, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import SecurityError
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from app import clock, logs
from app.answers import PAGE_POLICY
from app.api import websites
from app.db import Sessions
from app.guard import BODY_LIMIT, IMPORT_LIMIT, TOO_LARGE, Names, is_import
from app.keys import KeyRing
from app.services.consultations import Gatherer
from app.settings import Settings
from app.web import (
    access,
    auth,
    chosen,
    chosen_file,
    consents,
    contact,
    contacts,
    devices,
    directories,
    ends,
    enrolment,
    errors,
    evidence,
    files,
    first_owner,
    form_builder,
    fragments,
    health,
    import_steps,
    imports,
    incidents,
    keeping,
    language,
    leaving,
    notice_rooms,
    notices,
    once,
    organisation,
    outbox,
    outside,
    overview,
    own_account,
    paper,
    paper_reading,
    participants,
    people,
    project_phones,
    projects,
    public,
    public_confirm,
    public_forms,
    public_notices,
    public_renewals,
    public_requests,
    purpose_rooms,
    receipts,
    records,
    reminders,
    renewal_campaigns,
    renewals,
    requests,
    restored,
    seen,
    sharing,
    sight,
    stops,
    teams,
    templating,
    texts,
    uploads,
)
from app.web.forms import PUBLIC_ID
from app.web.portal import EXTENSION, Portal

_READING = ("GET", "HEAD")
_CARDS = (
    contact,
    consents,
    receipts,
    notice_rooms,
    purpose_rooms,
    contacts,
    chosen,
    chosen_file,
    seen,
    sharing,
    sight,
)
_ROOMS = (devices, directories, ends, enrolment, overview)
_UPLOADING = (imports, import_steps)
_PROOFS = (evidence, paper, paper_reading)
_WORK = (projects, participants, project_phones, incidents, records, renewals, reminders)
_PLACE = (people, leaving, teams, organisation, first_owner, outbox, restored)
_PLAIN = (files, health, auth, language, own_account)
_OPEN_TO_ALL = (public, public_forms, public_confirm, public_notices, public_requests, websites)
_CONSENT = (form_builder, stops, renewal_campaigns, public_renewals, requests, keeping)
_INNER = (*_PLAIN, *_CARDS, *_ROOMS, *_PLACE, *_UPLOADING, *_WORK, *_PROOFS, *_CONSENT)
FAMILIES = (*_INNER, *_OPEN_TO_ALL)
"""All pages; a module has its own in `pages`."""


class PublicId(BaseConverter):
    """The random name of a thing in an address; anything else is simply not there."""

    regex = PUBLIC_ID.pattern


class Slug(BaseConverter):
    """The short name of a directory, project or team in an address."""

    regex = "[a-z0-9][a-z0-9._-]{0,63}"


def create_app(
    settings: Settings,
    sessions: Sessions,
    keys: KeyRing,
    now: Callable[[], datetime] = clock.now,
) -> Flask:
    """The portal as a WSGI application; reads no environment and opens no database itself."""
    app = Flask(
        "kustod",
        root_path=str(templating.ROOT),
        template_folder=str(templating.TEMPLATES),
        static_folder=None,
    )
    app.request_class = uploads.InMemory
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.jinja_env.undefined = StrictUndefined
    # Two slashes name nothing; Werkzeug would redirect, to an address with a scheme of its guess.
    app.url_map.merge_slashes = False
    app.url_map.converters.update(public_id=PublicId, slug=Slug)
    sessions.marking(lambda: keys)
    app.extensions[EXTENSION] = Portal(settings, sessions, keys, now, Gatherer(sessions))
    app.before_request(_name_route)
    app.before_request(_asker_of(Names(settings)))
    app.before_request(_take_file)
    for part in (access, texts, templating, notices, once, fragments, errors, outside):
        part.install(app)
    for family in FAMILIES:
        app.register_blueprint(family.pages)
    app.after_request(_protect)
    app.wsgi_app = _reading_once(app.wsgi_app, sessions)  # type: ignore[assignment, method-assign] # Flask's way
    return app


def _reading_once(inside: WSGIApplication, sessions: Sessions) -> WSGIApplication:
    """A page that changes nothing is of one piece: gate, content and frame see one snapshot."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _READING:
            return inside(environ, start_response)
        with sessions.one_snapshot():
            return inside(environ, start_response)

    return answer


def _asker_of(names: Names) -> Callable[[], None]:
    """What refuses other names where no guard stands in front; Flask's own list has no IPv6."""

    def check() -> None:
        if request.environ.get("HTTP_HOST", "") not in names:
            raise SecurityError("a foreign Host")

    return check


def _name_route() -> None:
    """Leave the rule for the access line, which holds no path."""
    request.environ[logs.ROUTE] = request.url_rule.rule if request.url_rule else "none"


def _take_file() -> None:
    """Where the guard lets a file in, let it in here too; where it was too large, say so."""
    if request.environ.get(TOO_LARGE):
        abort(413)
    if is_import(request.path):
        request.max_content_length = IMPORT_LIMIT


def _protect(response: Response) -> Response:
    """What a page must not be without even where no guard stands in front."""
    is_page = response.mimetype == "text/html"
    if is_page:
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    if is_page or request.endpoint != "files.static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
