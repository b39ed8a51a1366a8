"""Worlds drawn around a question: giving needs proof, taking back needs nothing.

Whatever is added to shut never reveals, whatever grant is ended never reveals, the
explanation says what the SELECT says, and both say what the oracle says.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from hypothesis import event, example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models.kinds import SyncPolicy
from app.policy import Channel, explain
from tests.factories import NOON
from tests.policy.drawing import bars, channels, few, grants, instants, subjects, worlds
from tests.policy.planting import Planter, answers, plant
from tests.policy.worlds import (
    EARLY,
    RIGHTS,
    Asker,
    DeviceFact,
    GrantFact,
    Period,
    Subject,
    World,
    is_visible,
    opening,
    shutting,
    widest,
)

Change = Callable[[World, datetime], World]


def asked(world: World, **facts: object) -> World:
    return replace(world, asker=replace(world.asker, **facts))  # type: ignore[arg-type]


def about(world: World, **facts: object) -> World:
    return replace(world, subject=replace(world.subject, **facts))  # type: ignore[arg-type]


def stop_phone(world: World, at: datetime) -> World:
    phone = world.asker.device
    if phone is None:
        return world
    return asked(world, device=replace(phone, period=replace(phone.period, end=at)))


SHUTTING: dict[str, Change] = {
    "erase": lambda world, at: about(world, erased_at=min(at, world.subject.erased_at)),
    "merge": lambda world, at: about(world, merged_at=min(at, world.subject.merged_at)),
    "restrict": lambda world, at: about(
        world, restrictions=(*world.subject.restrictions, Period(at))
    ),
    "take the bases": lambda world, _at: about(world, bases=()),
    "call a sole trader": lambda world, _at: about(world, is_sole_trader=True),
    "disable": lambda world, at: asked(world, disabled=(*world.asker.disabled, Period(at))),
    "stop sync": lambda world, at: asked(
        world, sync_stopped=(*world.asker.sync_stopped, Period(at))
    ),
    "stop the phone": stop_phone,
    "keep off phones": lambda world, _at: about(world, sync_policy=SyncPolicy.NEVER),
}


def end_grants(world: World, at: datetime) -> World:
    ended = (replace(g, period=replace(g.period, end=at)) for g in world.subject.grants)
    return about(world, grants=tuple(ended))


def end_projects(world: World, at: datetime) -> World:
    ended = (replace(p, period=replace(p.period, end=at)) for p in world.subject.projects)
    return about(world, projects=tuple(ended))


ENDING: dict[str, Change] = {
    "end the grants": end_grants,
    "end the projects": end_projects,
    "end the assignments": lambda world, _at: about(world, assignments=()),
}


def ask(sessions: Sessions, channel: Channel, at: datetime, *asked: World) -> list[bool]:
    """The policy's verdict on each world; nothing stays in the database."""
    with Session(sessions.engine) as session:
        planter = Planter(session)
        stages = [planter.plant(world.asker, [world.subject]) for world in asked]
        planter.write()
        found = [answers(session, stage, channel, at) for stage in stages]
    return [verdict for one in found for verdict, _ in one.values()]


@given(worlds, st.sampled_from(sorted(SHUTTING)), channels, instants)
def test_what_shuts_never_reveals(
    sessions: Sessions, world: World, what: str, channel: Channel, at: datetime
) -> None:
    before, after = ask(sessions, channel, at, world, SHUTTING[what](world, at))
    event(f"{what}: {before} to {after}")
    assert before or not after


@given(worlds, st.sampled_from(sorted(ENDING)), channels, instants)
def test_what_ends_never_reveals(
    sessions: Sessions, world: World, what: str, channel: Channel, at: datetime
) -> None:
    before, after = ask(sessions, channel, at, world, ENDING[what](world, at))
    event(f"{what}: {before} to {after}")
    assert before or not after


@given(worlds, channels, instants)
@example(World(Asker(), Subject((GrantFact(period=EARLY),))), Channel.PORTAL, NOON)
def test_select_and_explanation_say_what_the_oracle_says(
    sessions: Sessions, world: World, channel: Channel, at: datetime
) -> None:
    with Session(sessions.engine) as session:
        stage = plant(session, world.asker, [world.subject])
        (contact,) = stage.worlds
        selected = answers(session, stage, channel, at)[contact]
        why = explain(session, stage.viewer, contact, channel, at)
    verdict = is_visible(world, channel, at)
    event(", ".join(sorted(shutting(world, channel, at))) or f"visible: {verdict}")
    assert selected == (verdict, widest(world, channel, at))
    assert why.is_visible == verdict
    held = {ruling.name for ruling in why.rulings if ruling.holds}
    assert held == opening(world, channel, at) | shutting(world, channel, at)


equal_grants = few(grants.map(lambda grant: replace(grant, rights=RIGHTS)))
free_askers = st.builds(Asker, bars, st.just(()), st.just(DeviceFact(is_managed=True)))
free_subjects = st.builds(
    lambda subject, given_grants: replace(
        subject, grants=given_grants, projects=(), sync_policy=SyncPolicy.MANAGED
    ),
    subjects,
    equal_grants,
)
free_worlds = st.builds(World, free_askers, free_subjects)


@given(free_worlds, instants)
def test_channels_agree_where_their_rights_agree(
    sessions: Sessions, world: World, at: datetime
) -> None:
    doors = (Channel.PORTAL, Channel.CARDDAV, Channel.EXPORT)
    verdicts = {channel: ask(sessions, channel, at, world) for channel in doors}
    event(f"visible: {verdicts[Channel.PORTAL]}")
    assert len({tuple(verdict) for verdict in verdicts.values()}) == 1
