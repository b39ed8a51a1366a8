"""`kustod contact restrict`, `release` and `erase`: a contact shut away, let out, made empty."""

from dataclasses import asdict

import click

from app.cli.shell import Answer, Command, Shell, pass_shell, shown
from app.queries import erasures as readers
from app.services import contacts, erasures, restrictions
from app.services.audit import OPERATOR


@click.command(cls=Command)
@click.argument("uid")
@click.option("--reason", required=True, help="Why it may only be stored.")
@pass_shell
def restrict(shell: Shell, uid: str, *, reason: str) -> Answer:
    """Let a contact only be stored from now on (GDPR Art. 18): nobody sees it, phones drop it."""
    with shell.sessions.write() as session:
        row = contacts.find(session, uid, shell.at)
        restrictions.restrict(session, OPERATOR, row.id, reason, shell.at)
    return Answer({"uid": uid, "restricted": True}, [f"{uid} is only stored from now on."])


@click.command(cls=Command)
@click.argument("uid")
@click.option("--reason", required=True, help="Why it may be used again.")
@click.option(
    "--told", default="", help="How the person was told; else we write, three days ahead."
)
@pass_shell
def release(shell: Shell, uid: str, *, reason: str, told: str) -> Answer:
    """Let a contact be used again after the person was told (GDPR Art. 18(3))."""
    with shell.sessions.write() as session:
        row, zone = contacts.find(session, uid, shell.at), shell.settings.zone
        language = shell.settings.language
        args = (session, OPERATOR, row.id, reason, told, zone, shell.at)
        done = restrictions.release(*args, language=language)
    return Answer(
        {"uid": uid, "ends_at": done.ends_at, "told": done.told},
        [f"The restriction of {uid} ends {shown(done.ends_at)}."],
    )


@click.command(cls=Command)
@click.argument("uid")
@click.option("--reason", default="", help="Why; without --preview it must be said.")
@click.option("--preview", is_flag=True, help="Only say what would be erased and kept, and why.")
@click.option("--despite", is_flag=True, help="Although a contract or a law says to keep it.")
@click.option("--at-once", is_flag=True, help="Do not wait for phones that still hold it.")
@pass_shell
def erase(
    shell: Shell, uid: str, *, reason: str, preview: bool, despite: bool, at_once: bool
) -> Answer:
    """Erase a contact: hidden at once, made empty when every phone gave it back or is given up."""
    if preview:
        with shell.sessions.read() as session:
            row = contacts.find(session, uid, shell.at)
            plan = readers.plan(session, row.id, shell.at)
        return Answer(asdict(plan), _lines(plan))
    if not reason:
        raise click.UsageError("say why, with --reason; or look first, with --preview")
    with shell.sessions.write() as session:
        row = contacts.find(session, uid, shell.at)
        order = erasures.Order(reason, despite=despite, at_once=at_once)
        done = erasures.begin(session, OPERATOR, row.id, order, shell.at)
        plan = readers.plan(session, row.id, shell.at)
    data = {"uid": uid, "erased_at": done.erased_at, "waits_for": plan.waits_for}
    if done.erased_at is not None:
        return Answer(data, [f"{uid} is erased."])
    said = (
        f"{uid} is hidden from everybody; it is erased when {plan.waits_for} phones gave it back."
    )
    return Answer(data, [said])


def _lines(plan: readers.Plan) -> list[str]:
    lines = [f"erased  {part.what}: {part.count}" for part in plan.erased]
    lines += [f"kept    {part.what}: {part.count}  ({part.why})" for part in plan.kept]
    lines += [f"phones  {state}: {count}" for state, count in plan.phones.items()]
    if plan.against:
        lines.append(f"Against it speaks: {', '.join(plan.against)}.")
    return lines
