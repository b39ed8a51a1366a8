"""Mail: is there a server, does it let us in, does anything wait in the outbox for too long."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.mail import Undelivered
from app.queries.outbox import MailStanding
from app.services.health.check import Check, note, well, wrong
from app.settings import MailServer, Settings

PATIENCE = timedelta(hours=1)
"""A mail that waits longer has met a server that does not take it."""

TryOut = Callable[[MailServer], None]
"""Signs in at the server and leaves again. Raises Undelivered."""


def look(standing: MailStanding, settings: Settings, at: datetime, try_out: TryOut) -> Check:
    """Whether mail would go out now; without a server it stays in the outbox, which is no fault."""
    server = settings.mail_server
    if server is None:
        detail = "no server is set, so messages wait in the outbox of the portal, to be read there"
        return note("mail", f"{detail}: set KUSTOD_SMTP_HOST to send them")
    try:
        try_out(server)
    except Undelivered as error:
        detail = f"{server.host}:{server.port} does not take mail from us ({error})"
        return wrong("mail", f"{detail}: look at the KUSTOD_SMTP_ settings and the firewall")
    oldest = standing.oldest_waiting_at
    if oldest is not None and at - oldest > PATIENCE:
        detail = f"{standing.waiting} wait, the oldest since {oldest:%Y-%m-%d %H:%M}Z"
        said = f" ({standing.last_problem})" if standing.last_problem else ""
        return wrong("mail", f"{detail}{said}: open the outbox, and see that the worker runs")
    return well("mail", f"{server.host}:{server.port} lets us in, {standing.waiting} wait")
