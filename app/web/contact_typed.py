"""Names and birthdays as people type them."""

import re

from app.cards.dates import birthday

_PARTICLES = frozenset({"von", "van", "de", "der", "den", "di", "da", "la", "le", "zu"})
_NO_YEAR = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.", re.ASCII)
_INITIAL = 2


def day(typed: str) -> str:
    """A birthday as we keep it, or "" where it is none; `22. 3.` has no year."""
    bare = _NO_YEAR.fullmatch(typed.strip())
    return birthday(f"--{int(bare[2]):02}-{int(bare[1]):02}" if bare else typed)


def typed_day(kept: str) -> str:
    """A birthday as one types it."""
    year, _, rest = kept.rpartition("-")[0].rpartition("-")
    if not kept:
        return ""
    said = f"{int(kept[-2:])}. {int(rest)}."
    return said if year in {"", "-"} else f"{said} {year}"


def split_name(typed: str) -> dict[str, str]:
    """The parts of a name as people write it: titles, first names, surname, titles behind."""
    front, _, suffix = typed.partition(",")
    words = front.split()
    titles = 0
    while titles < len(words) - 1 and words[titles][-1] == "." and len(words[titles]) > _INITIAL:
        titles += 1
    rest = words[titles:]
    cut = max(len(rest) - 1, 0)
    while cut > 1 and rest[cut - 1].casefold() in _PARTICLES:
        cut -= 1
    given, family = (rest[:cut], rest[cut:]) if cut else (rest, [])
    parts = {"prefix": words[:titles], "given": given, "family": family}
    return {name: " ".join(part) for name, part in parts.items()} | {"suffix": suffix.strip()}
