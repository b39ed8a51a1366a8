"""Radicale's rights plugin: a device may read below its own path, and nothing else.

Which contacts it sees is decided by what the storage returns: Radicale gives an item only the
rights of its collection, so that per-contact visibility cannot live here.
"""

from radicale.pathutils import strip_path
from radicale.rights import BaseRights
from typing_extensions import override


class Rights(BaseRights):
    """The login owns the first part of the path; `W` is never granted."""

    @override
    def authorization(self, user: str, user_groups: set[str], path: str) -> str:
        first = strip_path(path).split("/")[0]
        return "Rr" if user and first in {"", user} else ""
