"""What proves a consent, for who may open it."""

import io

from PIL import Image, ImageDraw

from app.models.consent_kinds import ConsentType, EvidenceKind, Expression
from app.services import consent_subjects, consents, evidence, proof_files
from app.services.audit import OPERATOR
from app.services.consent_acts import Act
from app.services.evidence import NewEvidence
from app.services.sessions import actor_of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

OPENERS = "olga dora"
"""The owner, who also manages the directory, and the data protection officer."""


def paper() -> bytes:
    """A page with lines of ink, as a scanner sees it."""
    image = Image.new("RGB", (840, 1188), "white")
    pen = ImageDraw.Draw(image)
    for line in range(14):
        pen.line((90, 140 + 50 * line, 740 - 37 * (line % 4), 140 + 50 * line), (40, 40, 60), 4)
    pen.line([(420 + 18 * x, 980 - (x * 37 % 61)) for x in range(16)], (30, 40, 160), 5)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def kept(world: World, data: bytes | None = None) -> str:
    """The public id of a proof of Karel's request, which is all that it takes here."""
    file = proof_files.sealed(world.portal.ring, data or paper())
    with world.portal.sessions.write() as session:
        new = NewEvidence(EvidenceKind.PAPER_SCAN, file, "office, binder 3")
        row = evidence.keep(session, OPERATOR, new, world.at)
        subject = consent_subjects.of_contact(session, world.contact.id, world.at)
        act = Act(
            ConsentType.GIVEN,
            world.directory.purpose_id,
            evidence_ids=(row.id,),
            expression=Expression.SIGNATURE,
        )
        consents.record(session, OPERATOR, subject, act, world.at)
        return row.public_id


def opened(world: World, who: str, data: bytes | None = None) -> str:
    """The address of a proof that one of them has opened."""
    name = kept(world, data)
    with world.portal.sessions.write() as session:
        said = "The person disputes the consent."
        row = evidence.unlock(session, actor_of(world.one(who).id), name, said, world.at)
        return f"/evidence/openings/{row.public_id}"


def open_before(world: World) -> str:
    """The page of a proof that somebody opened already."""
    name = kept(world)
    with world.portal.sessions.write() as session:
        said = "The person disputes the consent."
        evidence.unlock(session, actor_of(world.dora.id), name, said, world.at)
    return f"/evidence/{name}"


ROOMS = [
    Room("evidence.open", lambda w: f"/evidence/{kept(w)}", answers(OPENERS)),
    Room("evidence.open", open_before, answers(OPENERS), "opened before"),
    Room("evidence.look", lambda w: opened(w, "olga"), answers("olga")),
    Room("evidence.look", lambda w: opened(w, "dora", b"%PDF-1.7 x"), answers("dora"), "pdf"),
    Room("evidence.file", lambda w: f"{opened(w, 'olga')}/file", answers("olga"), is_page=False),
]
DEEDS = [
    Deed(
        "evidence.unlock",
        lambda w: f"/evidence/{kept(w)}",
        lambda _: {"reason": "The person disputes the consent."},
        answers(OPENERS, done=303),
    ),
]
