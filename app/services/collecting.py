"""Collection points: opened with their words, given new words, closed; keys for websites."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import CollectionPoint, ConsentForm, Directory, Purpose, SiteKey
from app.models.consent_kinds import CollectionKind, Medium
from app.policy import consents as reading
from app.queries import consents as found
from app.queries import forms, notices
from app.queries.notices import Notice
from app.services import checks, form_labels
from app.services.audit import Actor, record

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A place where people are asked.

    `key` is its name in addresses, `notice_key` the notice that stands behind it; `purposes`
    are slugs (none: that of the notice); `origins` the sites that may embed it or send to it.
    """

    key: str
    name: str
    notice_key: str
    purposes: Sequence[str] = ()
    directory_id: int | None = None
    origins: Sequence[str] = ()
    double_opt_in: bool = True
    kind: str = CollectionKind.WEB_FORM.value


def add(session: Session, actor: Actor, new: NewPoint, at: datetime) -> CollectionPoint:
    """Open a collection point with the words of its first version.

    Raises Invalid, NotFound for a purpose or directory, Conflict for a taken key, Refused
    where no published notice names what it would ask for.
    """
    key = checks.slug(new.key)
    if forms.point(session, key) is not None:
        raise Conflict(f"the form {key} is there already")
    if new.directory_id is not None and session.get(Directory, new.directory_id) is None:
        raise NotFound("there is no such directory")
    row = CollectionPoint(
        public_key=key,
        name=checks.name(new.name),
        kind=checks.choice(CollectionKind, new.kind, "kind"),
        notice_key=new.notice_key,
        purpose_ids=_purposes(session, new.purposes or [new.notice_key]),
        allowed_origins=[origin(one) for one in new.origins],
        double_opt_in=new.double_opt_in,
        created_at=at,
        directory_id=new.directory_id,
    )
    session.add(row)
    session.flush()
    record(session, actor, "form.add", ("collection_point", row.id), at)
    publish(session, actor, row.id, at)
    return row


def publish(session: Session, actor: Actor, point_id: int, at: datetime) -> ConsentForm:
    """Write the words of a form anew, from the notices that are published now.

    What is the same as before makes no new version. Raises NotFound, Refused where a purpose
    is not named by a notice, or not with a medium that a form can ask for.
    """
    row = _got(session, point_id)
    labels = {}
    for language in form_labels.LANGUAGES:
        notice = notices.current(session, row.notice_key, language)
        if notice is not None:
            labels[language] = _labels(session, row, notice)
    if not labels:
        words = ", ".join(form_labels.LANGUAGES)
        raise Refused(f"no notice {row.notice_key} is published in one of {words}")
    text = json.dumps(labels, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    mine = select(ConsentForm).where(ConsentForm.collection_point_id == row.id)
    last = session.scalar(mine.order_by(ConsentForm.version.desc()).limit(1))
    if last is not None and last.sha256 == digest:
        return last
    form = ConsentForm(
        collection_point_id=row.id,
        version=(last.version if last else 0) + 1,
        labels=labels,
        sha256=digest,
        created_at=at,
    )
    session.add(form)
    session.flush()
    record(session, actor, "form.publish", ("collection_point", row.id), at, version=form.version)
    return form


def close(session: Session, actor: Actor, point_id: int, at: datetime) -> None:
    """Ask nobody there any more; what people take back is still taken. Twice is no error.

    Raises NotFound.
    """
    row = _got(session, point_id)
    row.is_active = False
    record(session, actor, "form.close", ("collection_point", row.id), at)
    session.flush()


def issue_key(
    session: Session, actor: Actor, point_id: int, site: str, at: datetime
) -> tuple[SiteKey, str]:
    """A key for one site, and its secret, which is nowhere else from now on. Raises NotFound."""
    row = _got(session, point_id)
    secret = f"ksk_{tokens.random_token(256)}"
    key = SiteKey(
        public_id=tokens.random_name(),
        collection_point_id=row.id,
        site=checks.name(site, "site"),
        key_sha256=tokens.digest(secret),
        created_at=at,
    )
    session.add(key)
    session.flush()
    record(session, actor, "site-key.issue", ("site_key", key.id), at, point=row.id)
    return key, secret


def end_key(session: Session, actor: Actor, public_id: str, at: datetime) -> None:
    """Take nothing more by a key; twice is no error. Raises NotFound."""
    key = session.scalar(select(SiteKey).where(SiteKey.public_id == public_id))
    if key is None:
        raise NotFound("there is no such key")
    key.ended_at = key.ended_at or at
    record(session, actor, "site-key.end", ("site_key", key.id), at)
    session.flush()


def origin(raw: str) -> str:
    """The origin of a site: scheme, name and port as browsers write it. Raises Invalid."""
    wrong = Invalid("origin", f"{raw!r} is no address of a site such as https://www.example.org")
    try:
        parts = urlsplit(raw.strip().lower())
        name, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise wrong from error
    is_plain = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in _PORTS or not name or not is_plain:
        raise wrong
    name = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{name}" + (
        f":{port}" if port not in {None, _PORTS[parts.scheme]} else ""
    )


def _got(session: Session, point_id: int) -> CollectionPoint:
    row = session.get(CollectionPoint, point_id)
    if row is None:
        raise NotFound("there is no such form")
    return row


def _purposes(session: Session, slugs: Sequence[str]) -> list[int]:
    known = {row.slug: row.id for row in session.execute(select(Purpose.slug, Purpose.id))}
    for slug in slugs:
        if slug not in known:
            raise NotFound(f"there is no purpose {slug}")
    return [known[slug] for slug in dict.fromkeys(slugs)]


def _labels(session: Session, row: CollectionPoint, notice: Notice) -> dict[str, str]:
    """The words of each box, in the order of the purposes."""
    above, who = found.tree(session), forms.controller(session).name
    named = {one.id: one for one in notice.purposes}
    labels = {}
    for purpose in row.purpose_ids:
        if purpose not in named:
            raise Refused(f"the notice {notice.name} does not name every purpose of this form")
        below = [n for n in notice.purposes if n.id != purpose]
        below = [n for n in below if reading.is_below(above, n.id, purpose)]
        for medium in map(Medium, named[purpose].media):
            covers = [n.label for n in below if medium.value in n.media]
            if medium in form_labels.ASKED:
                words = (named[purpose].label, who, covers)
                labels[f"{purpose}:{medium.value}"] = form_labels.label(
                    notice.language, medium, *words
                )
    if not labels:
        raise Refused("none of its purposes reaches people in a way that a form can ask for")
    return labels
