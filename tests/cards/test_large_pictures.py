"""Pictures as cameras make them: megabytes of base64, which must not cost the card."""

import base64
import io
import random

import pytest
from PIL import Image

from app.cards.lines import PICTURE_BYTES
from app.cards.read import Record, read

HEAD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eva Nová\r\n"
TAIL = "TEL:+420 603 111 222\r\nEND:VCARD\r\n"
NOT_TAKEN = "Left out: a picture that is damaged, too large or of an unknown kind."


def noise(side: int) -> bytes:
    """A JPEG that does not compress, with an EXIF remark."""
    pixels = random.Random(1).randbytes(side * side * 3)  # noqa: S311 - any pixels do
    picture = Image.frombytes("RGB", (side, side), pixels)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=95, exif=exif)
    return target.getvalue()


def folded(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return "\r\n ".join(text[start : start + 74] for start in range(0, len(text), 74))


def card(picture: str) -> Record:
    neighbour = HEAD.replace("Eva", "Ida") + TAIL
    one, other = read((HEAD + picture + TAIL + neighbour).encode())
    assert other.draft is not None
    assert other.draft.full_name == "Ida Nová"
    return one


@pytest.mark.parametrize(
    "start", ["PHOTO;ENCODING=b;TYPE=JPEG:", "PHOTO:data:image/jpeg;base64,", "item1.PHOTO;BASE64:"]
)
def test_a_picture_of_two_megabytes_becomes_a_portrait(start: str) -> None:
    data = noise(1500)
    assert len(data) > 2_000_000
    record = card(f"{start}{folded(data)}\r\n\r\n")
    assert record.draft is not None
    assert record.notes == ()
    assert [point.value for point in record.draft.phones] == ["+420 603 111 222"]
    assert record.draft.photo is not None
    assert len(record.draft.photo.data) <= 100_000
    assert b"taken at home" not in record.draft.photo.data


@pytest.mark.parametrize("line", [74, PICTURE_BYTES + 1])
def test_a_picture_beyond_its_limit_costs_the_picture_alone(line: int) -> None:
    text = "A" * (PICTURE_BYTES + 1)
    lines = "\r\n ".join(text[start : start + line] for start in range(0, len(text), line))
    record = card(f"PHOTO;ENCODING=b:{lines}\r\n")
    assert record.draft is not None
    assert record.draft.photo is None
    assert [point.value for point in record.draft.phones] == ["+420 603 111 222"]
