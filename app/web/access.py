"""Who asks, and whether this page is for him: closed to everybody unless it is declared open.

Each view is declared exactly one of @public, @signed_in or @allowed(action); one that is not
answers 403. Which contacts a page shows is the policy's question, never this module's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app import tokens
from app.policy import Action, Viewer
from app.queries import sessions as readers
from app.queries import standing
from app.queries.sessions import HelpDesk, SignedIn
from app.services import sessions as commands
from app.services.audit import Actor
from app.web import cookies, csrf
from app.web.cookies import Cookie
from app.web.portal import portal

SEEN_EVERY = timedelta(minutes=5)
_NEED = "kustod_need"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"", "same-origin", "none"})

View = TypeVar("View", bound=Callable[..., Any])


class Level(StrEnum):
    """For whom a page is there."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Need:
    """What a view asks of the one who comes."""

    level: Level
    action: Action | None = None
    roles: frozenset[str] = frozenset()
    is_outside: bool = False
    is_open_to_sites: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: its instant, who makes it, whose address book it is."""

    at: datetime
    signed_in: SignedIn | None = None
    desk: HelpDesk = field(default_factory=HelpDesk)
    roles: frozenset[str] = frozenset()


def public(view: View) -> View:
    """Open to everybody."""
    return _declare(view, Need(Level.PUBLIC))


def outside(view: View) -> View:
    """For people without an account: open to everybody, and no cookie is read or written.

    Nothing that a browser sends by itself gives any power here, so its forms carry no proof
    that they were ours; forms of other sites are refused all the same.
    """
    return _declare(view, Need(Level.PUBLIC, is_outside=True))


def from_anywhere(view: View) -> View:
    """The same, also for what other sites and mail programs send (RFC 8058, embedded forms)."""
    return _declare(view, Need(Level.PUBLIC, is_outside=True, is_open_to_sites=True))


def is_outside() -> bool:
    """Whether this request is for a page of people without an account, or for none under /p/."""
    if request.endpoint is None:
        return request.path.startswith("/p/")
    need = need_of(current_app.view_functions[request.endpoint])
    return need is not None and need.is_outside


def signed_in(view: View) -> View:
    """Open to whoever is signed in; others are sent to the sign-in page."""
    return _declare(view, Need(Level.SIGNED_IN))


def allowed(action: Action) -> Callable[[View], View]:
    """Open to whoever has this right on some directory; to others there is nothing here."""

    def declare(view: View) -> View:
        return _declare(view, Need(Level.ALLOWED, action))

    return declare


def in_role(*roles: str) -> Callable[[View], View]:
    """Open to whoever has one of these roles; to others there is nothing here."""

    def declare(view: View) -> View:
        return _declare(view, Need(Level.ALLOWED, roles=frozenset(roles)))

    return declare


def need_of(view: Callable[..., Any]) -> Need | None:
    """How a view was declared, or None where it was forgotten."""
    return getattr(view, _NEED, None)


def _declare(view: View, need: Need) -> View:
    if need_of(view) is not None:
        raise TypeError(f"{view.__name__} is declared twice")
    setattr(view, _NEED, need)
    return view


def visit() -> Visit:
    """The present request, looked up once."""
    if "visit" not in g:
        g.visit = _look_up(portal().now())
    found: Visit = g.visit
    return found


def forget_visit() -> None:
    """Go on as a visitor without a name, for a page that must not ask the database."""
    g.visit = Visit(portal().now())


def user() -> SignedIn:
    """Who is signed in; asked only behind @signed_in or @allowed."""
    found = visit().signed_in
    if found is None:
        raise RuntimeError("this view is not declared for users")
    return found


def viewer() -> Viewer:
    """Who asks, for the policy."""
    return Viewer(user_id=user().user_id)


def actor() -> Actor:
    """Who does, for the audit."""
    return commands.actor_of(user().user_id)


def form_token() -> str:
    """The hidden field's value for the forms of this page."""
    return csrf.token(portal().keys, _secret())


def is_own_form(sent: str) -> bool:
    """Whether a form that came in was handed out to this browser."""
    secrets = [cookies.read(Cookie.FORM)]
    if visit().signed_in is not None:
        secrets.append(cookies.read(Cookie.SESSION))
    return any(csrf.is_valid(portal().keys, secret, sent) for secret in secrets)


def install(app: Flask) -> None:
    """Put the gate in front of every view."""
    app.before_request(_gate)
    app.after_request(_hand_out_form_cookie)


def _look_up(at: datetime) -> Visit:
    token = cookies.read(Cookie.SESSION)
    with portal().sessions.read() as session:
        found = readers.find(session, tokens.digest(token), at) if token else None
        held = standing.roles(session, Viewer(found.user_id), at) if found else frozenset()
        return Visit(at, found, readers.help_desk(session), held)


def _gate() -> Response | None:
    if request.endpoint is None:
        # The router's own 404 or 405 follows.
        return None
    need = need_of(current_app.view_functions[request.endpoint])
    if need is None:
        abort(403)
    if need.is_outside:
        _let_in_outside(need)
        return None
    return _let_in(need)


def _let_in(need: Need) -> Response | None:
    if need.level is not Level.PUBLIC:
        if visit().signed_in is None:
            return redirect(url_for("auth.sign_in", next=_here()), code=303)
        _remember_use()
    if need.action is not None and not _may(need.action):
        abort(404)
    if need.roles and not need.roles & visit().roles:
        abort(404)
    if request.method not in _SAFE:
        _check_form()
    return None


def _let_in_outside(need: Need) -> None:
    """Nobody is known here, whoever is signed in beside."""
    forget_visit()
    is_foreign = request.headers.get("Sec-Fetch-Site", "") not in _OWN_SITES
    if request.method not in _SAFE and is_foreign and not need.is_open_to_sites:
        abort(403)


def _remember_use() -> None:
    if visit().at - user().seen_at >= SEEN_EVERY:
        portal().gatherer.seen(user().session_id, visit().at)


def _may(action: Action) -> bool:
    with portal().sessions.read() as session:
        return readers.may_anywhere(session, viewer(), action, visit().at)


def _check_form() -> None:
    if request.headers.get("Sec-Fetch-Site", "") not in _OWN_SITES:
        abort(403)
    if not is_own_form(request.form.get(csrf.FIELD, "")):
        abort(400)


def _here() -> str | None:
    """The address to come back to after signing in; none for what changes something."""
    if request.method not in _SAFE:
        return None
    query = request.query_string.decode("ascii", "replace")
    return quote(request.path) + (f"?{query}" if query else "")


def _secret() -> str:
    if visit().signed_in is not None:
        return cookies.read(Cookie.SESSION)
    if "form_secret" not in g:
        g.form_secret = cookies.read(Cookie.FORM) or tokens.random_token(256)
    secret: str = g.form_secret
    return secret


def _hand_out_form_cookie(response: Response) -> Response:
    secret = g.get("form_secret")
    if secret and secret != cookies.read(Cookie.FORM):
        cookies.write(response, Cookie.FORM, secret)
    return response
