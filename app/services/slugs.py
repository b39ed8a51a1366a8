"""The short name that a thing is given in addresses, made from its name."""

import re
from collections.abc import Container

from app.cards.text import folded

_LENGTH = 40
_OTHER = re.compile(r"[^a-z0-9]+")


def made_from(name: str, taken: Container[str], otherwise: str) -> str:
    """A slug from a name in plain letters, numbered where it is taken.

    `otherwise` stands for a name that has no letter a slug can have.
    """
    plain = _OTHER.sub("-", folded(name).encode("ascii", "ignore").decode()).strip("-")
    stem = plain[:_LENGTH].strip("-") or otherwise
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found
