"""Versions of notices: what people are told, now and then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import NoticeVersion, Purpose
from app.models.consent_kinds import NoticeState


@dataclass(frozen=True, slots=True)
class Named:
    """A purpose as a notice names it."""

    id: int
    slug: str
    label: str
    media: tuple[str, ...]
    recipients: tuple[str, ...]
    validity: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of a notice. `body` is what a person is shown, `id` its public id."""

    id: str
    row_id: int
    key: str
    language: str
    version: int
    state: str
    change_class: str
    blocks: dict[str, str]
    parties: dict[str, str]
    purposes: tuple[Named, ...]
    body: str
    sha256: str
    created_at: datetime
    effective_at: datetime | None
    published_at: datetime | None
    retired_at: datetime | None

    @property
    def name(self) -> str:
        """Key, language and version, as a command names it."""
        return f"{self.key}/{self.language}/{self.version}"


def everything(session: Session, key: str = "") -> list[Notice]:
    """All versions, or those of one key; the newest last."""
    where = [NoticeVersion.key == key] if key else []
    return _found(session, *where)


def version(session: Session, key: str, language: str, number: int) -> Notice | None:
    """One version that is or was published, for the public archive; drafts are nobody's."""
    found = _found(
        session,
        NoticeVersion.key == key,
        NoticeVersion.language == language,
        NoticeVersion.version == number,
        NoticeVersion.state != NoticeState.DRAFT,
    )
    return found[0] if found else None


def current(session: Session, key: str, language: str) -> Notice | None:
    """The version that is published now."""
    found = _found(
        session,
        NoticeVersion.key == key,
        NoticeVersion.language == language,
        NoticeVersion.state == NoticeState.PUBLISHED,
    )
    return found[-1] if found else None


def named(session: Session, words: str, key: str = "") -> Notice:
    """The version that a person means: its id, KEY/LANGUAGE/VERSION, or a number of this key.

    Raises NotFound, also where a number means versions of several languages.
    """
    if words.isdecimal() and key:
        found = [n for n in everything(session, key) if n.version == int(words[:9])]
    elif words.count("/") == 2:  # noqa: PLR2004 - key, language, version
        found = [n for n in everything(session, words.partition("/")[0]) if n.name == words]
    else:
        found = _found(session, NoticeVersion.public_id == words)
    if len(found) > 1:
        raise NotFound(f"{words} is the version of several languages: {key}/LANGUAGE/{words}")
    if not found:
        raise NotFound(f"there is no notice {words}")
    return found[0]


def meant(session: Session, words: str, purpose_id: int) -> Notice:
    """As `named`; a mere number is a version of the nearest notice that names the purpose.

    Raises NotFound.
    """
    found: int | None = purpose_id
    while words.isdecimal() and found is not None:
        purpose = session.get_one(Purpose, found)
        if everything(session, purpose.slug):
            return named(session, words, purpose.slug)
        found = purpose.parent_id
    return named(session, words)


def _found(session: Session, *where: ColumnElement[bool]) -> list[Notice]:
    query = select(NoticeVersion).where(*where)
    query = query.order_by(NoticeVersion.key, NoticeVersion.version, NoticeVersion.language)
    return [_notice(row) for row in session.scalars(query)]


def _notice(row: NoticeVersion) -> Notice:
    return Notice(
        id=row.public_id,
        row_id=row.id,
        key=row.key,
        language=row.language,
        version=row.version,
        state=row.state.value,
        change_class=row.change_class.value,
        blocks=dict(row.blocks),
        parties=dict(row.parties),
        purposes=tuple(map(_named, row.purposes)),
        body=row.body.decode(),
        sha256=row.sha256,
        created_at=row.created_at,
        effective_at=row.effective_at,
        published_at=row.published_at,
        retired_at=row.retired_at,
    )


def _named(raw: dict[str, Any]) -> Named:
    return Named(
        id=raw["id"],
        slug=raw["slug"],
        label=raw["label"],
        media=tuple(raw["media"]),
        recipients=tuple(raw["recipients"]),
        validity=raw["validity"],
    )
