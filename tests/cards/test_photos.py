"""Pictures in, small plain JPEGs out."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.cards.photos import portrait
from tests.cards.strategies import image


def opened(data: bytes) -> Image.Image:
    found = portrait(data)
    assert found is not None
    assert found.mime == "image/jpeg"
    assert len(found.data) <= 100_000
    assert portrait(found.data) == found, "a photo sent back unchanged must stay the same"
    picture = Image.open(io.BytesIO(found.data))
    picture.load()
    assert picture.format == "JPEG"
    assert max(picture.size) <= 512
    return picture


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *(("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG")),
        *(("P", "GIF"), ("1", "BMP"), ("RGB", "WEBP"), ("I;16", "PNG")),
    ],
)
def test_every_usual_kind(mode: str, kind: str) -> None:
    assert opened(image(900, 600, kind, mode)).size == (512, 341)


def test_small_pictures_stay_small() -> None:
    assert opened(image(1, 1)).size == (1, 1)
    assert opened(image(300, 1)).size == (300, 1)


def test_noise_is_pressed_until_it_fits() -> None:
    grains = hashlib.shake_128(b"").digest(3_000_000)
    noise = Image.frombytes("RGB", (1000, 1000), grains)
    target = io.BytesIO()
    noise.save(target, "JPEG", quality=95)
    opened(target.getvalue())


def test_metadata_go_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera"
    target = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(target, "JPEG", exif=exif, comment=b"Kamera")
    picture = opened(target.getvalue())
    assert picture.size == (40, 60)
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_nothing_hides_in_a_picture_that_looks_like_ours() -> None:
    found = portrait(image())
    assert found is not None
    scan = found.data.index(b"\xff\xda")
    comment = b"\xff\xfe\x00\x08<html>"
    for hiding in (found.data + b"<html>", found.data[:scan] + comment + found.data[scan:]):
        cleaned = portrait(hiding)
        assert cleaned is not None
        assert b"<html>" not in cleaned.data


def test_transparent_parts_are_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(target, "PNG")
    assert opened(target.getvalue()).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"AAAA",
        b"<svg/>",
        image(kind="TIFF"),
        image()[:60],
        image(4000, 4000, "PNG", "1"),
        b"\xff\xd8\xff\xe0",
    ],
    ids=["empty", "text", "svg", "tiff", "cut", "huge", "head"],
)
def test_what_is_no_bearable_picture(data: bytes) -> None:
    assert portrait(data) is None


@given(
    st.sampled_from([image(kind=kind) for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP")]),
    st.data(),
)
def test_damage_is_refused_or_repaired(whole: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(whole) - 1))
    hurt = whole[:position] + data.draw(st.binary(max_size=8)) + whole[position + 2 :]
    if portrait(hurt) is not None:
        opened(hurt)


def test_a_picture_that_unpacks_to_hundreds_of_megabytes_is_refused_in_silence() -> None:
    target = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(target, "PNG")
    assert portrait(target.getvalue()) is None
