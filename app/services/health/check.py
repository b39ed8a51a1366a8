"""One thing that the doctor looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, how it is, and a sentence about it that says what to do.

    A note is nothing wrong, and still worth a person's while.
    """

    name: str
    is_ok: bool
    detail: str
    is_note: bool = False


def well(name: str, detail: str) -> Check:
    """As it should be."""
    return Check(name, is_ok=True, detail=detail)


def wrong(name: str, detail: str) -> Check:
    """Somebody has to do something; the detail says what."""
    return Check(name, is_ok=False, detail=detail)


def note(name: str, detail: str) -> Check:
    """As it may be, with something that a person should know."""
    return Check(name, is_ok=True, detail=detail, is_note=True)


def words(error: Exception) -> str:
    """What an exception says, in its first line: the others quote SQL."""
    cause = getattr(error, "orig", None) or error
    return next(iter(str(cause).strip().splitlines()), type(error).__name__)
