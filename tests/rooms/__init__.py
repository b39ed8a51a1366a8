"""Every page and every form of the portal, with an address and what each of the cast gets there.

One module a page family, found by its name; `ROOMS` lists the pages, `DEEDS` the forms,
`OUTSIDE` the pages for people without an account. The
tests of pages (tests/web/test_rooms.py, tests/e2e/test_rooms.py) walk through all of them.
"""

from importlib import import_module
from pathlib import Path

from tests.rooms.room import Deed, Outside, Room

_FAMILIES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in {"__init__", "room", "world"}
)
_MODULES = [import_module(f"tests.rooms.{name}") for name in _FAMILIES]
ROOMS: list[Room] = [room for module in _MODULES for room in module.ROOMS]
DEEDS: list[Deed] = [deed for module in _MODULES for deed in module.DEEDS]
OUTSIDE: list[Outside] = [room for module in _MODULES for room in getattr(module, "OUTSIDE", [])]
