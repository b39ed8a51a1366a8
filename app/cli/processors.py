"""`kustod processor`: add, list, end, notice."""

from datetime import datetime

import click

from app.cli.moments import END, START
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.db import FOREVER
from app.queries import processors as found
from app.services import nine_parts, processors
from app.services.audit import OPERATOR
from app.services.processors import NewProcessor

_COLUMNS = ("id", "name", "task", "place", "transfer", "contract", "since", "until")


@click.group(cls=Group)
def processor() -> None:
    """Processors: who works with the data for us; the notice names them."""


@processor.command()
@click.argument("name")
@click.option("--task", required=True, help="What he does for us.")
@click.option("--place", required=True, help="The country where.")
@click.option("--transfer", default="", help="On which ground data leave the EEA, if they do.")
@click.option("--contract", default="", help="The contract of GDPR Art. 28.")
@click.option("--since", type=START, help="From when on; from now, unless said.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell,
    name: str,
    *,
    task: str,
    place: str,
    transfer: str,
    contract: str,
    since: datetime | None,
) -> Answer:
    """Put somebody into the register."""
    new = NewProcessor(name, task, place, transfer, contract, since)
    with shell.sessions.write() as session:
        row = processors.add(session, OPERATOR, new, shell.at)
        made = {"id": row.public_id, "name": row.name, "since": row.valid_from}
    return Answer(made, [f"Added the processor {name}: {made['id']}."])


@processor.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all of them, also those that were ended."""
    with shell.sessions.read() as session:
        there = found.everything(session)
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "task": one.task,
            "place": one.place,
            "transfer": one.transfer,
            "contract": one.contract,
            "since": one.valid_from,
            "until": None if one.valid_until == FOREVER else one.valid_until,
        }
        for one in there
    ]
    return table(rows, _COLUMNS, "There is no processor yet.")


@processor.command()
@click.argument("processor_id", metavar="ID")
@click.option("--until", type=END, help="Until when; until now, unless said.")
@pass_shell
def end(shell: Shell, processor_id: str, until: datetime | None) -> Answer:
    """Say that one processes nothing any more; the row stays."""
    with shell.sessions.write() as session:
        row = processors.end(session, OPERATOR, processor_id, shell.at, until=until)
        made = {"id": processor_id, "until": row.valid_until}
    return Answer(made, [f"The processor {processor_id} is ended."])


@processor.command()
@click.argument("purpose")
@click.option("--language", type=click.Choice(nine_parts.LANGUAGES), required=True)
@pass_shell
def notice(shell: Shell, purpose: str, language: str) -> Answer:
    """Write the notice in nine parts, to be corrected and published by `kustod notice publish`."""
    with shell.sessions.read() as session:
        text = nine_parts.text(session, purpose, language, shell.at)
    return Answer({"purpose": purpose, "language": language, "text": text}, [text])
