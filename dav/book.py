"""What Radicale sees: the root, the device's principal and a book; frozen within one request."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, overload

from radicale.item import Item
from radicale.storage import BaseCollection
from typing_extensions import override

from app.cards import write
from app.services import sync
from app.services.books import Handle
from dav.visit import Visit


class Folder(BaseCollection):
    """The root or the principal: a collection that holds books, not cards."""

    def __init__(self, path: str, name: str) -> None:
        self._path = path
        self._name = name

    @property
    @override
    def path(self) -> str:
        return self._path

    @property
    @override
    def etag(self) -> str:
        return '"folder"'

    @property
    @override
    def last_modified(self) -> str:
        return ""

    @override
    def get_all(self) -> Iterable[Item]:
        return ()

    @override
    def get_multi(self, hrefs: Iterable[str]) -> Iterable[tuple[str, Item | None]]:
        return ((href, None) for href in hrefs)

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...

    @overload
    def get_meta(self, key: str) -> str | None: ...

    @override
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        meta = self._meta()
        return meta if key is None else meta.get(key)

    def _meta(self) -> dict[str, str]:
        return {"D:displayname": self._name}


class LazyItem(Item):
    """A card whose text is read, with all its siblings at once, only when asked for."""

    def __init__(self, book: "Book", href: str, etag: str) -> None:
        super().__init__(
            collection=book,
            href=href,
            etag=f'"{etag}"',
            uid=href.removesuffix(".vcf"),
            name="VCARD",
            component_name="VADDRESSBOOK",
            text="",
            last_modified="",
            time_range=(0, 0),
        )
        self._book = book

    @override
    def serialize(self) -> str:
        self._text = self._book.texts.get(self.href or "", "")
        return self._text

    @property
    @override
    def vobject_item(self) -> Any:
        self.serialize()
        return super().vobject_item


class Book(Folder):
    """One address book as its device sees it at the instant of the request."""

    def __init__(self, visit: Visit, handle: Handle, listing: list[tuple[str, str]] | None) -> None:
        super().__init__(f"{visit.device}/{handle.key}", "Kustod")
        self._visit = visit
        self._handle = handle
        self._listing = listing

    @override
    def _meta(self) -> dict[str, str]:
        return {"D:displayname": "Kustod", "tag": "VADDRESSBOOK"}

    @cached_property
    def token(self) -> str:
        """What PROPFIND shows as sync-token and as ctag."""
        visit = self._visit
        return sync.shown_token(visit.sessions, visit.ring, self._handle, visit.family)

    @property
    @override
    def etag(self) -> str:
        return self.token

    @override
    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        return self.token, ()

    @cached_property
    def texts(self) -> dict[str, str]:
        """The vCard of every listed card."""
        hrefs = [href for href, _ in self._hrefs()]
        visit = self._visit
        served = sync.cards(visit.sessions, self._handle, hrefs, visit.at)
        return {href: write.write(found.card) for href, found in served.items()}

    def _hrefs(self) -> list[tuple[str, str]]:
        if self._listing is None:
            visit = self._visit
            _, self._listing = sync.listing(visit.sessions, self._handle, visit.family, visit.at)
        return self._listing

    @override
    def get_all(self) -> Iterator[Item]:
        return (LazyItem(self, href, etag) for href, etag in self._hrefs())

    @override
    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        etags = dict(self._hrefs())
        for href in hrefs:
            yield href, LazyItem(self, href, etags[href]) if href in etags else None

    @override
    def has_uid(self, uid: str) -> bool:
        return any(href == f"{uid}.vcf" for href, _ in self._hrefs())
