"""What one process needs to compile only once, however many databases and portals its tests open.

A server compiles its statements and templates once in its life; a test with a database and a
portal of its own would spend most of its time on that.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache
from typing_extensions import override
from werkzeug.routing import Rule

from app.db import Sessions

STATEMENTS = 2_000
Builder = Callable[..., tuple[str, str]]
_builders: dict[object, Builder] = {}
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


class Address(Rule):
    """A rule that writes its addresses with what an equal one compiled.

    It is nine tenths of assembling a portal. What is compiled takes its rule as an argument.
    """

    @override
    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        key = self.rule, tuple(self._trace), tuple((self.defaults or {}).items()), append_unknown
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


@contextmanager
def untraced() -> Iterator[None]:
    """Work of a library, none of which is ours to measure: while lines are traced, even those
    that nobody counts run at half their speed."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


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
