"""The words that doors offer a person to choose from; the tables themselves stay inside."""

from app.models import RoleName
from app.models.consent_kinds import ChangeClass, Medium
from app.models.kinds import (
    BasisKind,
    DeviceKind,
    Layout,
    Profile,
    Reply,
    Scope,
    SyncPolicy,
    Verdict,
)
from app.models.requests import Identity, RequestKind, RequestOutcome, RequestWay
from app.services.presets import PRESETS
from app.services.source_kinds import FACTS, IN_FILES, WAYS

ROLES = tuple(role.value for role in RoleName)
PRESET_NAMES = tuple(PRESETS)
BASES = tuple(kind.value for kind in BasisKind)
SYNC_POLICIES = tuple(policy.value for policy in SyncPolicy)
RIGHTS = ("read", "edit", "sync", "export", "manage")
SCOPES = tuple(scope.value for scope in Scope)
PROFILES = tuple(level.name.lower() for level in Profile if level is not Profile.BY_CHANNEL)
LAYOUTS = {layout.value: layout for layout in Layout}
LEVELS = {level.name.lower(): level for level in Profile if level is not Profile.BY_CHANNEL}
DEVICE_KINDS = {kind.value: kind for kind in DeviceKind}
REPLIES = tuple(reply.value for reply in Reply)
MEDIA = tuple(medium.value for medium in Medium if medium is not Medium.USE)
HOWS = tuple(WAYS)
FORMS = ("web-form", "api", "branch-paper")
KEPT = tuple(sorted(FACTS))
FILE_HOWS = IN_FILES
CHANGES = tuple(change.value for change in ChangeClass)
VERDICTS = tuple(verdict.value for verdict in Verdict)
REQUESTS = tuple(kind.value for kind in RequestKind)
REQUEST_WAYS = tuple(way.value for way in RequestWay)
OUTCOMES = tuple(outcome.value for outcome in RequestOutcome)
IDENTITIES = tuple(identity.value for identity in Identity)
