"""Paths of the CardDAV door: `/dav/<device>/<book>/<card>.vcf` to values and back; pure."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

MOUNT = "/dav"


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names, without saying whether it is there. Empty parts are not given."""

    device: str = ""
    book: str = ""
    href: str = ""

    @property
    def is_card(self) -> bool:
        """Whether it names something within a book."""
        return bool(self.href)

    @property
    def is_book(self) -> bool:
        """Whether it names a book itself."""
        return bool(self.book) and not self.href


def place(path_info: str) -> Place:
    """The place below the mount; what lies below a card has a name that no card can have.

    A path without the mount, as Radicale asks, means the same: a device may be called `dav7x2…`.
    """
    parts = [part for part in f"{path_info}/".removeprefix(f"{MOUNT}/").split("/") if part]
    device, book, *rest = [*parts, "", ""]
    return Place(device, book, "/".join(part for part in rest if part))


def is_impossible(path_info: str) -> bool:
    """Whether nobody can own it: Radicale keeps pages of its own under names with a dot."""
    return path_info.startswith(f"{MOUNT}/.")


def decoded(path_info: str) -> str:
    """WSGI's latin-1 spelling of a path as text; undecodable bytes and NUL become U+FFFD."""
    return _safe(path_info.encode("latin-1", "replace").decode("utf-8", "replace"))


def _safe(path: str) -> str:
    # PostgreSQL refuses NUL in a text; no name has one.
    return path.replace("\0", "\ufffd")


def principal_path(device: str) -> str:
    """The path of a device's principal, which is its home-set too."""
    return f"{MOUNT}/{quote(device)}/"


def book_path(device: str, book: str) -> str:
    """The path of a book."""
    return f"{MOUNT}/{quote(device)}/{quote(book)}/"


def name_in_book(href: str, device: str, book: str) -> str | None:
    """The last part of an href of a request's body, or None where it is not of this book.

    Absolute and relative spellings mean the same; the host is not compared, because clients
    behind a proxy spell it as they see it.
    """
    try:
        path = _safe(unquote(urlsplit(href.strip()).path))
    except ValueError:
        return None
    prefix = unquote(book_path(device, book))
    name = path.removeprefix(prefix)
    return name if path.startswith(prefix) and name and "/" not in name else None
