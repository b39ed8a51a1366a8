"""What is promised of one page or one form."""

from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override

from tests.rooms.world import CAST, World


@dataclass(frozen=True)
class Room:
    """A page: its endpoint, one address of it, and the status each of the cast gets.

    `name` tells two addresses of one endpoint apart; a file or a picture is no page. A picture
    shows what `looker` sees, or else the first who gets in.
    """

    endpoint: str
    address: Callable[[World], str]
    answers: dict[str, int]
    name: str = ""
    is_page: bool = True
    looker: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.endpoint} {self.name}".strip()

    def guest(self) -> str:
        """One of the cast who gets in, and sees what the room is about."""
        return self.looker or next(who for who, status in self.answers.items() if status == 200)


@dataclass(frozen=True)
class Deed:
    """A form: its endpoint, where it goes, what is sent, and the status each of the cast gets."""

    endpoint: str
    address: Callable[[World], str]
    form: Callable[[World], dict[str, str]]
    answers: dict[str, int]
    name: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.endpoint} {self.name}".strip()


@dataclass(frozen=True)
class Outside:
    """A page for people without an account: its endpoint, one address of it, and the status.

    A file is no page.
    """

    endpoint: str
    address: Callable[[World], str]
    status: int = 200
    name: str = ""
    is_page: bool = True

    @override
    def __str__(self) -> str:
        return f"{self.endpoint} {self.name}".strip()


def answers(ok: str, refused: str = "", *, done: int = 200) -> dict[str, int]:
    """Who gets in; who may see the thing and not do this (403); for the rest it is not there."""
    found = dict.fromkeys(CAST, 404)
    found |= dict.fromkeys(refused.split(), 403)
    return found | dict.fromkeys(ok.split(), done)


EVERYBODY = " ".join(CAST)
