"""The record of a taking back in words: of a person who left, or of a project that is over."""

from datetime import datetime

from app.queries.backs import Back, DeviceBack, PersonBack, TakeBack
from app.queries.leavers import Departure
from app.queries.presses import Ending
from app.web.papers import Paper
from app.web.portal import portal
from app.web.templating import instant, number
from app.web.texts import gettext, language, later, ngettext


def of_person(left: Departure, back: TakeBack, made_for: str, at: datetime) -> Paper:
    """The record about somebody who left."""
    facts = [
        (gettext("Colleague"), f"{left.name} ({left.email})"),
        (gettext("Account disabled"), _when(left.at)),
        (gettext("By"), left.by or gettext("the operator at the server")),
        (gettext("Why"), left.reason or gettext("not said")),
    ]
    if left.heirs:
        count = {"number": number(left.handed_over), "heirs": ", ".join(left.heirs)}
        said = ngettext(
            "%(number)s contact, to: %(heirs)s",
            "%(number)s contacts, to: %(heirs)s",
            left.handed_over,
            **count,
        )
        facts.append((gettext("Handed over"), said))
    if left.until is not None:
        facts.append((gettext("May sign in again since"), _when(left.until)))
    title = gettext("Record of taking back: %(name)s", name=left.name)
    return _paper(title, facts, back, made_for, at)


def of_project(end: Ending, back: TakeBack, made_for: str, at: datetime) -> Paper:
    """The record about a project that is over."""
    by = gettext("the date that was set when it began")
    if end.at is not None:
        who = end.by or gettext("the operator at the server")
        by = gettext("%(name)s, on %(when)s", name=who, when=_when(end.at))
    facts = [
        (gettext("Project"), end.name),
        (gettext("Over since"), _when(end.ended_at)),
        (gettext("The end was set by"), by),
        (gettext("Why"), end.note or gettext("not said")),
    ]
    title = gettext("Record of taking back: %(name)s", name=end.name)
    return _paper(title, facts, back, made_for, at)


def _paper(
    title: str, facts: list[tuple[str, str]], back: TakeBack, made_for: str, at: datetime
) -> Paper:
    return Paper(
        title=title,
        language=language(),
        made_at=at,
        made=gettext("Record of %(when)s, made for: %(name)s", when=_when(at), name=made_for),
        facts=tuple(facts),
        said=_said(back),
        columns=(gettext("Who"), gettext("Device"), gettext("Contacts"), gettext("State")),
        widths=(17, 18, 12, 53),
        rows=tuple(_row(person, one) for person in back.people for one in person.devices),
        notes=_notes(),
        page=gettext("page %(page)s of %(all)s"),
    )


def _said(back: TakeBack) -> str:
    """The sum of it in sentences."""
    if not back.devices:
        return gettext("There was nothing on any phone.")
    devices, confirmed = len(back.devices), back.counts.get(Back.CONFIRMED, 0)
    if devices == confirmed:
        last = _when(back.confirmed[-1])
        return gettext("Everything has been taken back, confirmed %(when)s.", when=last)
    done = gettext("None has confirmed so far.")
    if confirmed:
        done = ngettext(
            "%(number)s of them has confirmed.",
            "%(number)s of them have confirmed.",
            confirmed,
            number=number(confirmed),
        )
    return " ".join(
        [
            ngettext(
                "%(number)s contact went out.",
                "%(number)s contacts went out.",
                back.cards,
                number=number(back.cards),
            ),
            ngettext(
                "There is %(number)s device in all.",
                "There are %(number)s devices in all.",
                devices,
                number=number(devices),
            ),
            done,
        ]
    )


def _row(person: PersonBack, device: DeviceBack) -> tuple[tuple[str, ...], ...]:
    cards = ngettext(
        "%(number)s contact", "%(number)s contacts", device.cards, number=number(device.cards)
    )
    lines = (_state(device), *_return(device), *_times(device), _readers(device))
    return (person.name,), (device.name,), (cards,), lines


def _state(device: DeviceBack) -> str:
    """The one word that counts, with its instant."""
    if device.state is Back.CONFIRMED:
        return gettext("confirmed %(when)s", when=_or_never(device.confirmed_at))
    if device.state is Back.UNREACHABLE:
        return gettext("unreachable since %(when)s", when=_or_never(device.silent_since))
    if device.state is Back.TOLD:
        return gettext("told %(when)s, not confirmed", when=_or_never(device.told_at))
    if device.state is Back.LISTED:
        return gettext(
            "got a list without them %(when)s; programs of this kind never confirm",
            when=_or_never(device.listed_at),
        )
    if device.state is Back.GIVEN_UP:
        cut = _or_never(device.given_up_at)
        return gettext("cut off %(when)s, not confirmed", when=cut)
    return gettext(_NOT_YET[bool(device.confirmed_by)])


_NOT_YET = {
    False: later("has not connected since"),
    True: later("not every program has connected since"),
}


def _return(device: DeviceBack) -> list[str]:
    """That a phone came back as it was before, where that is why it is not confirmed."""
    if device.came_back_at is None:
        return []
    when = _when(device.came_back_at)
    return [
        gettext(
            "an older state of this phone came back %(when)s: what was confirmed no longer counts"
            " until it has confirmed, too",
            when=when,
        )
    ]


def _times(device: DeviceBack) -> list[str]:
    """What else is known of when."""
    found = []
    if device.told_at is not None and device.state in {Back.UNREACHABLE, Back.GIVEN_UP}:
        found.append(gettext("told %(when)s, not confirmed", when=_when(device.told_at)))
    if device.told_at is not None and device.state is Back.CONFIRMED:
        found.append(gettext("told %(when)s", when=_when(device.told_at)))
    if device.state is not Back.CONFIRMED:
        found.append(gettext("last heard from %(when)s", when=_or_never(device.seen_at)))
    return found


def _readers(device: DeviceBack) -> str:
    done, every = number(device.confirmed_by), number(device.programs)
    return ngettext(
        "confirmed by %(done)s of %(all)s program that reads with its password",
        "confirmed by %(done)s of %(all)s programs that read with its password",
        device.programs,
        done=done,
        all=every,
    )


def _notes() -> tuple[str, ...]:
    return (
        gettext(
            "Confirmed: the program showed what stood only in the answer that named the contacts to"
            " be removed. Told, not confirmed: it was given that answer and has not come back."
            " Unreachable since: it has not been heard from since then and may still have"
            " everything."
        ),
        gettext(
            "What somebody copied outside of the synchronised address book is out of reach, and"
            " nothing is said of it here."
        ),
        gettext("Times are those of the time zone %(zone)s.", zone=portal().settings.timezone),
    )


def _when(at: datetime) -> str:
    return instant(at).striptags()


def _or_never(at: datetime | None) -> str:
    return gettext("never") if at is None else _when(at)
