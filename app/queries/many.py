"""Many values as one: a statement that stays the same however many ids it is asked with.

An expanding IN is another text for each number of values: SQLAlchemy and the database read it
anew each time. Here the values are one parameter, an array on PostgreSQL and JSON on SQLite.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine
from typing_extensions import override


class _Values(TypeDecorator[Sequence[Any]]):
    """Values of one type as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.of = of

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> list[Any] | None:
        found: list[Any] | None = json.loads(value) if isinstance(value, str) else value
        return found

    @override
    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _Gathered(FunctionElement[Sequence[int]]):
    """All ids of a column as one value; NULL or nothing for none."""

    inherit_cache = True
    type = _Values(BigInteger)


@compiles(_Gathered)
def _gathered(element: _Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(_Gathered, "postgresql")
def _gathered_postgresql(element: _Gathered, compiler: SQLCompiler, **kw: Any) -> str:
    return f"array_agg({compiler.process(element.clauses, **kw)})"


def gathered(column: Any) -> ColumnElement[Sequence[int]]:
    """All ids of this column as one value, None or empty where there are none."""
    return _Gathered(column)


class _Among(FunctionElement[bool]):
    """Whether the first is one of the second."""

    inherit_cache = True
    # As a Boolean it would be written "... = 1" for SQLite, which then uses no index.
    type: TypeEngine[Any] = NullType()


@compiles(_Among)
def _among(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{one} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled clauses


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    one, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{one} = ANY ({values})"


def among(column: Any, name: str, of: type[TypeEngine[Any]] = BigInteger) -> ColumnElement[bool]:
    """Whether the column is one of the values bound to this name."""
    return _Among(column, bindparam(name, type_=_Values(of)))
