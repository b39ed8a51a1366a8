"""Forms for everybody: what is asked, what is answered, the press in the mailbox, the archive."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.models import PublicToken, Purpose, TokenKind
from app.queries import forms
from app.queries import notices as told
from app.services import (
    collecting,
    consents,
    notices,
    opt_in,
    persons_by_mail,
    public_tokens,
    purposes,
    render_tokens,
    submissions,
)
from app.services.audit import OPERATOR
from app.services.collecting import NewPoint
from app.services.notices import NewNotice
from app.services.opt_in import Desk
from app.services.purposes import Terms
from app.services.submissions import HIMSELF, Submission
from tests.rooms.room import Deed, Outside, Room
from tests.rooms.world import World

SITE = "https://www.example.org"
BODIES = {
    "cs": "## Kdo jsme\nStavby Morava, Brno.\n\nPíšeme o stavbách, které děláme.",
    "en": "## Who we are\nStavby Morava, Brno.\n\nWe write about what we build.",
    "pl": "## Kim jesteśmy\nStavby Morava, Brno.\n\nPiszemy o naszych budowach.",
    "bg": "## Кои сме ние\nStavby Morava, Бърно.\n\nПишем за нашите строежи.",
}
LABELS = {"cs": "naše stavby", "en": "what we build", "pl": "nasze budowy", "bg": "нашите строежи"}


def form(world: World, key: str = "news", **more: object) -> str:
    """The key of a form with its notices, opened when it is first asked for."""
    at = world.portal.clock.now()
    with world.portal.sessions.write() as session:
        if not told.everything(session, "news"):
            _publish(session, at)
        if forms.point(session, key) is None:
            home = world.portal.directory.id
            new = {"key": key, "name": "News", "notice_key": "news", "directory_id": home}
            point = NewPoint(**(new | {"origins": (SITE,)} | more))  # type: ignore[arg-type]
            collecting.add(session, OPERATOR, point, at)
    return key


def _publish(session: Session, at: datetime) -> None:
    terms = Terms(media=("email", "sms"), is_marketing=True)
    row = purposes.add(session, OPERATOR, "news", "what we build", at, terms=terms)
    for language, body in BODIES.items():
        new = NewNotice(row.id, language, body, labels={"news": LABELS[language]})
        drafted = notices.draft(session, OPERATOR, new, at)
        notices.publish(session, OPERATOR, drafted.id, at)


def desk(world: World) -> Desk:
    return Desk(world.portal.ring, "http://127.0.0.1:8080")


def link(world: World, state: str = "waits") -> str:
    """The link of a mail, in one of its states."""
    email = f"{state}@example.org"
    at = world.portal.clock.now()
    form(world)
    with world.portal.sessions.write() as session:
        point = forms.get(session, "news")
        asked = forms.asking(session, point, ("en",))
        assert asked is not None
        token = render_tokens.made(world.portal.ring, asked, at)
        boxes = tuple(box.name for box in asked.boxes if box.medium == "email")
        sub = Submission(boxes, email)
        submissions.submit(session, desk(world), point.id, token, sub, at)
        asking = session.query(PublicToken).filter_by(kind=TokenKind.CONFIRM)
        row = asking.order_by(PublicToken.id.desc()).first()
        assert row is not None
        scope, of = row.scope, row.subject_id
        fresh = public_tokens.issue(session, TokenKind.CONFIRM, of, at, scope=scope)
        if state == "confirmed":
            opt_in.confirm(session, scope["nonce"], "", at)
        if state == "withdrawn":
            mark = submissions.mark_of(world.portal.ring, email)
            purpose = session.query(Purpose).filter_by(slug="news").one().id
            for subject in persons_by_mail.everybody(session, mark, at):
                consents.withdraw(session, HIMSELF, subject, purpose, at)
    return f"/p/k/{fresh}"


def closed(world: World) -> str:
    key = form(world, "old")
    with world.portal.sessions.write() as session:
        point = forms.get(session, key)
        collecting.close(session, OPERATOR, point.id, world.portal.clock.now())
    return f"/p/f/{key}"


def at_form(end: str = "") -> Callable[[World], str]:
    return lambda world: f"/p/f/{form(world)}{end}"


ROOMS: list[Room] = []
DEEDS: list[Deed] = []
OUTSIDE = [
    Outside("public_forms.show", at_form()),
    Outside("public_forms.show", closed, name="closed"),
    Outside("public_forms.show", lambda _: "/p/f/none", 404, "not there"),
    Outside("public_forms.sent", at_form("/sent")),
    Outside("public_forms.no", at_form("/no")),
    Outside("public_confirm.show", link),
    Outside("public_confirm.show", lambda w: link(w, "confirmed"), name="confirmed"),
    Outside("public_confirm.show", lambda w: link(w, "withdrawn"), name="withdrawn"),
    Outside("public_confirm.show", lambda _: "/p/k/none", 404, "not there"),
    Outside("public_notices.current", lambda w: f"/p/notices/{form(w)}"),
    Outside("public_notices.current", lambda _: "/p/notices/none", 404, "not there"),
    Outside("public_notices.version", lambda w: f"/p/notices/{form(w)}/en/1"),
]
