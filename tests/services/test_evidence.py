"""Proofs: told by content, cleaned, sealed; opened with a reason by few; erased in time."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import keys
from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import AuditEvent, Blob, RoleName, User, UserRole
from app.models.consent_kinds import EvidenceKind
from app.policy import Viewer
from app.queries import evidence as readers
from app.services import evidence, proof_files
from app.services.audit import OPERATOR
from app.services.evidence import NewEvidence
from app.services.sessions import actor_of
from tests import factories as make
from tests.factories import NOON
from tests.services.consenting import Consenting, stage

RING = keys.generate()
TAG_OF_PLACE = 0x8825


def picture(form: str, exif: bool = False) -> bytes:
    image = Image.new("RGB", (640, 400), "white")
    image.paste((200, 30, 30), (100, 100, 300, 200))
    more = {}
    if exif:
        said = Image.Exif()
        said[0x010F] = "The camera of Karel"
        more = {"exif": said.tobytes()}
    target = io.BytesIO()
    if form == "HEIF":
        pillow_heif.from_pillow(image).save(target, quality=80, **more)
    else:
        image.save(target, form, **more)
    return target.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
def test_a_picture_is_painted_anew_without_what_its_camera_said(form: str) -> None:
    data = picture(form, exif=True)
    assert b"The camera of Karel" in data
    mime, kept = proof_files.cleaned(data)
    assert (mime, b"camera" in kept) == ("image/jpeg", False)
    with Image.open(io.BytesIO(kept)) as found:
        assert (found.format, found.size, dict(found.getexif())) == ("JPEG", (640, 400), {})
        red, green, _ = found.getpixel((200, 150))  # type: ignore[misc]
        assert red > 150 > green


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.7 signed", "application/pdf"),
        (b"From: a@b.cz\r\nTo: c@d.cz\r\nSubject: yes\r\n\r\nYes.", "message/rfc822"),
        ("čas;číslo;text\n".encode("cp1250"), "text/plain"),
        (b"ID3\x04\x00\x00", "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypM4A \x00", "audio/mp4"),
        (b"PK\x03\x04\x14\x00", proof_files.TABLE),
    ],
)
def test_other_files_are_told_by_what_they_hold_and_kept_as_they_are(
    data: bytes, mime: str
) -> None:
    assert proof_files.cleaned(data) == (mime, data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03", "no picture"),
        (b"GIF89a\x01\x00", "no picture"),
        (picture("JPEG")[:300], "damaged"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "damaged"),
        (bytes(proof_files.MOST_BYTES + 1), "10 MB"),
    ],
)
def test_what_is_not_taken(data: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        proof_files.sealed(RING, data)


def test_a_picture_with_too_many_points_is_not_unpacked() -> None:
    target = io.BytesIO()
    Image.new("1", (8_000, 5_001)).save(target, "PNG")
    with pytest.raises(Invalid, match="40 million"):
        proof_files.sealed(RING, target.getvalue())


def test_sealed_bytes_open_only_with_the_key_and_as_the_file_that_they_were() -> None:
    file = proof_files.sealed(RING, b"%PDF-1.7 signed")
    assert b"signed" not in file.bytes
    assert file.sha256 == hashlib.sha256(b"%PDF-1.7 signed").hexdigest()
    assert proof_files.unsealed(RING, file) == b"%PDF-1.7 signed"
    for other in (replace(file, sha256="0" * 64), replace(file, bytes=file.bytes[:-1] + b"x")):
        with pytest.raises(Refused, match="altered"):
            proof_files.unsealed(RING, other)
    with pytest.raises(Refused, match="lost"):
        proof_files.unsealed(keys.generate(), file)


def _scan(session: Session) -> str:
    new = NewEvidence(EvidenceKind.PAPER_SCAN, proof_files.sealed(RING, picture("PNG")))
    return evidence.keep(session, OPERATOR, new, NOON).public_id


def test_a_proof_is_a_file_or_a_place(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        with pytest.raises(Invalid, match="neither a file nor"):
            evidence.keep(session, OPERATOR, NewEvidence(EvidenceKind.PAPER), NOON)
        place = NewEvidence(EvidenceKind.PAPER, original_place="binder 3")
        kept = evidence.keep(session, OPERATOR, place, NOON)
        with pytest.raises(Refused, match="place"):
            evidence.unlock(session, OPERATOR, kept.public_id, "a complaint", NOON)


def test_the_same_file_twice_is_two_blobs_and_none_shows_the_picture(sessions: Sessions) -> None:
    data = picture("PNG")
    _, painted = proof_files.cleaned(data)
    with sessions.write() as session:
        _scan(session)
        _scan(session)
        blobs = session.scalars(select(Blob)).all()
        assert len(blobs) == 2
        assert all(painted[200:240] not in blob.bytes for blob in blobs)
        assert {blob.key_id for blob in blobs} == {RING.current(keys.KeyName.EVIDENCE).id}


@pytest.fixture
def scene(sqlite: Sessions) -> Iterator[Consenting]:
    with sqlite.write() as session:
        yield stage(session)


def _user(scene: Consenting, role: RoleName | None = None, can: str = "") -> User:
    user = make.user(scene.session)
    if role is not None:
        scene.session.add(UserRole(user_id=user.id, role=role))
    if can:
        make.grant(scene.session, scene.home, user, can=can)
    scene.session.flush()
    return user


def test_a_proof_is_opened_by_few_for_a_while_with_a_reason_on_record(scene: Consenting) -> None:
    session, name = scene.session, _scan(scene.session)
    dora = actor_of(_user(scene, RoleName.DPO).id)
    with pytest.raises(Invalid, match="why"):
        evidence.unlock(session, dora, name, "  ", NOON)
    opening = evidence.unlock(session, dora, name, "Karel complains", NOON)
    noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence.open")).one()
    assert (noted.actor_id, noted.detail) == (dora.id, {"opening": opening.id})
    seen = evidence.look(session, RING, dora, opening.public_id, NOON)
    assert (seen.mime, seen.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    later = NOON + readers.LOOKED_AT
    with pytest.raises(NotFound):
        evidence.look(session, RING, dora, opening.public_id, later)
    other = actor_of(_user(scene, RoleName.OWNER).id)
    with pytest.raises(NotFound):
        evidence.look(session, RING, other, opening.public_id, NOON)
    assert [one.reason for one in readers.openings(session, name)] == ["Karel complains"]


@pytest.mark.parametrize(
    ("role", "can", "is_let"),
    [
        (RoleName.OWNER, "", True),
        (RoleName.DPO, "", True),
        (RoleName.ADMIN, "", False),
        (None, "read,edit,sync,export", False),
        (None, "manage", True),
        (None, "", False),
    ],
)
def test_who_may_open_what_proves_a_consent(
    scene: Consenting, role: RoleName | None, can: str, is_let: bool
) -> None:
    session, user = scene.session, _user(scene, role, can)
    scan = NewEvidence(EvidenceKind.PAPER_SCAN, proof_files.sealed(RING, b"%PDF-1.7"))
    kept = evidence.keep(session, OPERATOR, scan, NOON)
    scene.give("P", NOON, evidence_ids=(kept.id,))
    (proofs,) = readers.evidence_of(session, Viewer(user.id), scene.karel.id, NOON).values()
    assert [(one.id, one.is_kept, one.may_open) for one in proofs] == [
        (kept.public_id, True, is_let)
    ]
    assert (readers.find(session, Viewer(user.id), kept.public_id, NOON) is not None) == is_let
    if not is_let:
        with pytest.raises(NotFound):
            evidence.unlock(session, actor_of(user.id), kept.public_id, "why not", NOON)


def test_erased_bytes_are_gone_and_the_digest_stays(sessions: Sessions) -> None:
    with sessions.write() as session:
        name = _scan(session)
        opening = evidence.unlock(session, OPERATOR, name, "a look", NOON)
        row = evidence._found(session, OPERATOR, name, NOON)
        for _ in range(2):
            evidence.erase(session, OPERATOR, [row], NOON)
        assert session.execute(text("SELECT count(*) FROM blob")).scalar_one() == 0
        assert (len(row.sha256), row.erased_at) == (64, NOON)
        with pytest.raises(NotFound):
            evidence.look(session, RING, OPERATOR, opening.public_id, NOON)


def test_a_proof_is_erased_when_its_consent_has_ended_for_long_enough(scene: Consenting) -> None:
    session, day = scene.session, timedelta(days=1)
    new = NewEvidence(EvidenceKind.PAPER_SCAN, proof_files.sealed(RING, b"%PDF-1.7"))
    used, unused = (evidence.keep(session, OPERATOR, new, NOON) for _ in range(2))
    scene.give("P", NOON, evidence_ids=(used.id,))
    later = NOON + evidence.TERM
    assert evidence.sweep(session, later - day) == 0
    assert evidence.sweep(session, later) == 1
    assert (unused.blob_sha256, unused.erased_at) == (None, later)
    assert evidence.sweep(session, later + 900 * day) == 0
    scene.withdraw("P", later)
    assert evidence.sweep(session, later + evidence.TERM - day) == 0
    assert evidence.sweep(session, later + evidence.TERM) == 1
    assert session.scalars(select(Blob)).all() == []
