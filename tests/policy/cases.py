"""The policy as a table of cases: facts, question, verdict, and the clause that decides.

A case is decided by the one grant that holds, by the one veto that holds against a grant, or
by NOTHING_OPENS.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.cards.card import ContactKind
from app.models.kinds import Scope, SyncPolicy
from app.policy import Channel
from tests.factories import LONG_AGO, NOON
from tests.policy.worlds import (
    EARLY,
    JUST_BEFORE,
    LATE,
    Asker,
    AssignmentFact,
    BasisFact,
    DeviceFact,
    GrantFact,
    Holder,
    ProjectFact,
    Subject,
)

NOTHING_OPENS = "nothing_opens"
PORTAL, CARDDAV, EXPORT, TRANSFER = Channel
GRANTED = Subject((GrantFact(),))
SHARED = Subject(projects=(ProjectFact(),))
PERSON = replace(GRANTED, kind=ContactKind.PERSON)
EVA = Asker()


def can(*rights: str) -> Subject:
    return Subject((GrantFact(rights=frozenset(rights)),))


def granted(**facts: object) -> Subject:
    return Subject((replace(GrantFact(), **facts),))  # type: ignore[arg-type]


def shared(**facts: object) -> Subject:
    return Subject(projects=(replace(ProjectFact(), **facts),))  # type: ignore[arg-type]


def assigned(*assignments: AssignmentFact) -> Subject:
    return replace(granted(scope=Scope.ASSIGNED), assignments=assignments)


def phone(**facts: object) -> Asker:
    return Asker(device=replace(DeviceFact(), **facts))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    name: str
    subject: Subject
    channel: Channel
    is_visible: bool
    decided_by: str
    asker: Asker = EVA
    at: datetime = NOON


def shown(name: str, subject: Subject, channel: Channel, by: str, who: Asker = EVA) -> Case:
    return Case(name, subject, channel, True, by, who)


def hidden(name: str, subject: Subject, channel: Channel, by: str, who: Asker = EVA) -> Case:
    return Case(name, subject, channel, False, by, who)


CASES = (
    # --- directory_grant
    shown("read opens the portal", can("read"), PORTAL, "directory_grant"),
    shown("sync opens phones", can("sync"), CARDDAV, "directory_grant"),
    shown("export opens exports", can("export"), EXPORT, "directory_grant"),
    hidden("read is not sync", can("read"), CARDDAV, NOTHING_OPENS),
    hidden("sync is not read", can("sync"), PORTAL, NOTHING_OPENS),
    hidden("read is not export", can("read", "sync"), EXPORT, NOTHING_OPENS),
    hidden("managing is not reading", can("manage", "edit"), PORTAL, NOTHING_OPENS),
    hidden("no right opens a transfer", GRANTED, TRANSFER, NOTHING_OPENS),
    hidden("a stranger sees nothing", Subject(), PORTAL, NOTHING_OPENS),
    hidden("a grant to somebody else", granted(holder=Holder.OTHER), PORTAL, NOTHING_OPENS),
    hidden("a grant on another directory", granted(on_home=False), PORTAL, NOTHING_OPENS),
    shown("a grant to his team", granted(holder=Holder.TEAM), PORTAL, "directory_grant"),
    hidden("a grant to another team", granted(holder=Holder.OTHER_TEAM), PORTAL, NOTHING_OPENS),
    hidden(
        "a team that he has left",
        granted(holder=Holder.TEAM, membership=EARLY),
        PORTAL,
        NOTHING_OPENS,
    ),
    shown(
        "a team that he joins this instant",
        granted(holder=Holder.TEAM, membership=LATE),
        PORTAL,
        "directory_grant",
    ),
    hidden("a grant ends at its last instant", granted(period=EARLY), PORTAL, NOTHING_OPENS),
    replace(
        shown("a grant holds just before", granted(period=EARLY), PORTAL, "directory_grant"),
        at=JUST_BEFORE,
    ),
    shown("a grant begins at its first instant", granted(period=LATE), PORTAL, "directory_grant"),
    replace(
        hidden("a grant of the future", granted(period=LATE), PORTAL, NOTHING_OPENS),
        at=JUST_BEFORE,
    ),
    shown("assigned to him", assigned(AssignmentFact()), PORTAL, "directory_grant"),
    hidden("assigned to nobody", assigned(), PORTAL, NOTHING_OPENS),
    hidden("assigned to another", assigned(AssignmentFact(to_viewer=False)), PORTAL, NOTHING_OPENS),
    hidden("no longer assigned", assigned(AssignmentFact(period=EARLY)), PORTAL, NOTHING_OPENS),
    # --- open_project
    shown("both in a project", SHARED, PORTAL, "open_project"),
    shown("a project that syncs", SHARED, CARDDAV, "open_project"),
    hidden("a project that does not sync", shared(allows_sync=False), CARDDAV, NOTHING_OPENS),
    shown("no sync, still the portal", shared(allows_sync=False), PORTAL, "open_project"),
    hidden("nothing received is exported", SHARED, EXPORT, NOTHING_OPENS),
    hidden("nothing received is passed on", SHARED, TRANSFER, NOTHING_OPENS),
    hidden("the project is over", shared(period=EARLY), PORTAL, NOTHING_OPENS),
    shown("the project begins", shared(period=LATE), PORTAL, "open_project"),
    hidden("he has left the project", shared(membership=EARLY), PORTAL, NOTHING_OPENS),
    hidden("he was never in it", shared(membership=None), PORTAL, NOTHING_OPENS),
    hidden("the contact has left it", shared(participation=EARLY), PORTAL, NOTHING_OPENS),
    hidden("the contact never was in it", shared(participation=None), PORTAL, NOTHING_OPENS),
    shown(
        "the project outlives the grant",
        replace(granted(period=EARLY), projects=(ProjectFact(),)),
        PORTAL,
        "open_project",
    ),
    # --- vetoes on the contact
    hidden("erased this instant", replace(GRANTED, erased_at=NOON), PORTAL, "erased"),
    hidden("erased long ago", replace(SHARED, erased_at=LONG_AGO), CARDDAV, "erased"),
    replace(
        shown("not yet erased", replace(GRANTED, erased_at=NOON), PORTAL, "directory_grant"),
        at=JUST_BEFORE,
    ),
    hidden("an objection is weighed", replace(GRANTED, restrictions=(LATE,)), PORTAL, "restricted"),
    hidden("inside a project too", replace(SHARED, restrictions=(LATE,)), CARDDAV, "restricted"),
    shown("it was weighed", replace(GRANTED, restrictions=(EARLY,)), PORTAL, "directory_grant"),
    hidden("merged this instant", replace(GRANTED, merged_at=NOON), EXPORT, "merged_away"),
    hidden("a person without basis", PERSON, PORTAL, "no_legal_basis"),
    hidden("a sole trader too", replace(GRANTED, is_sole_trader=True), PORTAL, "no_legal_basis"),
    shown("a firm needs none", GRANTED, PORTAL, "directory_grant"),
    shown("a basis", replace(PERSON, bases=(BasisFact(),)), PORTAL, "directory_grant"),
    hidden(
        "a consent withdrawn",
        replace(PERSON, bases=(BasisFact(period=EARLY),)),
        PORTAL,
        "no_legal_basis",
    ),
    shown(
        "withdrawn, but a contract holds",
        replace(PERSON, bases=(BasisFact(period=EARLY), BasisFact())),
        PORTAL,
        "directory_grant",
    ),
    hidden(
        "a basis for another purpose",
        replace(PERSON, bases=(BasisFact(same_purpose=False),)),
        PORTAL,
        "no_legal_basis",
    ),
    # --- vetoes on the viewer and his phone
    hidden("disabled", GRANTED, PORTAL, "viewer_disabled", Asker(disabled=(LATE,))),
    shown("disabled once", GRANTED, PORTAL, "directory_grant", Asker(disabled=(EARLY,))),
    hidden("sync stopped", GRANTED, CARDDAV, "sync_stopped", Asker(sync_stopped=(LATE,))),
    shown("only sync", GRANTED, PORTAL, "directory_grant", Asker(sync_stopped=(LATE,))),
    hidden("a phone stopped", GRANTED, CARDDAV, "device_not_active", phone(period=EARLY)),
    hidden("stopped, in a project", SHARED, CARDDAV, "device_not_active", phone(period=EARLY)),
    hidden("somebody else's phone", GRANTED, CARDDAV, "device_not_active", phone(is_own=False)),
    shown("a phone from now on", GRANTED, CARDDAV, "directory_grant", phone(period=LATE)),
    shown("no phone is asking", GRANTED, CARDDAV, "directory_grant", Asker(device=None)),
    shown("a stopped phone, portal", GRANTED, PORTAL, "directory_grant", phone(period=EARLY)),
    hidden(
        "never on phones",
        replace(GRANTED, sync_policy=SyncPolicy.NEVER),
        CARDDAV,
        "directory_keeps_off_phones",
        phone(is_managed=True),
    ),
    hidden(
        "never binds projects",
        replace(SHARED, sync_policy=SyncPolicy.NEVER),
        CARDDAV,
        "directory_keeps_off_phones",
    ),
    hidden(
        "an own phone is not managed",
        replace(GRANTED, sync_policy=SyncPolicy.MANAGED),
        CARDDAV,
        "directory_keeps_off_phones",
    ),
    hidden(
        "no phone is no managed phone",
        replace(GRANTED, sync_policy=SyncPolicy.MANAGED),
        CARDDAV,
        "directory_keeps_off_phones",
        Asker(device=None),
    ),
    shown(
        "a managed phone",
        replace(GRANTED, sync_policy=SyncPolicy.MANAGED),
        CARDDAV,
        "directory_grant",
        phone(is_managed=True),
    ),
    shown(
        "never on phones, still in the portal",
        replace(GRANTED, sync_policy=SyncPolicy.NEVER),
        PORTAL,
        "directory_grant",
    ),
)
