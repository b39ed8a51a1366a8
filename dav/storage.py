"""Radicale's storage plugin: finds what a path names for the device of the present request.

Everything it returns is read-only; creating, moving and deleting never get this far.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from radicale import types
from radicale.item import Item
from radicale.storage import BaseCollection, BaseStorage
from typing_extensions import override

from app.services import books, ledger, sync
from dav import paths
from dav.book import Book, Folder, LazyItem
from dav.visit import Visit, current


class Storage(BaseStorage):
    """Looks up what the present visit may see; a foreign path answers as an absent one."""

    _is_collision_free = True
    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    @override
    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Callable[[str, str | None], AbstractContextManager[None]]
        | None = None,
        user_groups: AbstractSet[str] = frozenset(),
    ) -> Iterator[types.CollectionOrItem]:
        # A lazy generator: Radicale asks for the principal on every request and takes one.
        visit = current.get()
        place = paths.place(path)
        if place.device not in {"", visit.device}:
            return
        if not place.device:
            yield Folder("", "Kustod")
        elif not place.book:
            yield Folder(visit.device, visit.device_name)
            if depth != "0":
                yield from (_book(visit, handle) for handle in visit.books)
        else:
            yield from _in_book(visit, place, depth)

    @override
    @contextmanager
    def acquire_lock(self, mode: str, user: str = "", *args: Any, **kwargs: Any) -> Iterator[None]:
        # Snapshots and short transactions stand in for one lock over everything.
        yield

    @override
    def move(self, item: Item, to_collection: BaseCollection, to_href: str) -> None:
        raise PermissionError("books are not changed by moving")

    @override
    def create_collection(
        self,
        href: str,
        items: Any = None,
        props: Mapping[str, str] | None = None,
    ) -> Any:
        raise PermissionError("books are not made by clients")

    @override
    def verify(self) -> bool:
        return True


def _book(visit: Visit, handle: books.Handle) -> Book:
    return Book(visit, ledger.reconcile(visit.sessions, handle, visit.at), None)


def _in_book(visit: Visit, place: paths.Place, depth: str) -> Iterator[types.CollectionOrItem]:
    handle = visit.book(place.book)
    if handle is None:
        return
    if place.is_card:
        served = sync.cards(visit.sessions, handle, [place.href], visit.at).get(place.href)
        if served is not None:
            book = Book(visit, handle, [(served.href, served.etag)])
            yield LazyItem(book, served.href, served.etag)
    elif depth == "0":
        yield _book(visit, handle)
    else:
        handle, listing = sync.listing(visit.sessions, handle, visit.family, visit.at)
        book = Book(visit, handle, listing)
        yield book
        yield from book.get_all()
