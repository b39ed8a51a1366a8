"""How a file is read: what it is, and for a table its rows, its header and its columns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

MOST_COLUMNS = 200
MOST_ROWS = 100_000


class FileKind(StrEnum):
    """What a file with contacts can be."""

    VCARD = "vcard"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: the line or row on which it begins, from 1, and its cells."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file.

    `header` is the row with the names of the columns, 0 where none has them; `fields` says what
    each column holds.
    """

    kind: FileKind
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header: int = 0
    fields: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The reading as it is kept beside a file."""
        return asdict(self) | {"fields": list(self.fields)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The reading that `as_data` wrote; of a file without any, that of a vCard file."""
        said = {"kind": FileKind.VCARD, **data}
        said["kind"] = FileKind(said["kind"])
        said["fields"] = tuple(said.get("fields", ()))
        return cls(**said)
