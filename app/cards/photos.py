"""Portraits: whatever picture comes in, one small plain JPEG goes out."""

import io
import struct
import warnings

from PIL import Image, ImageOps

from app.cards.card import Photo

MIME = "image/jpeg"
_SIDE = 512
_BYTES = 100_000
# A 12-megapixel camera's picture: 50 MB once unpacked, for a moment.
_PIXELS = 12_500_000
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
_ATTEMPTS = ((_SIDE, 85), (_SIDE, 60), (_SIDE, 35), (_SIDE // 2, 35))

# All of these come out of Pillow's readers for files that are damaged or made to harm; the
# warnings where warnings are errors.
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    TypeError,
    ArithmeticError,
    LookupError,
    struct.error,
    Image.DecompressionBombError,
    Warning,
)

# The markers that our own encoder writes: JFIF, tables, baseline frame, scan (ITU-T T.81, B.1).
_JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
_SCAN = 0xDA
_PLAIN_MARKERS = frozenset({0xE0, 0xDB, 0xC0, 0xC4})
_END = b"\xff\xd9"


def portrait(data: bytes) -> Photo | None:
    """The picture as a JPEG of at most 512 px and 100 kB without metadata, or None if it is none.

    What already has that form is left as it is: a photo that a phone sends back unchanged must
    not become another one.
    """
    try:
        with _opened(data) as picture:
            if picture.width * picture.height > _PIXELS:
                return None
            if _is_plain(data, picture):
                picture.load()
                return Photo(MIME, data)
            return Photo(MIME, _encoded(picture))
    except _DAMAGED:
        return None


def _opened(data: bytes) -> Image.Image:
    """The picture, nothing of it unpacked. Pillow only warns of a size that we refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=_FORMATS)


def _is_plain(data: bytes, picture: Image.Image) -> bool:
    """Whether the file is as our encoder writes it, with nothing before, between or after."""
    if len(data) > _BYTES or max(picture.size) > _SIDE or not data.startswith(_JFIF):
        return False
    position = 2
    while data[position : position + 1] == b"\xff" and data[position + 1] in _PLAIN_MARKERS:
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    if data[position : position + 2] != bytes((0xFF, _SCAN)):
        return False
    return data.find(_END, position) == len(data) - len(_END)


def _encoded(picture: Image.Image) -> bytes:
    """The first attempt that fits; the last one always does."""
    picture.draft("RGB", (_SIDE, _SIDE))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    attempts = (_jpeg(upright, side, quality) for side, quality in _ATTEMPTS)
    return next(data for data in attempts if len(data) <= _BYTES)


def _jpeg(upright: Image.Image, side: int, quality: int) -> bytes:
    upright.thumbnail((side, side))
    # A new picture carries no EXIF, profile or comment; white is behind transparency.
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright)
    target = io.BytesIO()
    canvas.save(target, "JPEG", quality=quality)
    return target.getvalue()
