"""The number on a blank, and the square code that carries it.

The code is the public address of the notice; behind its # stand the collection point and the
number, so that a person who reads it with his phone sees what he signs.
"""

import re
from dataclasses import dataclass

import zxingcpp

from app.errors import Invalid
from app.services import proof_files

_DIGITS = 6
_CODE = re.compile(r"/p/notices/([^/#]+/[a-z]{2}/\d{1,9})#k=([^.#]{1,80})\.(\d{7,12})")


@dataclass(frozen=True, slots=True)
class Code:
    """What the code on a blank says: the notice as KEY/LANGUAGE/VERSION, the point, the number."""

    notice: str
    point: str
    serial: str

    def text(self, base_url: str) -> str:
        """As it is printed."""
        return f"{base_url}/p/notices/{self.notice}#k={self.point}.{self.serial}"


def written(number: int) -> str:
    """The number of a blank with its check digit (Luhn, ISO/IEC 7812-1)."""
    digits = f"{number:0{_DIGITS}}"
    return f"{digits}{_check(digits)}"


def read(typed: str) -> int:
    """The number that somebody typed off a blank. Raises Invalid for a slip."""
    digits = re.sub(r"[\s-]", "", typed)
    is_number = digits.isascii() and digits.isdecimal() and _DIGITS < len(digits) <= 2 * _DIGITS
    if not is_number or _check(digits[:-1]) != digits[-1]:
        raise Invalid("serial", "this is not the number of a blank")
    return int(digits[:-1])


def found_on(data: bytes) -> Code | None:
    """The code on a picture, or None where there is none, or more than one."""
    picture = proof_files.picture(data).convert("L")
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    seen = {one.text for one in zxingcpp.read_barcodes(picture, formats=formats)}
    codes = [found for text in seen if (found := _CODE.search(text)) is not None]
    return Code(*codes[0].groups()) if len(codes) == 1 else None


def _check(digits: str) -> str:
    """Luhn: doubled from the right, every second one."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return str(-total % 10)
