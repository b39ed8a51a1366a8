"""QR codes as paths for an SVG in the page: nothing is kept, no address serves them."""

from dataclasses import dataclass

import segno

_QUIET = 4


@dataclass(frozen=True, slots=True)
class Qr:
    """The dark modules as the path of an SVG whose side is `size`, quiet zone and all."""

    size: int
    path: str


def code(text: str) -> Qr:
    """The code of a text, with middling correction of errors."""
    made = segno.make_qr(text, error="m")
    rows = enumerate(made.matrix, _QUIET)
    dark = (f"M{x} {y}h1v1h-1z" for y, row in rows for x, bit in enumerate(row, _QUIET) if bit)
    return Qr(len(made.matrix) + 2 * _QUIET, "".join(dark))
