"""Hand-written mistakes in the policy; each must make a test fail.

A mutant replaces one exact text that stands exactly once in its file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One replacement in one file of the policy."""

    file: str
    old: str
    new: str

    @property
    def name(self) -> str:
        words = " ".join(self.old.split())
        return f"{self.file.removesuffix('.py')}: {words} -> {' '.join(self.new.split())}"[:120]


def _file(file: str, *replacements: tuple[str, str]) -> tuple[Mutant, ...]:
    return tuple(Mutant(file, old, new) for old, new in replacements)


def _without(*texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, "") for text in texts)


_TIME = (
    ("and_(start <= at, at < end)", "and_(start < at, at < end)"),
    ("and_(start <= at, at < end)", "and_(start <= at, at <= end)"),
    ("and_(start <= at, at < end)", "start <= at"),
    ("and_(start <= at, at < end)", "at < end"),
    ("Contact.erased_at <= at", "Contact.erased_at < at"),
    ("Contact.erased_at <= at", "Contact.erased_at >= at"),
    ("Contact.merged_at <= at", "Contact.merged_at < at"),
    ("Contact.merged_at <= at", "Contact.merged_at >= at"),
)

_GRANTS = (
    ("Channel.PORTAL: Grant.can_read", "Channel.PORTAL: Grant.can_sync"),
    ("Channel.CARDDAV: Grant.can_sync", "Channel.CARDDAV: Grant.can_read"),
    ("Channel.EXPORT: Grant.can_export", "Channel.EXPORT: Grant.can_read"),
    (
        "Channel.EXPORT: Grant.can_export,\n",
        "Channel.EXPORT: Grant.can_export,\n    Channel.TRANSFER: Grant.can_export,\n",
    ),
    ("TeamMember.user_id == viewer.user_id, live(", "live("),
    ("viewer.user_id, live(TeamMember, at)", "viewer.user_id"),
    ("or_(Grant.user_id == viewer.user_id, Grant.team_id.in_(teams))", "Grant.team_id.in_(teams)"),
    (
        "or_(Grant.user_id == viewer.user_id, Grant.team_id.in_(teams))",
        "Grant.user_id == viewer.user_id",
    ),
    ("homes.where(Grant.scope == Scope.ALL)", "homes"),
    ("homes.where(Grant.scope == Scope.ALL)", "homes.where(Grant.scope == Scope.ASSIGNED)"),
    ("Contact.directory_id.in_(homes), ", ""),
    (", Contact.id.in_(_in_charge(viewer, at))", ""),
    (
        "or_(Grant.scope == Scope.ALL, assigned.correlate(Contact).exists())",
        "assigned.correlate(Contact).exists()",
    ),
    (
        "or_(Grant.scope == Scope.ALL, assigned.correlate(Contact).exists())",
        "Grant.scope == Scope.ALL",
    ),
    (
        "or_(Grant.scope == Scope.ALL, assigned.correlate(Contact).exists())",
        "and_(Grant.scope == Scope.ALL, assigned.correlate(Contact).exists())",
    ),
    (".where(Assignment.contact_id == Contact.id)", ""),
    ("assigned.correlate(Contact).exists())", "assigned.exists())"),
    ("live(Grant, at), _RIGHT[channel]", "_RIGHT[channel]"),
    ("_RIGHT[channel], is_holder(viewer, at)", "is_holder(viewer, at)"),
    ("_RIGHT[channel], is_holder(viewer, at)", "_RIGHT[channel]"),
    ("Assignment.user_id == viewer.user_id, live(Assignment, at)", "live(Assignment, at)"),
    (
        "Assignment.user_id == viewer.user_id, live(Assignment, at)",
        "Assignment.user_id == viewer.user_id",
    ),
    *_without(
        "Grant.directory_id == Contact.directory_id,",
        "            _opening(viewer, channel, at),\n",
    ),
)

_PROJECTS = (
    ("{Channel.PORTAL, Channel.CARDDAV}", "{Channel.PORTAL, Channel.CARDDAV, Channel.EXPORT}"),
    ("{Channel.PORTAL, Channel.CARDDAV}", "{Channel.PORTAL, Channel.CARDDAV, Channel.TRANSFER}"),
    ("{Channel.PORTAL, Channel.CARDDAV}", "{Channel.PORTAL}"),
    ("{Channel.PORTAL, Channel.CARDDAV}", "{Channel.CARDDAV}"),
    ("ProjectMember.project_id == Project.id", "ProjectMember.project_id > 0"),
    ("Participation.project_id == Project.id", "Participation.project_id > 0"),
    ("opened.where(Project.allows_sync) if channel is Channel.CARDDAV else opened", "opened"),
    (
        "(Project.allows_sync) if channel is Channel",
        "(Project.allows_sync) if channel is not Channel",
    ),
    *_without(
        "            Participation.contact_id == Contact.id,\n",
        "            live(Participation, at),\n",
        "            ProjectMember.user_id == viewer.user_id,\n",
        "            live(ProjectMember, at),\n",
        "            within(Project.starts_at, Project.ends_at, at),\n",
    ),
)

_VETOES_ON_CONTACTS = (
    ("Restriction.contact_id == Contact.id, live(Restriction, at)", "live(Restriction, at)"),
    (
        "Restriction.contact_id == Contact.id, live(Restriction, at)",
        "Restriction.contact_id == Contact.id",
    ),
    (
        "LegalBasis.purpose_id == purpose.correlate(Contact).scalar_subquery()",
        "LegalBasis.purpose_id > 0",
    ),
    (
        "purpose_id).where(Directory.id == Contact.directory_id)",
        "purpose_id).where(Directory.id > 0).limit(1)",
    ),
    ("or_(Contact.kind == ContactKind.PERSON, Contact.is_sole_trader)", "Contact.is_sole_trader"),
    ("ContactKind.PERSON, Contact.is_sole_trader)", "ContactKind.PERSON)"),
    ("ContactKind.PERSON", "ContactKind.ORGANISATION"),
    ("and_(natural, not_(basis.exists()))", "not_(basis.exists())"),
    ("and_(natural, not_(basis.exists()))", "and_(natural, basis.exists())"),
    ("and_(natural, not_(basis.exists()))", "natural"),
    *_without(
        "            LegalBasis.contact_id == Contact.id,\n",
        "            live(LegalBasis, at),\n",
    ),
)

_VETOES_ON_VIEWERS = (
    ("SuspensionKind.DISABLED", "SuspensionKind.SYNC"),
    ("SuspensionKind.SYNC", "SuspensionKind.DISABLED"),
    ("Suspension.user_id == viewer.user_id, Suspension.kind", "Suspension.kind"),
    ("Suspension.kind == kind, live", "live"),
    ("Suspension.kind == kind, live(Suspension, at)", "Suspension.kind == kind"),
    (
        "is not Channel.CARDDAV:\n        return false()\n    return _suspended",
        "is Channel.CARDDAV:\n        return false()\n    return _suspended",
    ),
    ("channel is not Channel.CARDDAV or viewer.device_id is None", "viewer.device_id is None"),
    ("            Device.id == viewer.device_id,\n", ""),
    ("            Device.user_id == viewer.user_id,\n", ""),
    ("            within(Device.enrolled_at, Device.stopped_at, at),\n", ""),
    (
        "return not_(\n        exists().where(\n            Device",
        "return (\n        exists().where(\n            Device",
    ),
    (
        "is not Channel.CARDDAV:\n        return false()\n    managed",
        "is None:\n        return false()\n    managed",
    ),
    ("Device.id == viewer.device_id, Device.is_managed", "Device.is_managed"),
    ("Device.id == viewer.device_id, Device.is_managed", "Device.id == viewer.device_id"),
    ("Directory.id == Contact.directory_id,\n        or_(", "or_("),
    ("            Directory.sync_policy == SyncPolicy.NEVER,\n", ""),
    ("Directory.sync_policy == SyncPolicy.MANAGED, not_(managed)", "not_(managed)"),
    ("SyncPolicy.MANAGED, not_(managed)", "SyncPolicy.MANAGED, managed"),
    ("SyncPolicy.MANAGED, not_(managed)", "SyncPolicy.MANAGED"),
)

_WHOLE = (
    ("(directory_grant, open_project)", "(open_project,)"),
    ("(directory_grant, open_project)", "(directory_grant,)"),
    *_without(
        "    erased,\n",
        "    restricted,\n",
        "    merged_away,\n",
        "    no_legal_basis,\n",
        "    viewer_disabled,\n",
        "    sync_stopped,\n",
        "    device_not_active,\n",
        "    directory_keeps_off_phones,\n",
    ),
    ("for clause in GRANTS)),\n        not_(", "for clause in VETOES)),\n        not_("),
    ("return and_(\n        or_(false()", "return or_(\n        or_(false()"),
    ("not_(or_(false(), *", "(or_(false(), *"),
    ("is_visible=bool(held[0])", "is_visible=bool(held[1])"),
    ('("veto", c) for c in VETOES', '("grant", c) for c in VETOES'),
    (".where(Contact.id == contact_id)", ".limit(1)"),
    ("row or (False,)", "row or (True,)"),
)

_FIELDS = (
    ("{Channel.CARDDAV: Profile.CALLER}", "{Channel.CARDDAV: Profile.FULL}"),
    ("{Channel.CARDDAV: Profile.CALLER}", "{Channel.PORTAL: Profile.CALLER}"),
    ("func.max(given)", "func.min(given)"),
    ("func.max(Project.fields)", "func.min(Project.fields)"),
    ('return f"max(', 'return f"min('),
    ('return f"min(', 'return f"max('),
    ("default), else_=Grant.fields", "default), else_=default"),
    ("if channel is Channel.CARDDAV and viewer", "if viewer"),
    ("Device.id == viewer.device_id", "Device.user_id == viewer.user_id"),
    ("widest = Narrowest(widest, ", "widest = Narrowest("),
    ("if channel is not Channel.CARDDAV:", "if channel is Channel.CARDDAV:"),
    ("if is_natural else", "if not is_natural else"),
    ('frozenset({"note", "registration_number", "tax_number"})', 'frozenset({"note"})'),
    (
        'return fields - (NEVER_ON_PHONES if is_natural else frozenset({"note"}))',
        "return fields - (NEVER_ON_PHONES if is_natural else frozenset())",
    ),
    ('MINIMAL = CALLER | {"title", "role", "emails"}', 'MINIMAL = CALLER | {"title", "note"}'),
)

_ACTIONS = (
    ("Action.EDIT: Grant.can_edit", "Action.EDIT: Grant.can_manage"),
    ("Action.SYNC: Grant.can_sync", "Action.SYNC: Grant.can_read"),
    ("Action.EXPORT: Grant.can_export", "Action.EXPORT: Grant.can_read"),
    ("Action.MANAGE: Grant.can_manage", "Action.MANAGE: Grant.can_edit"),
    ("Action.SHARE: Grant.can_manage", "Action.SHARE: Grant.can_edit"),
    ("SuspensionKind.DISABLED", "SuspensionKind.SYNC"),
    (
        "return and_(grant.correlate(Directory), not_(_disabled(viewer, at)))",
        "return grant.correlate(Directory)",
    ),
    *_without(
        "        Suspension.user_id == viewer.user_id,\n",
        "        Suspension.kind == SuspensionKind.DISABLED,\n",
        "        live(Suspension, at),\n",
        "        live(Grant, at),\n",
        "        _RIGHT[action],\n",
        "        is_holder(viewer, at),\n",
        "        Grant.scope == Scope.ALL,\n",
    ),
    ("Grant.directory_id == Directory.id,\n", "Grant.directory_id > 0,\n"),
)

_STANDING = (
    ("UserRole.user_id == viewer.user_id, ", ""),
    (", UserRole.role.in_(roles)", ""),
    ("return and_(held, not_(_disabled(viewer, at)))", "return held"),
    (
        "in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at)",
        "in_role(viewer, RoleName.OWNER, at=at)",
    ),
    (
        "in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at)",
        "in_role(viewer, RoleName.DPO, at=at)",
    ),
    ("Grant.directory_id == Directory.id, live(Grant, at), ", "live(Grant, at), "),
    ("live(Grant, at), is_holder(viewer, at)\n", "is_holder(viewer, at)\n"),
    ("live(Grant, at), is_holder(viewer, at)\n", "live(Grant, at)\n"),
    (
        "granted = and_(grant.correlate(Directory), not_(_disabled(viewer, at)))",
        "granted = grant.correlate(Directory)",
    ),
    ("or_(granted, oversees_directory(viewer, at))", "granted"),
    (".where(ProjectMember.is_lead)", ""),
    ("and_(lead.correlate(Project), not_(_disabled(viewer, at)))", "lead.correlate(Project)"),
    (
        "or_(steers_project(viewer, at), in_role(viewer, RoleName.DPO, at=at))",
        "steers_project(viewer, at)",
    ),
    (
        "and_(_works_in(viewer, at).correlate(Project), not_(_disabled(viewer, at)))",
        "_works_in(viewer, at).correlate(Project)",
    ),
    ("or_(works, oversees_project(viewer, at))", "works"),
    *_without(
        "        ProjectMember.project_id == Project.id,\n",
        "        ProjectMember.user_id == viewer.user_id,\n",
        "        live(ProjectMember, at),\n",
    ),
)

MUTANTS = (
    *_file("visibility.py", *_TIME, *_GRANTS, *_PROJECTS, *_VETOES_ON_CONTACTS),
    *_file("visibility.py", *_VETOES_ON_VIEWERS, *_WHOLE),
    *_file("fields.py", *_FIELDS),
    *_file("actions.py", *_ACTIONS, *_STANDING),
)
