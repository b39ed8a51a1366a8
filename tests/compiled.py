"""What one process needs to compile only once, however many databases and portals its tests open.

A server compiles its statements and templates once in its life; a test with a database and a
portal of its own would spend most of its time on that.
"""

from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache
from typing_extensions import override

from app.db import Sessions

STATEMENTS = 2_000
_first: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


class Templates(BytecodeCache):
    """Templates as some portal of this process compiled them, by their text."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key] = bucket.checksum, bucket.code


def sharing(opened: Sessions) -> Sessions:
    """The same database, whose engine knows the statements of all others that were given here.

    They are kept by dialect, so all engines of one kind take that of the first, which has seen
    a server of the same version with the same settings.
    """
    engine = opened.engine
    if opened.dialect not in _first:
        with engine.connect():
            pass  # the dialect asks its server who it is
        _first[opened.dialect] = engine.dialect, LRUCache(STATEMENTS)
    engine.dialect, engine._compiled_cache = _first[opened.dialect]
    return opened
