"""The outbox, for those who run the place."""

from datetime import timedelta

from app.letters import Letter
from app.services import outbox
from app.services.audit import SYSTEM
from app.services.outbox import Cause
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

RUN = "olga adam"
LETTER = Letter(
    "Tento týden končí přístup",
    "Dobrý den,\n\nv příštích dnech končí přístup k adresáři Customers:\n\n"
    "- Jan Dvořák, 6. 5. 2026\n\nProdloužit ho lze v portálu.\n\n-- \nStavby Morava\n",
    "<p>Dobrý den,</p>",
    "cs",
)


def message(world: World) -> str:
    """One that waits."""
    with world.portal.sessions.write() as session:
        row = outbox.write(session, world.olga, LETTER, Cause("ends", "/overview"), world.at)
        return f"/outbox/{row.public_id}"


def silent(world: World) -> str:
    """One that nobody gets: nothing is held under the address that was asked about."""
    with world.portal.sessions.write() as session:
        row = outbox.write_to(session, "", LETTER, Cause("ask"), world.at)
        return f"/outbox/{row.public_id}"


def _tried(world: World, words: str, *, is_final: bool) -> str:
    address = message(world)
    with world.portal.sessions.write() as session:
        claimed = outbox.claim(session, world.at)
        assert claimed is not None
        if words:
            outbox.not_sent(session, claimed, words, world.at, is_final=is_final)
        else:
            outbox.sent(session, claimed, world.at)
    return address


def failed(world: World) -> str:
    """One that the server refused."""
    words = "550 5.1.1 <olga@example.org>: Recipient address rejected: User unknown"
    return _tried(world, words, is_final=True)


def erased(world: World) -> str:
    """One whose text is gone."""
    address = _tried(world, "", is_final=False)
    with world.portal.sessions.write() as session:
        outbox.erase(session, world.at + timedelta(days=31))
    return address


def everything(world: World) -> str:
    """One in each state."""
    erased(world)
    failed(world)
    cancelled = message(world)
    with world.portal.sessions.write() as session:
        name = cancelled.rpartition("/")[2]
        outbox.cancel(session, SYSTEM, name, world.at)
    _tried(world, "451 4.7.1 Greylisted, please come back in five minutes", is_final=False)
    message(world)
    silent(world)
    return "/outbox"


ROOMS = [
    Room("outbox.index", lambda _: "/outbox", answers(RUN)),
    Room("outbox.index", everything, answers(RUN), "in each state"),
    Room("outbox.index", lambda w: everything(w) + "?state=failed", answers(RUN), "failed"),
    Room("outbox.show", message, answers(RUN)),
    Room("outbox.show", failed, answers(RUN), "failed"),
    Room("outbox.show", erased, answers(RUN), "erased"),
    Room("outbox.show", silent, answers(RUN), "to nobody"),
]
DEEDS = [
    Deed("outbox.test", lambda _: "/outbox/test", lambda _: {}, answers(RUN, done=303)),
    Deed("outbox.again", lambda w: failed(w) + "/again", lambda _: {}, answers(RUN, done=303)),
    Deed("outbox.cancel", lambda w: message(w) + "/cancel", lambda _: {}, answers(RUN, done=303)),
]
