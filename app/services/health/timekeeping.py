"""Whether the machine's clock is kept right by anybody: the kernel knows, whoever keeps it.

Asked of the kernel, so that it works without a network and for every time daemon: each of them
tells the kernel (adjtimex(2)). How far the clock is off, nobody here can know.
"""

import ctypes
import ctypes.util
import sys
from collections.abc import Callable

from app.services.health.check import Check, note, well

_UNSYNCHRONISED = 0x40
"""STA_UNSYNC of <sys/timex.h>."""

IsKept = Callable[[], bool | None]
"""Whether somebody keeps the clock; None where the system does not say."""


class _Timex(ctypes.Structure):
    """The beginning of struct timex, with room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 32),
    )


def is_kept() -> bool | None:
    """Ask the kernel; it changes nothing."""
    if sys.platform != "linux":
        return None
    found = _Timex()
    if ctypes.CDLL(ctypes.util.find_library("c")).adjtimex(ctypes.byref(found)) < 0:
        return None
    return not found.status & _UNSYNCHRONISED


def look(kept: bool | None) -> Check:  # noqa: FBT001 - the answer to a question
    """What follows from it. A note at most: a host may keep the clock of its guests unseen."""
    if kept:
        return well("time", "the system keeps its clock right by a time server")
    if kept is None:
        detail = "this system does not say whether anybody keeps its clock right"
        return note("time", f"{detail}: compare it with another one, for access ends by it")
    detail = (
        "nobody keeps the clock of this machine right, and access ends by it: "
        "`apt install systemd-timesyncd`, or see why the time server is not reached"
    )
    return note("time", detail)
