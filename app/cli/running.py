"""`kustod init`, `demo`, `serve`, `worker`, `doctor`: the instance as a whole."""

import click

from app import clock
from app.cli.shell import Answer, Command, Shell, pass_shell
from app.services import instances


@click.command(cls=Command)
@pass_shell
def init(shell: Shell) -> Answer:
    """Create or upgrade keys and database; idempotent."""
    done = instances.init(shell.settings, clock.now())
    return Answer(done, [f"Ready: {shell.settings.instance}, {shell.settings.base_url}"])
