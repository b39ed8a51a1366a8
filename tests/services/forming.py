"""A form that asks for consents, and what it takes to fill it in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import keys
from app.models import CollectionPoint, ConsentEvent, Contact, OutboxMessage
from app.queries import forms
from app.queries.forms import Asking
from app.services import collecting, notices, render_tokens, submissions
from app.services.audit import OPERATOR
from app.services.collecting import NewPoint
from app.services.notices import NewNotice
from app.services.opt_in import Desk
from app.services.submissions import Submission
from tests.services.consenting import Consenting, stage
from tests.services.scene import NOON

SITE = "https://www.example.org"


@dataclass
class Forming:
    """The scene of consents with a form at its side, in Czech."""

    scene: Consenting
    point: CollectionPoint
    desk: Desk = field(default_factory=lambda: Desk(keys.generate(), "https://k.example.org"))

    @property
    def session(self) -> Session:
        return self.scene.session

    def asking(self, language: str = "cs") -> Asking:
        point = forms.get(self.session, "news")
        found = forms.asking(self.session, point, (language,))
        assert found is not None
        return found

    def token(self, at: datetime = NOON, *, is_pasted: bool = False) -> str:
        return render_tokens.made(self.desk.keys, self.asking(), at, is_pasted=is_pasted)

    def submit(self, token: str, at: datetime = NOON, **more: Any) -> None:
        said = {"boxes": (self.box("email"),), "email": "karla@example.org"} | more
        submissions.submit(self.session, self.desk, self.point.id, token, Submission(**said), at)

    def box(self, medium: str) -> str:
        return next(box.name for box in self.asking().boxes if box.medium == medium)

    def mails(self) -> list[OutboxMessage]:
        return list(self.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def events(self) -> list[str]:
        rows = self.session.scalars(select(ConsentEvent).order_by(ConsentEvent.id))
        return [row.type.value for row in rows]

    def contacts(self) -> int:
        return len(self.session.scalars(select(Contact)).all())

    def nonce(self) -> str:
        query = select(ConsentEvent.nonce).where(ConsentEvent.nonce != "")
        return self.session.scalars(query.order_by(ConsentEvent.id.desc())).first() or ""


def form(session: Session, **more: object) -> Forming:
    """The form `news` for the purpose P and what stands below it."""
    scene = stage(session)
    new = {
        "key": "news",
        "name": "Our news",
        "notice_key": scene.purposes["P"].slug,
        "directory_id": scene.home.id,
        "origins": (SITE,),
    }
    point = collecting.add(session, OPERATOR, NewPoint(**(new | more)), NOON)  # type: ignore[arg-type]
    return Forming(scene, point)


__all__ = ["NOON", "OPERATOR", "SITE", "Forming", "NewNotice", "form", "notices"]
