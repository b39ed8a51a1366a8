"""Directories, made from presets so that nobody has to choose a legal basis to begin."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import Directory, Grant, Purpose, User
from app.models.kinds import BasisKind, SyncPolicy
from app.policy import Action
from app.services import accounts, checks, purposes, slugs
from app.services.audit import Actor, record
from app.services.presets import preset
from app.services.rights import demand

_COUNTRY = re.compile(r"[A-Z]{2}")
_TEXTS = {
    BasisKind.CONSENT: "You agreed that we keep your details.",
    BasisKind.CONTRACT: "We keep your details to fulfil the contract between us.",
    BasisKind.PRE_CONTRACT: "We keep your details while we talk about a contract you asked for.",
    BasisKind.OWN_CUSTOMER: "You are our customer, and we write to you about similar goods.",
    BasisKind.LEGITIMATE_INTEREST: (
        "We keep your details because we need to reach you. You may object at any time."
    ),
    BasisKind.LEGAL_OBLIGATION: "The law tells us to keep your details.",
}


@dataclass(frozen=True, slots=True)
class NewDirectory:
    """A directory to be added; what is not said comes from the preset, a slug from the name."""

    slug: str
    name: str
    preset: str
    basis: str = ""
    sync_policy: str = ""
    purpose_id: int | None = None
    owner_id: int | None = None
    country: str = "CZ"


def add(session: Session, actor: Actor, new: NewDirectory, at: datetime) -> Directory:
    """Add a directory with its purpose, and let its owner read, edit and manage it.

    Raises Refused while there is no owner, Invalid for an unknown preset, basis or policy,
    Conflict where the slug is taken, NotFound for an unknown purpose or owner.
    """
    slug = checks.slug(new.slug) if new.slug else _free_slug(session, new.name)
    if session.scalar(select(Directory.id).where(Directory.slug == slug)) is not None:
        raise Conflict(f"the directory {slug} is there already")
    owner = _owner(session, new.owner_id, at)
    row = _row(session, new, slug, at)
    session.add(row)
    session.flush()
    session.add(
        Grant(
            directory_id=row.id,
            user_id=owner.id,
            can_read=True,
            can_edit=True,
            can_manage=True,
            reason="owner of the directory",
            granted_by_id=actor.user_id,
            valid_from=at,
        )
    )
    detail = {"preset": row.preset, "basis": row.basis, "owner": owner.id}
    record(session, actor, "directory.add", ("directory", row.id), at, **detail)
    session.flush()
    return row


def rename(session: Session, actor: Actor, directory_id: int, name: str, at: datetime) -> Directory:
    """Give a directory another name. Raises Refused where the actor does not manage it, Invalid."""
    row = demand(session, actor, Action.MANAGE, directory_id, at)
    row.name = checks.name(name)
    record(session, actor, "directory.rename", ("directory", row.id), at)
    session.flush()
    return row


def change_rule(
    session: Session, actor: Actor, directory_id: int, sync_policy: str, at: datetime
) -> Directory:
    """Let a directory go to other phones than before; a stricter rule takes back.

    Raises Refused where the actor does not manage it, Invalid for an unknown rule, NotFound.
    """
    row = demand(session, actor, Action.MANAGE, directory_id, at)
    before, row.sync_policy = row.sync_policy, checks.choice(SyncPolicy, sync_policy, "sync")
    detail = {"before": before, "after": row.sync_policy}
    record(session, actor, "directory.change_rule", ("directory", row.id), at, **detail)
    session.flush()
    return row


def _row(session: Session, new: NewDirectory, slug: str, at: datetime) -> Directory:
    ready = preset(new.preset)
    basis, text = ready.basis, ready.text
    if new.basis and new.basis != basis:
        basis = checks.choice(BasisKind, new.basis, "basis")
        text = _TEXTS[basis]
    policy = ready.sync_policy
    if new.sync_policy:
        policy = checks.choice(SyncPolicy, new.sync_policy, "sync")
    return Directory(
        slug=slug,
        name=checks.name(new.name),
        preset=new.preset,
        purpose_id=_purpose_id(session, new, slug, at),
        basis=basis,
        basis_text=text,
        fallback_basis=ready.fallback.value if ready.fallback else "",
        fallback_text=ready.fallback_text,
        country=_country(new.country),
        sync_policy=policy,
        retention_months=ready.retention_months,
        created_at=at,
    )


def _purpose_id(session: Session, new: NewDirectory, slug: str, at: datetime) -> int:
    if new.purpose_id is None:
        return purposes.make(session, slug, new.name, at).id
    if session.get(Purpose, new.purpose_id) is None:
        raise NotFound("there is no such purpose")
    return new.purpose_id


def _free_slug(session: Session, name: str) -> str:
    """A slug that no directory has and no purpose, for a directory brings its own along."""
    taken = {*session.scalars(select(Directory.slug)), *session.scalars(select(Purpose.slug))}
    taken.add("new")  # the address of the page that adds one
    return slugs.made_from(checks.name(name), taken, "directory")


def _country(raw: str) -> str:
    if not _COUNTRY.fullmatch(raw):
        raise Invalid("country", f"{raw!r} is no country of two capital letters, such as CZ")
    return raw


def _owner(session: Session, owner_id: int | None, at: datetime) -> User:
    if owner_id is not None:
        return accounts.active_user(session, owner_id, at)
    owner = accounts.first_owner(session, at)
    if owner is None:
        raise Refused("there is no owner yet: add a user with the role owner first")
    return owner
