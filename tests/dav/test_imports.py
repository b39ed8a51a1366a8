"""What an import brings goes to phones, and comes back from them when the import is taken back."""

from app.cards.card import Draft, Point
from app.queries import contacts, ledger
from app.services import contacts as writing
from app.services import jobs
from app.services.audit import OPERATOR
from tests.dav.conftest import World
from tests.services.working import File, begun, claimed, done, steps, taken_back

FILE = File(
    *(
        Draft(source_uid=f"u{n}", given="Eva", family=f"Nová{n}", phones=(Point(f"60500000{n}"),))
        for n in range(5)
    )
)


def states(world: World, uid: str) -> list[str]:
    """How far a contact has come on each device that ever had it."""
    with world.sessions.read() as session:
        contact_id = contacts.contact_id(session, uid)
        assert contact_id is not None
        found = ledger.holders(session, contact_id, world.clock.now())
    return [holder.state.value for holder in found]


def test_phones_follow_an_import_and_its_way_back(world: World) -> None:
    phone = world.phone()
    phone.sync()
    job = done(world.sessions, world.directory.id, FILE, at=world.clock.now())
    uids = [row["uid"] for row in job["rows"]]
    assert phone.sync() == set()
    assert {f"Eva Nová{n}" for n in range(5)} < phone.names()

    taken_back(world.sessions, job["id"], FILE, at=world.clock.tick(seconds=1))
    assert [states(world, uid) for uid in uids] == [["due"]] * 5
    assert phone.sync() == {f"{phone.book}{uid}.vcf" for uid in uids}
    assert len(phone.names()) == 3
    phone.sync()
    assert [states(world, uid) for uid in uids] == [["confirmed"]] * 5


def test_a_phone_syncs_between_any_two_steps(world: World) -> None:
    phone = world.phone()
    phone.sync()
    at = world.clock.now()
    job_id = begun(world.sessions, world.directory.id, FILE, at)
    seen = []
    for _ in steps(world.sessions, claimed(world.sessions, job_id, at), FILE, 2, at):
        phone.sync()
        seen.append(len(phone.names()))
    assert seen == [5, 7, 8, 8]


def test_what_stays_on_the_way_back_stays_on_the_phone(world: World) -> None:
    phone = world.phone()
    job = done(world.sessions, world.directory.id, FILE, at=world.clock.now())
    phone.sync()
    with world.sessions.write() as session:
        row = writing.find(session, job["rows"][0]["uid"], world.clock.now())
        writing.edit(session, OPERATOR, row.id, {"title": "mistr"}, world.clock.now())
        jobs.take_back(session, OPERATOR, job["id"], world.clock.now())
    at = world.clock.now()
    list(steps(world.sessions, claimed(world.sessions, job["id"], at), FILE, at=at))
    assert len(phone.sync()) == 4
    assert "Eva Nová0" in phone.names()
