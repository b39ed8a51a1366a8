"""What comes in through a form or a website: recorded once, and answered alike for everybody.

Whether the person was known, or had taken everything back, shows in no answer. Nobody becomes a
contact before his mailbox has said yes, where that is asked for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, ip_address, ip_network

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.cards.points import phone_norm
from app.errors import Conflict, Invalid, Refused
from app.keys import KeyName, KeyRing
from app.models import CollectionPoint, Directory, Intake, NoticeVersion
from app.models.consent_kinds import ConsentType, Expression, Medium, NoticeState
from app.models.kinds import ActorKind, PointKind
from app.queries import forms, suppressions
from app.services import checks, consent_subjects, consents, opt_in, persons_by_mail, render_tokens
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.consent_subjects import Mark
from app.services.opt_in import Desk
from app.services.render_tokens import Rendered

HIMSELF = Actor(ActorKind.SUBJECT)
_KEY_LENGTH = 200


class Closed(Refused):
    """The form asks nobody any more."""


class Outdated(Refused):
    """The form lay open for too long, or the words of a pasted one are not the present ones."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What came: the ticked boxes by name, and how the person is reached.

    `page` is where he says to have been, `site` whose website hands it in (empty: he himself),
    `idempotency_key` its name for this very act.
    """

    boxes: Sequence[str]
    email: str
    phone: str = ""
    page: str = ""
    ip: str = ""
    user_agent: str = ""
    site: str = ""
    idempotency_key: str = ""


def submit(
    session: Session, desk: Desk, point_id: int, token: str, sub: Submission, at: datetime
) -> None:
    """Record what came, or let the mailbox be asked first.

    The same a second time changes nothing. Raises Closed, Outdated; Invalid with the field
    (token, boxes, email, phone); Conflict where an idempotency key stood for something else.
    """
    held = select(CollectionPoint).where(CollectionPoint.id == point_id).with_for_update()
    point = session.scalars(held).one()
    if not point.is_active:
        raise Closed("this form asks nobody any more")
    form = _form(session, desk.keys, point, token, at)
    sub = _checked(session, desk.keys, point, form, sub)
    if not _is_first(session, point, form, sub, at):
        return
    mark = mark_of(desk.keys, sub.email)
    acts = _acts(session, form, sub, mark)
    is_asked = opt_in.is_needed(session, point, [act.purpose_id for act in acts])
    # Anybody types anybody's address: what was stopped there, the mailbox alone opens.
    is_stopped = bool(suppressions.of_marks(session, [mark.mac], at))
    if is_asked or form.is_pasted or sub.site or is_stopped:
        opt_in.ask(session, desk, point, acts, sub.phone, at)
    else:
        _give(session, desk, point, acts, sub, at)


def mark_of(keys: KeyRing, email: str) -> Mark:
    """The keyed hash of an address. Raises Invalid for what is none."""
    return consent_subjects.marked(keys.current(KeyName.EVIDENCE), PointKind.EMAIL, email)


def _form(
    session: Session, keys: KeyRing, point: CollectionPoint, token: str, at: datetime
) -> Rendered:
    """What the person was shown."""
    if not token:
        raise Invalid("token", "it is missing: fetch the form first")
    form = render_tokens.read(keys, token)
    notice = session.get(NoticeVersion, form.notice_id)
    if form.point_id != point.id or notice is None:
        raise Invalid("token", "this form did not come from here")
    is_replaced = form.is_pasted and notice.state is not NoticeState.PUBLISHED
    if form.is_over(at) or is_replaced:
        raise Outdated("this form is too old: please fill in the present one")
    return form


def _checked(
    session: Session, keys: KeyRing, point: CollectionPoint, form: Rendered, sub: Submission
) -> Submission:
    """The same, with what was typed made fit to keep."""
    mark_of(keys, sub.email)
    ticked = tuple(name for name in form.boxes if name in sub.boxes)
    if set(sub.boxes) - set(form.boxes):
        raise Invalid("boxes", "the form has no such box")
    if not ticked:
        raise Invalid("boxes", "none is ticked")
    phone = sub.phone.strip()
    home = session.get(Directory, point.directory_id or 0)
    is_number = phone_norm(phone, home.country if home else "CZ")
    by_number = {Medium.SMS.value, Medium.PHONE.value}
    if phone and not is_number:
        raise Invalid("phone", "this is not a phone number")
    if not phone and any(name.partition(":")[2] in by_number for name in ticked):
        raise Invalid("phone", "a number is needed for what is ticked")
    key = sub.idempotency_key[:_KEY_LENGTH]
    return replace(sub, boxes=ticked, phone=phone, email=sub.email.strip(), idempotency_key=key)


def _is_first(
    session: Session, point: CollectionPoint, form: Rendered, sub: Submission, at: datetime
) -> bool:
    """Whether this has not come in before; noted, so that it will have."""
    said = [checks.email(sub.email), sub.phone, *sub.boxes]
    body = tokens.digest(json.dumps(said))
    # A person may correct himself with the same form; one that was pasted serves many.
    names = [] if form.is_pasted else [f"form\0{form.nonce}\0{body}"]
    if sub.idempotency_key:
        names.insert(0, f"key\0{sub.idempotency_key}")
    for name in map(tokens.digest, names):
        mine = Intake.collection_point_id == point.id
        row = session.scalar(select(Intake).where(mine, Intake.name_sha256 == name))
        if row is not None and row.body_sha256 != body:
            raise Conflict("this idempotency key stood for something else")
        if row is not None:
            return False
        session.add(
            Intake(collection_point_id=point.id, name_sha256=name, body_sha256=body, received_at=at)
        )
        session.flush()
    return True


def _acts(session: Session, form: Rendered, sub: Submission, mark: Mark) -> list[Act]:
    """One act for each purpose, with the very words that stood beside its boxes."""
    labels = forms.labels(session, form.form_id, form.language)
    ticked: dict[int, list[str]] = {}
    for name in sub.boxes:
        ticked.setdefault(int(name.partition(":")[0]), []).append(name)
    return [
        Act(
            type=ConsentType.GIVEN,
            purpose_id=purpose,
            media=tuple(Medium(name.partition(":")[2]) for name in names),
            notice_id=form.notice_id,
            expression=Expression.CHECKBOX,
            form_id=form.form_id,
            form_sha256=form.form_sha256,
            statement="\n".join(labels[name] for name in names),
            language=form.language,
            rendered_at=form.rendered_at,
            nonce=tokens.random_token() if form.is_pasted else form.nonce,
            origin=sub.site,
            point=mark,
            page=sub.page,
            ip=network(sub.ip),
            user_agent=sub.user_agent[:200],
            by_site=bool(sub.site),
        )
        for purpose, names in ticked.items()
    ]


def _give(
    session: Session,
    desk: Desk,
    point: CollectionPoint,
    acts: Sequence[Act],
    sub: Submission,
    at: datetime,
) -> None:
    """Record it at once; a form opened before a withdrawal lets the mailbox be asked instead."""
    mark = acts[0].point
    if mark is None or opt_in.is_stale(session, mark, acts, at):
        opt_in.ask(session, desk, point, acts, sub.phone, at)
        return
    draft = persons_by_mail.draft(sub.email, sub.phone)
    contact = persons_by_mail.settled(session, HIMSELF, point, draft, at)
    subject = consent_subjects.of_contact(session, contact, at)
    for act in acts:
        said = replace(act, collection_point_id=point.id)
        consents.record(session, HIMSELF, subject, said, at)


def network(address: str) -> str:
    """An address cut to its network (24 bits of IPv4, 48 of IPv6), or "" for none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    bits = 24 if isinstance(found, IPv4Address) else 48
    return str(ip_network(f"{found}/{bits}", strict=False))
