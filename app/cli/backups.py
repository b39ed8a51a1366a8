"""`kustod backup` and `kustod restore`: the whole instance into one file and out of it."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from app import clock
from app.cli.shell import Answer, Command, Shell, pass_shell, table
from app.services import archives, recovery
from app.services import backups as commands
from app.services.lost_futures import Aftermath
from app.services.recovery import Order, Restored

_FILE = click.Path(path_type=Path)


def _tell(step: str) -> None:
    """Progress, for a person who waits."""
    if sys.stderr.isatty():
        click.echo(f"{step} ...", err=True)


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_FILE, help="Encrypt for the key in this file (age).")
@click.option("--make-key", is_flag=True, help="Make that key first, in the file of --key.")
@pass_shell
def backup(shell: Shell, *, file: Path, key_file: Path | None, make_key: bool) -> Answer:
    """Write database, keys, settings and hand-out log into FILE, while serving goes on."""
    if make_key and key_file is None:
        raise click.UsageError("--make-key needs --key FILE")
    sessions = shell.sessions
    if make_key and key_file is not None:
        archives.make_key(key_file)
    key = archives.read_key(key_file) if key_file is not None else None
    made = commands.make(shell.settings, sessions, file, shell.at, key, _tell)
    lines = [f"Backup: {made.file}, {made.bytes} bytes, read back; SHA-256 {made.sha256}"]
    if key is None:
        lines.append("It is not encrypted: who has this file has everything. See --key.")
    elif key.identity is None:
        lines.append("Only the secret half of the key opens it, which is not on this machine.")
    return Answer({**asdict(made), "file": str(made.file)}, lines)


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_FILE, help="The file with the secret key (age).")
@click.option(
    "--handed-out",
    "logs",
    type=_FILE,
    multiple=True,
    help="A hand-out log from elsewhere: of the lost machine, of each server.",
)
@click.option("--replace", is_flag=True, help="Put it in the place of an instance in use.")
@pass_shell
def restore(
    shell: Shell, *, file: Path, key_file: Path | None, logs: Sequence[Path], replace: bool
) -> Answer:
    """Make the instance out of a backup; says what phones hold that it does not know."""
    key = archives.read_key(key_file) if key_file is not None else None
    order = Order(file, key, tuple(logs), replaces=replace)
    done = recovery.restore(shell.settings, order, clock.now(), _tell)
    after = done.aftermath
    data = {
        "made_at": done.made_at,
        "revision": done.revision,
        "had_log": done.had_log,
        "former_database": str(done.kept) if done.kept else None,
        "former_settings": str(done.env) if done.env else None,
        **asdict(after),
    }
    return Answer(data, [*_what_stands(done), *_what_was_lost(done, after)])


def _what_stands(done: Restored) -> list[str]:
    lines = [f"Restored as it was at {done.made_at}, revision {done.revision}."]
    if done.kept:
        lines.append(f"The database that stood here before: {done.kept}")
    if done.env:
        lines.append(f"The settings of the backup, which are not in force: {done.env}")
    lines += [
        "WARNING: what was ended since then STANDS OPEN AGAIN: access, projects, disabled",
        "accounts, stopped and lost phones, erased contacts. End it again before `kustod serve`,",
        "or phones get it back. Doctor and overview say so until somebody has looked through it.",
    ]
    lines.append("Everybody has to sign in again; every phone is told everything anew.")
    return lines


def _what_was_lost(done: Restored, after: Aftermath) -> list[str]:
    if not done.had_log:
        lines = ["There was no hand-out log: what phones were given since then is not known."]
    elif after.unknown:
        count = len(after.unknown)
        lines = [f"Unknown after restore, until the phone has confirmed it: {count} cards", ""]
        rows = [asdict(unknown) for unknown in after.unknown]
        lines += table(rows, ("device", "device_name", "user", "uid"), "").lines
    else:
        lines = ["The hand-out log knows of no card that the backup does not know."]
    lines += [
        f"Device {one.device} was set up since then and cannot sign in any more: "
        f"{one.cards} cards stay on it until its book is removed by hand."
        for one in after.strangers
    ]
    return lines
