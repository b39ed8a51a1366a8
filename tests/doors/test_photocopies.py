"""What proves a consent leaves by no automatic way: no mail, no card, no export carries it.

A picture that can be recognised is the scan of Karel's paper; everything that goes out while
his card is in use is searched for it: as it came, as it was painted anew, as it is sealed;
plain, and in the spellings in which bytes travel in text.
"""

import base64
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from app import dossiers, exports
from app.db import Sessions
from app.models import Blob, Contact, ContactPoint, Grant, OutboxMessage
from app.models.kinds import PointKind, Profile
from app.policy import Viewer
from app.queries import carried
from app.queries import incidents as incident_readers
from app.services import devices, posting, proof_files
from app.services import exports as handing
from app.services.audit import OPERATOR
from app.services.exports import Errand
from app.settings import Settings
from tests.factories import NOON
from tests.portal import open_portal
from tests.rooms.evidence import kept, paper
from tests.rooms.incidents import lost
from tests.rooms.world import World, people
from tests.web.browser import Browser

KAREL = "karel@example.org"


@pytest.fixture
def world(sqlite: Sessions, tmp_path: Path) -> World:
    """Karel can be written to."""
    found = people(open_portal(sqlite, tmp_path))
    mail = {"kind": PointKind.EMAIL, "value": KAREL, "norm": KAREL, "position": 0}
    found.portal.add(ContactPoint(contact_id=found.contact.id, **mail))
    return found


def marks(*files: bytes) -> list[bytes]:
    """Pieces out of the middle of each file, which stand in nothing else."""
    return [file[start : start + 30] for file in files for start in (900, len(file) // 2)]


def carries(answer: bytes, pieces: list[bytes]) -> bool:
    """Whether one of the pieces is in it, plain, as base64 at any offset, or as hexadecimal."""
    flat = re.sub(rb"\s|=\r?\n", b"", answer)
    flat_lower = flat.lower()
    for piece in pieces:
        spelled = [base64.b64encode(piece[skip : skip + 27])[:-4] for skip in range(3)]
        if piece in answer or any(text in flat for text in spelled):
            return True
        if piece.hex().encode() in flat_lower:
            return True
    return False


@pytest.fixture
def pieces(world: World) -> list[bytes]:
    """Of the scan as it came, as it was painted anew, and as it lies in the database."""
    data = paper()
    kept(world, data)
    with world.portal.sessions.read() as session:
        (blob,) = session.scalars(select(Blob)).all()
        return marks(data, proof_files.cleaned(data)[1], blob.bytes)


def test_the_search_finds_what_it_is_made_to_find(world: World, pieces: list[bytes]) -> None:
    data = paper()
    _, painted = proof_files.cleaned(data)
    card = base64.encodebytes(b"x" + painted).replace(b"\n", b"\r\n ")
    assert all(carries(one, pieces) for one in (data, painted, card, painted.hex().encode()))
    assert not carries(b"another thing entirely" * 100, pieces)


def test_no_answer_to_a_phone_carries_it(world: World, pieces: list[bytes]) -> None:
    phone = world.portal.phone(world.portal.eva)
    with world.portal.sessions.write() as session:
        devices.find(session, phone.device).wants_photos = True
        session.get_one(Grant, world.portal.grant_id).fields = int(Profile.STANDARD)
        session.get_one(Contact, world.contact.id).photo_sha256 = "p"
        session.add(Blob(sha256="p", mime="image/jpeg", bytes=b"his portrait", created_at=NOON))
    answers = [phone.report(), phone.propfind("D:getetag", "C:address-data", depth="1")]
    phone.sync()
    answers += [phone.request("GET", href) for href in phone.cards]
    answers += [phone.multiget(phone.cards), phone.report(), phone.propfind("D:sync-token")]
    assert any(b"PHOTO" in one.body for one in answers)
    assert not any(carries(one.body, pieces) for one in answers)


def test_no_file_that_is_handed_out_carries_it(world: World, pieces: list[bytes]) -> None:
    lost(world)
    with world.portal.sessions.write() as session:
        viewer, errand = Viewer(world.olga.id), Errand("Tax adviser", "accounts")
        cards = handing.hand_over(session, OPERATOR, viewer, world.directory.id, errand, world.at)
        assert world.contact.public_id in {card.public_id for card in cards}
        (case,) = incident_readers.everything(session, world.at)
        held = carried.of_device(session, case.device_id, case.known_at, case.opened_at, world.at)
        files = [b"".join(exports.vcards(cards)), b"".join(exports.table(cards))]
        files += [write(case, held, world.at) for _, write in dossiers.FORMATS.values()]
    assert held
    assert not any(carries(file, pieces) for file in files)


def posted(world: World) -> list[EmailMessage]:
    """Every mail that was sent about a lost phone and about what Karel asked."""
    lost(world)
    sent: list[EmailMessage] = []
    Browser(world.portal).open("POST", "/p/ask", {"email": KAREL})
    settings = Settings(
        instance=world.portal.app.extensions["kustod"].settings.instance,
        smtp_host="127.0.0.1",
        smtp_security="none",
        smtp_from="kontakty@example.org",
    )

    def deliver(_server: object, message: EmailMessage) -> None:
        sent.append(message)

    while posting.send_next(world.portal.sessions, settings, world.portal.clock.now, deliver):
        pass
    return sent


def test_no_mail_carries_it(world: World, pieces: list[bytes]) -> None:
    sent = posted(world)
    assert {message["To"] for message in sent} >= {world.dora.email, KAREL}
    assert not any(carries(message.as_bytes(), pieces) for message in sent)
    with world.portal.sessions.read() as session:
        for row in session.scalars(select(OutboxMessage)):
            text = f"{row.subject}{row.body}{row.html}{row.link}"
            assert not carries(text.encode(), pieces)
    assert all(not list(message.iter_attachments()) for message in sent)


def test_no_page_of_the_person_and_no_receipt_carries_it(world: World, pieces: list[bytes]) -> None:
    said = b"".join(message.as_bytes() for message in posted(world))
    mine = re.search(rb"/p/mine/[A-Za-z0-9_-]+", said)
    assert mine is not None
    visitor = Browser(world.portal)
    page = visitor.open("GET", mine[0].decode())
    receipts = sorted(set(re.findall(r"/p/mine/[\w-]+/receipts/[\w-]+", page.text)))
    assert receipts
    answers = [page, *(visitor.open("GET", one) for one in receipts)]
    answers += [visitor.open("GET", f"{one}.json") for one in receipts]
    assert {one.status_code for one in answers} == {200}
    assert not any(carries(one.data, pieces) for one in answers)
