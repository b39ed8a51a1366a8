"""The phones of the demonstration: each syncs as the CardDAV door lets it, at instants that passed.

Nothing here writes a state. A program shows the token that it was given, takes cards over and
comes back with the next one, or it stays away; what the pages say of it is read from that.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.db import Sessions
from app.errors import NotFound
from app.keys import KeyRing
from app.models.kinds import DeviceKind
from app.services import books, devices, incidents, readers, sync
from app.services.audit import Actor
from app.services.demo.company import Company
from app.services.incidents import Known

_IPHONE = "iOS/19.1 (23B85) dataaccessd/1.0"
_MAC = "macOS/16.1 (25B78) AddressBookCore/2700"
_DAVX5 = "DAVx5/4.5.3 (2026/01/12; dav4jvm; okhttp/5.1.0) Android/16"
_THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0"

_KINDS = {
    _IPHONE: DeviceKind.IPHONE,
    _MAC: DeviceKind.MAC,
    _DAVX5: DeviceKind.ANDROID,
    _THUNDERBIRD: DeviceKind.THUNDERBIRD,
}

STOP, LOSE, GIVE_UP = "stop", "lose", "give up"
_KNOWN = Known("yes", "unknown", "Zůstal v dodávce, kterou v noci někdo vykradl.")


@dataclass(frozen=True, slots=True)
class Plan:
    """A phone: whose, since when, which program, and what it and its owner did, in days ago."""

    owner: str
    name: str
    agent: str
    enrolled: float
    syncs: tuple[float, ...] = ()
    acts: tuple[tuple[float, str], ...] = ()
    other_agent: str = ""
    other_syncs: tuple[float, ...] = ()
    is_managed: bool = False
    wants_photos: bool = False


PLANS = (
    Plan("jana", "iPhone Jany", _IPHONE, 252.0, (252.0, 251.9, 120.3, 30.1, 4.2, 0.06)),
    Plan(
        *("petr", "iPhone Petra", _IPHONE, 250.1),
        syncs=(250.1, 250.0, 149.8, 60.2, 16.1, 8.3, 6.3, 6.2, 2.1, 0.1),
        wants_photos=True,
    ),
    Plan("tomas", "Samsung Tomáše", _DAVX5, 240.2, (240.2, 240.1, 100.4, 30.2, 9.1, 5.2)),
    Plan("alena", "iPhone Aleny", _IPHONE, 238.0, (238.0, 237.9, 90.0, 25.3, 12.3)),
    Plan(
        *("radek", "Počítač a mobil Radka", _DAVX5, 230.0),
        syncs=(230.0, 229.9, 180.4, 50.1, 9.2, 6.4, 6.3, 0.3),
        other_agent=_MAC,
        other_syncs=(180.2, 180.1, 40.0, 8.1, 6.1),
    ),
    Plan("lenka", "Samsung Lenky", _DAVX5, 60.4, (60.4, 60.3, 20.2, 3.1, 0.2)),
    Plan(
        *("lenka", "Starý telefon Lenky", _IPHONE, 245.0, (245.0, 244.9, 80.2, 2.6, 1.4)),
        acts=((2.2, STOP),),
    ),
    Plan(
        *("petr", "Tablet na stavbě", _DAVX5, 130.0, (130.0, 129.9, 70.1, 15.2, 4.6)),
        acts=((2.2, LOSE),),
        is_managed=True,
    ),
    Plan(
        *("radek", "Starý telefon Radka", _DAVX5, 244.0, (244.0, 243.9, 120.1, 33.2, 31.1, 31.0)),
        acts=((32.0, STOP),),
    ),
    Plan(
        *("alena", "Thunderbird v kanceláři", _THUNDERBIRD, 236.0, (236.0, 235.9, 110.2)),
        acts=((70.0, STOP), (10.0, GIVE_UP)),
    ),
)
"""In this order: up to date; removal confirmed; told, not confirmed; silent; two programs behind
one password of which one confirmed; up to date; being emptied; lost; emptied; cut off."""

SPARE = Plan("petr", "Zkušební telefon", "", 0.0)
"""The one that nobody has connected: its password is printed for whoever tries."""


@dataclass
class _Program:
    """One program behind a password, with the token that it keeps."""

    agent: str
    token: str = ""


@dataclass
class DemoPhone:
    """A device with the programs that read with its password."""

    device_id: int
    programs: dict[str, _Program] = field(default_factory=dict)

    def sync(self, sessions: Sessions, ring: KeyRing, agent: str, at: datetime) -> None:
        """One whole sync: what `dav.sync` answers, taken over; the sightings written at once."""
        program = self.programs.setdefault(agent, _Program(agent))
        family = readers.family_of(agent)
        with sessions.read() as session:
            book = books.handle(session, self.device_id, devices.MERGED_BOOK)
        if book is None:
            raise NotFound("there is no such device")
        answer = sync.report(sessions, ring, book, program.token, family, at)
        hrefs = [href for href, _ in answer.changed]
        served = sync.cards(sessions, book, hrefs, at).values()
        sync.note_fetch(sessions, book, family, served, at)
        with sessions.write() as session:
            devices.seen(session, self.device_id, agent, at)
            devices.heard_from(session, answer.reader_id, at)
            devices.fetched(session, [one.holding_id for one in served], at)
        program.token = answer.token


def enrol(
    sessions: Sessions, company: Company, plan: Plan, ring: KeyRing, by: Actor, at: datetime
) -> tuple[DemoPhone, str, str]:
    """A new device for the plan's owner; also its public id and its app password."""
    with sessions.write() as session:
        device, password = devices.enrol(
            *(session, by, company.users[plan.owner], plan.name, ring, at),
            is_managed=plan.is_managed,
            wants_photos=plan.wants_photos,
            kind=_KINDS.get(plan.agent, DeviceKind.OTHER),
        )
        return DemoPhone(device.id), device.public_id, password


def act(sessions: Sessions, phone: DemoPhone, what: str, by: Actor, at: datetime) -> None:
    """What a person did to a phone."""
    with sessions.write() as session:
        if what == GIVE_UP:
            devices.give_up(session, by, phone.device_id, at)
        else:
            devices.stop(session, by, phone.device_id, at, is_lost=what == LOSE)
        if what == LOSE:
            incidents.learn_of_device(session, by, phone.device_id, _KNOWN, at)
