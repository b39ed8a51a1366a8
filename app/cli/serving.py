"""`kustod serve` and `kustod worker`: the processes that stay."""

import click

from app import serve as server
from app import worker as beside
from app.cli.shell import Answer, Command, Shell, pass_shell


@click.command(cls=Command)
@click.option("--bind", metavar="HOST:PORT", help="KUSTOD_BIND, unless said.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--no-worker", is_flag=True, help="The worker runs somewhere else.")
@pass_shell
def serve(shell: Shell, *, bind: str | None, workers: int, no_worker: bool) -> Answer:
    """Serve the portal and CardDAV until TERM or INT."""
    settings = shell.settings
    server.serve(settings, bind or settings.bind, workers, with_worker=not no_worker)
    return Answer({"ended": True}, ["Ended."])


@click.command(cls=Command)
@pass_shell
def worker(shell: Shell) -> Answer:
    """Work beside servers that run with --no-worker, until TERM or INT."""
    _ = shell.sessions  # refuses in words where there is no instance
    shell.close()
    beside.run(shell.settings)
    return Answer({"ended": True}, ["Ended."])
