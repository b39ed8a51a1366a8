"""Who asks and when, as values bound when the question is put.

Putting the policy's clauses together takes longer than most databases need to answer, so that
what every page asks is put together once and asked with `{"user": …, "at": …}`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, bindparam

from app.db import Instant
from app.policy import Viewer

WHO = Viewer(bindparam("user", type_=BigInteger))  # type: ignore[arg-type] # asked with values
THROUGH = Viewer(WHO.user_id, bindparam("device", type_=BigInteger))  # type: ignore[arg-type] # as above


def moment(name: str) -> datetime:
    """An instant, to be bound to a value."""
    return bindparam(name, type_=Instant())  # type: ignore[return-value] # asked with a value


AT = moment("at")


def asked_by(viewer: Viewer, at: datetime) -> dict[str, object]:
    """The values for WHO and AT."""
    return {"user": viewer.user_id, "at": at}
