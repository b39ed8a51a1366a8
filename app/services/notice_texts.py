"""The parts of a notice: which GDPR Art. 13 and 14 demand, and how a text marks them.

A part begins with a heading that names it: `## Who we are {#controller}`.
"""

import re
from collections.abc import Mapping

BLOCKS = (
    "controller",
    "officer",
    "purposes",
    "basis",
    "data",
    "source",
    "recipients",
    "transfers",
    "period",
    "rights",
    "withdrawal",
    "complaint",
    "obligation",
    "automated",
)
"""Every part that has to be there, in the order in which a person reads them."""

_HEADING = re.compile(r"^#{1,6}[^\n]*\{#([a-z]+)\}[ \t]*$", re.MULTILINE)


def parts(body: str) -> dict[str, str]:
    """The parts that a text marks, by name; none where it marks none."""
    pieces = _HEADING.split(body)
    return {name: text.strip() for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def missing(blocks: Mapping[str, str]) -> list[str]:
    """The demanded parts that are absent or empty."""
    return [name for name in BLOCKS if not blocks.get(name, "").strip()]
