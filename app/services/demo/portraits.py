"""Pictures for contacts that are nobody: initials on a plain ground."""

import io

from PIL import Image, ImageDraw, ImageFont

from app.cards.card import Photo
from app.cards.photos import MIME, portrait

_SIDE = 160
_GROUNDS = ("#14508c", "#1a7f37", "#8a3ffc", "#9a6700", "#b42318", "#0f766e", "#57606a")


def monogram(initials: str, number: int) -> Photo:
    """A small JPEG with these letters; the number chooses the ground."""
    picture = Image.new("RGB", (_SIDE, _SIDE), _GROUNDS[number % len(_GROUNDS)])
    font = ImageFont.load_default(_SIDE * 0.45)
    middle = (_SIDE / 2, _SIDE / 2)
    ImageDraw.Draw(picture).text(middle, initials, fill="white", font=font, anchor="mm")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return portrait(file.getvalue()) or Photo(MIME, file.getvalue())
