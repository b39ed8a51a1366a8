"""What papers need before they can be tried: a counter with blanks, and a scanner."""

import io

import segno
from PIL import Image
from sqlalchemy.orm import Session

from app.keys import KeyRing
from app.models import CollectionPoint, PaperPad
from app.queries import paper
from app.services import collecting, paper_serials, papers, proof_files
from app.services.audit import OPERATOR, Actor
from app.services.collecting import NewPoint
from app.services.paper_serials import Code
from app.services.papers import Brought
from tests.services.consenting import Consenting
from tests.services.scene import NOON

BASE = "https://kontakty.example.org"


def counter(scene: Consenting) -> CollectionPoint:
    """A place where the scene's P is asked for on paper."""
    slug = scene.purposes["P"].slug
    new = NewPoint("counter", "Prodejna", slug, [], scene.home.id, [], kind="branch-paper")
    return collecting.add(scene.session, OPERATOR, new, NOON)


def serials(session: Session, pad: PaperPad) -> list[str]:
    """The numbers on the blanks of a pad."""
    return [paper_serials.written(one) for one in paper.numbers(session, pad.public_id)]


def code(session: Session, pad: PaperPad, serial: str) -> Code:
    """What the square code on this blank says."""
    sheet = paper.sheet(session, pad.public_id)
    assert sheet is not None
    return Code(sheet.notice, sheet.key, serial)


def scan(said: Code | None, turned: int = 3) -> bytes:
    """A page as it comes off a scanner, a little askew."""
    page = Image.new("RGB", (1240, 1754), "white")
    if said is not None:
        target = io.BytesIO()
        segno.make_qr(said.text(BASE), error="m").save(target, kind="png", scale=5)
        page.paste(Image.open(target).convert("RGB"), (900, 80))
    page.paste((40, 40, 160), (200, 1500, 700, 1510))
    target = io.BytesIO()
    page.rotate(turned, expand=True, fillcolor="white").save(target, "JPEG", quality=70)
    return target.getvalue()


def brought(scene: Consenting, ring: KeyRing, point: int, data: bytes, by: Actor = OPERATOR) -> str:
    """The public id of a scan in the inbox."""
    file = proof_files.sealed(ring, data)
    new = Brought(file, code=paper_serials.found_on(data))
    return papers.bring_in(scene.session, by, point, new, NOON).public_id
