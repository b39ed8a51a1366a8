"""Which fields leave over which channel: profiles, and the widest one that may leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.models import Device, Grant, Project
from app.models.kinds import Profile
from app.policy.viewer import Channel, Viewer
from app.policy.visibility import holding_grants, holding_projects

CALLER = frozenset(
    {
        *("full_name", "family", "given", "additional", "prefix", "suffix", "nickname"),
        *("organisation", "department", "phones"),
    }
)
MINIMAL = CALLER | {"title", "role", "emails"}
STANDARD = MINIMAL | {"addresses", "urls", "ims", "photo"}
FULL = STANDARD | {"birthday", "categories", "note", "registration_number", "tax_number"}

FIELDS = {
    Profile.CALLER: CALLER,
    Profile.MINIMAL: MINIMAL,
    Profile.STANDARD: STANDARD,
    Profile.FULL: FULL,
}

NEVER_ON_PHONES = frozenset({"note", "registration_number", "tax_number"})
"""Notes and identity numbers stay here whatever the profile: every messenger reads a phone."""

_DEFAULT = {Channel.CARDDAV: Profile.CALLER}


class Widest(FunctionElement[int]):
    """The greater of two integers: max() on SQLite, greatest() on PostgreSQL."""

    inherit_cache = True
    type = Integer()


class Narrowest(FunctionElement[int]):
    """The lesser of two integers: min() on SQLite, least() on PostgreSQL."""

    inherit_cache = True
    type = Integer()


@compiles(Widest)
def _widest(element: Widest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(Widest, "postgresql")
def _widest_postgresql(element: Widest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **kw)})"


@compiles(Narrowest)
def _narrowest(element: Narrowest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"min({compiler.process(element.clauses, **kw)})"


@compiles(Narrowest, "postgresql")
def _narrowest_postgresql(element: Narrowest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"least({compiler.process(element.clauses, **kw)})"


def profile(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[int]:
    """The widest profile among the grants and projects that open a Contact; 0 where none does.

    A grant that names no profile gives the channel's default: caller on phones, full
    elsewhere. A device can only narrow.
    """
    default = named_level(Profile.BY_CHANNEL, channel)
    widest: ColumnElement[int] = literal(0)
    grants = holding_grants(viewer, channel, at)
    if grants is not None:
        given = case((Grant.fields == int(Profile.BY_CHANNEL), default), else_=Grant.fields)
        best = grants.with_only_columns(func.max(given), maintain_column_froms=True)
        widest = Widest(widest, func.coalesce(best.scalar_subquery(), 0))
    projects = holding_projects(viewer, channel, at)
    if projects is not None:
        best = projects.with_only_columns(func.max(Project.fields), maintain_column_froms=True)
        widest = Widest(widest, func.coalesce(best.scalar_subquery(), 0))
    if channel is Channel.CARDDAV and viewer.device_id is not None:
        device = select(Device.fields).where(Device.id == viewer.device_id).scalar_subquery()
        widest = Narrowest(widest, func.coalesce(device, int(Profile.FULL)))
    return widest


def named_level(level: int, channel: Channel) -> int:
    """The profile that a grant gives over the channel; BY_CHANNEL stands for the default."""
    return int(_DEFAULT.get(channel, Profile.FULL)) if level == Profile.BY_CHANNEL else level


def fields_of(level: int, channel: Channel, *, is_natural: bool) -> frozenset[str]:
    """The names of the fields that leave with this profile; none for profile 0.

    A firm's registration and tax numbers are public and may go to a phone, a natural
    person's never do; notes never do.
    """
    if level not in {int(known) for known in FIELDS}:
        return frozenset()
    fields = FIELDS[Profile(level)]
    if channel is not Channel.CARDDAV:
        return fields
    return fields - (NEVER_ON_PHONES if is_natural else frozenset({"note"}))
