"""Files that prove something: told by their content, cleaned, and sealed with the evidence key.

Pictures are painted anew, so that nothing hides in them and no metadata stay. The sealed bytes
open only with a key that never lies in the database, and only as the file that they were.
"""

import hashlib
import io
import re
import secrets
import struct
import warnings
from dataclasses import dataclass

import pillow_heif
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, ImageOps

from app.errors import Invalid, Refused
from app.keys import Key, KeyName, KeyRing

MOST_BYTES = 10_000_000
PICTURE, PDF, MAIL, TEXT, TABLE = (
    "image/jpeg",
    "application/pdf",
    "message/rfc822",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)

# A4 at 300 dots per inch; and what a phone's camera takes, 120 MB for a moment once unpacked.
_SIDE = 3508
_PIXELS = 40_000_000
_QUALITY = 80

_NONCE = 12
_LOOKED_AT = 1024
_STARTS = (
    (re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n"), PICTURE),
    (re.compile(rb".{4}ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)", re.DOTALL), PICTURE),
    (re.compile(rb".{0,1024}?%PDF-", re.DOTALL), PDF),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), "audio/mpeg"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb".{4}ftyp(?:M4A |mp4|isom|3gp)", re.DOTALL), "audio/mp4"),
    (re.compile(rb"PK\x03\x04"), TABLE),
)
_MAIL = re.compile(rb"(?:[\x21-\x39\x3b-\x7e]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){3}")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UNREADABLE = (
    *(OSError, EOFError, ValueError, SyntaxError, TypeError, ArithmeticError, LookupError),
    *(RuntimeError, struct.error, Image.DecompressionBombError, Warning),
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file fit to be kept: `bytes` open with the key `key_id`, if all else is as it was.

    `sha256` is that of the file as it came, `mime` and `size` (bytes) those of what is kept.
    """

    sha256: str
    mime: str
    size: int
    key_id: str
    bytes: bytes


def sealed(keys: KeyRing, data: bytes) -> Sealed:
    """Clean and seal a file. Raises Invalid for what is too large, damaged or of no known kind.

    It takes a moment, so it belongs outside of transactions that write.
    """
    mime, kept = cleaned(data)
    digest = hashlib.sha256(data).hexdigest()
    key = keys.current(KeyName.EVIDENCE)
    nonce = secrets.token_bytes(_NONCE)
    body = _cipher(key).encrypt(nonce, kept, _bound(digest, mime))
    return Sealed(digest, mime, len(kept), key.id, nonce + body)


def unsealed(keys: KeyRing, file: Sealed) -> bytes:
    """What was kept. Raises Refused where the key is lost or the bytes are not what they were."""
    key = keys.find(KeyName.EVIDENCE, file.key_id)
    if key is None:
        raise Refused("the key of this proof is lost; restore keys.json from a backup")
    nonce, body = file.bytes[:_NONCE], file.bytes[_NONCE:]
    try:
        return _cipher(key).decrypt(nonce, body, _bound(file.sha256, file.mime))
    except InvalidTag as error:
        raise Refused("this proof was altered in the database and cannot be opened") from error


def cleaned(data: bytes) -> tuple[str, bytes]:
    """What a file is, and what is kept of it. Raises Invalid as `sealed` does."""
    if not data:
        raise Invalid("file", "it is empty")
    if len(data) > MOST_BYTES:
        raise Invalid("file", f"more than {MOST_BYTES // 1_000_000} MB are not taken")
    mime = _kind(data)
    if not mime:
        raise Invalid("file", "it is no picture, PDF, mail, text, table or recording")
    return mime, _painted(data) if mime == PICTURE else data


def picture(data: bytes) -> Image.Image:
    """The picture upright, in plain colours. Raises Invalid where it is none or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with _opened(data) as found:
                if found.width * found.height > _PIXELS:
                    raise Invalid("file", "the picture has more than 40 million points")
                return _plain(found)
    except _UNREADABLE as error:
        raise Invalid("file", "the picture is damaged") from error


def _kind(data: bytes) -> str:
    start = data[: 2 * _LOOKED_AT]
    known = next((mime for form, mime in _STARTS if form.match(start)), "")
    if known or _NO_TEXT.search(data):
        return known
    return MAIL if _MAIL.match(data) else TEXT


def _opened(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp":
        return pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True).to_pillow()
    found = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    found.draft("RGB", (_SIDE, _SIDE))
    return found


def _plain(found: Image.Image) -> Image.Image:
    found.thumbnail((_SIDE, _SIDE))
    upright = ImageOps.exif_transpose(found).convert("RGBA")
    # A new picture carries no EXIF, profile or comment; white is behind transparency.
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright)
    return canvas


def _painted(data: bytes) -> bytes:
    target = io.BytesIO()
    picture(data).save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _cipher(key: Key) -> AESGCM:
    """AES-256-GCM with a key that serves nothing else."""
    return AESGCM(key.mac(b"evidence store"))


def _bound(digest: str, mime: str) -> bytes:
    return f"{digest}\0{mime}".encode()
