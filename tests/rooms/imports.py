"""Uploading a file: the steps on the way, and the page of an import in each of its states."""

from collections.abc import Callable
from itertools import islice

from app.imports import files
from app.imports.reading import Reading
from app.models import Heartbeat
from app.queries import instances
from app.services import imports, job_steps, jobs, waiting_files
from app.services.waiting_files import Sent
from tests import factories as make
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World
from tests.services.scene import acting

CARDS = """BEGIN:VCARD
VERSION:3.0
N:Novotný;Karel;;;
FN:Karel Novotný
TEL;TYPE=CELL:+420 777 123 456
EMAIL:karel@example.org
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:Žlutá;Žofie;;Ing.;
FN:Žofie Žlutá
ORG:Stavebniny Příbor
TEL;TYPE=CELL:605 203 938 (jen ráno)
END:VCARD
BEGIN:VCARD
VERSION:3.0
KIND:group
FN:Stavba
END:VCARD
"""
TABLE = """Jméno;Příjmení;Firma;IČO;Telefon do práce;Mobil;E-mail;Ulice;Město;PSČ;Oblíbená barva
Příliš;Žluťoučký;Kůň a syn;27082440;543 210 001;605 203 938;zluty@k.cz;Úpatní 3;Brno;60200;modrá
Šárka;Chalupová;;;;777 123 456;sarka@example.org;;;;
Petr;"Nezavřený;;;;;;;;;
Ondřej;Žák;Hutní montáže;;;724 000 111;;Ďáblická 7;Brno;602 00;černá
"""


def sent(world: World, text: str, name: str, *, is_checked: bool = True) -> str:
    """The name of a file that Olga has sent."""
    data, at, who = (
        text.encode("cp1250" if name.endswith("csv") else "utf-8"),
        world.at,
        acting(world.olga),
    )
    reading = files.guess(data)
    with world.portal.sessions.write() as session:
        kept = Sent(name, data, "Starý telefon", reading.as_data(), files.count(data, reading))
        file = waiting_files.keep(session, who, world.directory.id, kept, at).public_id
        if is_checked:
            found = files.records(data, reading.as_data())
            report = imports.rehearse(session, who, world.directory.id, found, "x", at)
            waiting_files.note_check(session, who, file, report, at)
    return file


def cards(world: World) -> str:
    return sent(world, CARDS, "kontakty.vcf")


def table(world: World) -> str:
    return sent(world, TABLE, "kontakty.csv")


def begun(world: World) -> str:
    file = table(world)
    with world.portal.sessions.write() as session:
        return waiting_files.start(session, acting(world.olga), file, world.at).public_id


def alive(world: World) -> None:
    with world.portal.sessions.write() as session:
        session.merge(Heartbeat(name=instances.WORKER, at=world.at))


def worked(world: World, job: str, steps: int | None = None) -> str:
    """The job, worked on for so many steps, or to its end."""
    with world.portal.sessions.write() as session:
        claim = jobs.claim(session, world.at)
    assert claim is not None
    running = job_steps.run(
        world.portal.sessions, claim, files.records, lambda: world.at, lambda _seconds: None, 2
    )
    list(islice(running, steps))
    return job


def undone(world: World) -> str:
    job = worked(world, begun(world))
    with world.portal.sessions.write() as session:
        jobs.take_back(session, acting(world.olga), 1, world.at)
    return worked(world, job)


def page(make: Callable[[World], str], step: str = "") -> Callable[[World], str]:
    return lambda world: f"/imports/{make(world)}{step}"


def form(world: World) -> str:
    """With an import under it."""
    worked(world, begun(world))
    return f"/directories/{world.directory.slug}/import"


def several(world: World) -> str:
    """Two directories into which Olga may upload."""
    with world.portal.sessions.write() as session:
        make.grant(session, make.directory(session), world.olga, can="read,edit")
    return "/imports/new"


def waiting(world: World) -> str:
    alive(world)
    return begun(world)


def forsaken(world: World) -> str:
    job = begun(world)
    world.portal.clock.tick(minutes=2)
    return job


def running(world: World) -> str:
    alive(world)
    return worked(world, begun(world), 1)


def upload(world: World) -> str:
    return f"/directories/{world.directory.slug}/import"


def columns(world: World) -> dict[str, str]:
    fields = Reading.of(files.guess(TABLE.encode()).as_data()).fields
    return {f"field-{n}": field for n, field in enumerate(fields)}


OLGA = answers("olga")
DONE = answers("olga", done=303)
ROOMS = [
    Room("imports.choose", several, OLGA),
    Room("imports.new", form, answers("olga", "eva jan dora")),
    Room("import_steps.read", page(table, "/read"), OLGA),
    Room("import_steps.columns", page(table, "/columns"), OLGA),
    Room("import_steps.check", page(table, "/check"), OLGA, "table"),
    Room("import_steps.check", page(cards, "/check"), OLGA, "cards"),
    Room("imports.show", page(waiting), OLGA, "waiting"),
    Room("imports.show", page(forsaken), OLGA, "forsaken"),
    Room("imports.show", page(running), OLGA, "running"),
    Room("imports.show", page(lambda w: worked(w, begun(w))), OLGA, "done"),
    Room("imports.show", page(undone), OLGA, "undone"),
]
DEEDS = [
    Deed("imports.upload", upload, lambda _: {}, answers("olga", "eva jan dora", done=422)),
    Deed("import_steps.read_as", page(table, "/read"), lambda _: {"separator": ";"}, DONE),
    Deed("import_steps.match", page(table, "/columns"), columns, DONE),
    Deed("import_steps.check_again", page(table, "/check"), lambda _: {}, DONE),
    Deed("import_steps.start", page(table, "/start"), lambda _: {}, DONE),
    Deed("import_steps.drop", page(table, "/drop"), lambda _: {}, DONE),
    Deed("imports.take_back", page(begun, "/take-back"), lambda _: {}, DONE),
]
