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
from app.models.consent_kinds import CollectionKind
from app.queries import forms
from app.services import checks, form_words
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
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What can change of a collection point; its words follow when they are published anew."""

    name: str
    purposes: Sequence[str]
    directory_id: int | None = None
    origins: Sequence[str] = ()
    double_opt_in: bool = True


def add(session: Session, actor: Actor, new: NewPoint, at: datetime) -> CollectionPoint:
    """Open a collection point with the words of its first version; or prepare a closed one.

    Raises Invalid, NotFound for a purpose or directory, Conflict for a taken key, Refused
    where one to be opened finds no published notice that names what it would ask for.
    """
    key = checks.slug(new.key)
    if forms.point(session, key) is not None:
        raise Conflict(f"the form {key} is there already")
    _demand_directory(session, new.directory_id)
    row = CollectionPoint(
        public_key=key,
        name=checks.name(new.name),
        kind=checks.choice(CollectionKind, new.kind, "kind"),
        notice_key=new.notice_key,
        purpose_ids=_purposes(session, new.purposes or [new.notice_key]),
        allowed_origins=[origin(one) for one in new.origins],
        double_opt_in=new.double_opt_in,
        is_active=new.is_open,
        created_at=at,
        directory_id=new.directory_id,
    )
    session.add(row)
    session.flush()
    record(session, actor, "form.add", ("collection_point", row.id), at)
    if new.is_open:
        publish(session, actor, row.id, at)
    return row


def change(session: Session, actor: Actor, point_id: int, terms: Terms, at: datetime) -> None:
    """Ask in another way; an open one gets its new words at once.

    Raises Invalid, NotFound, and Refused as `publish` does.
    """
    row = _got(session, point_id)
    _demand_directory(session, terms.directory_id)
    row.name, row.double_opt_in = checks.name(terms.name), terms.double_opt_in
    row.purpose_ids = _purposes(session, terms.purposes)
    row.allowed_origins = [origin(one) for one in terms.origins]
    row.directory_id = terms.directory_id
    session.flush()
    record(session, actor, "form.change", ("collection_point", row.id), at)
    if row.is_active:
        publish(session, actor, row.id, at)


def reopen(session: Session, actor: Actor, point_id: int, at: datetime) -> None:
    """Ask there, with the words of today; twice is no error.

    Raises NotFound, Refused where something is missing that people have to be told.
    """
    row = _got(session, point_id)
    lacking = [one.code for one in form_words.findings(session, row.id) if one.is_blocking]
    if lacking:
        raise Refused(f"something is missing: {', '.join(dict.fromkeys(lacking))}")
    publish(session, actor, row.id, at)
    row.is_active = True
    record(session, actor, "form.open", ("collection_point", row.id), at)
    session.flush()


def publish(session: Session, actor: Actor, point_id: int, at: datetime) -> ConsentForm:
    """Write the words of a form anew, from the notices that are published now.

    What is the same as before makes no new version. Raises NotFound, Refused where a purpose
    is not named by a notice, or not with a medium that a form can ask for.
    """
    row = _got(session, point_id)
    labels = form_words.worded(session, row)
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


def _demand_directory(session: Session, directory_id: int | None) -> None:
    if directory_id is not None and session.get(Directory, directory_id) is None:
        raise NotFound("there is no such directory")


def _purposes(session: Session, slugs: Sequence[str]) -> list[int]:
    known = {row.slug: row.id for row in session.execute(select(Purpose.slug, Purpose.id))}
    for slug in slugs:
        if slug not in known:
            raise NotFound(f"there is no purpose {slug}")
    return [known[slug] for slug in dict.fromkeys(slugs)]
