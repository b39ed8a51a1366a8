"""`kustod device`: add, stop, give up, set up again, list."""

from dataclasses import asdict
from typing import Any

import click

from app import keys
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.queries import accounts as found
from app.queries import ledger
from app.queries import programs as readings
from app.queries.ledger import DeviceView
from app.services import accounts, checks, devices, draining
from app.services.audit import OPERATOR
from app.services.choices import LAYOUTS


@click.group(cls=Group)
def device() -> None:
    """Devices: phones and programs, each with an app password of its own."""


@device.command()
@click.argument("email")
@click.option("--name", required=True, help="What its owner calls it.")
@click.option("--layout", type=click.Choice(list(LAYOUTS)), default="all", show_default=True)
@click.option("--write", is_flag=True, help="It may send changes back.")
@click.option("--photos", is_flag=True, help="It wants photos.")
@click.option("--managed", is_flag=True, help="We manage it ourselves.")
@pass_shell
def add(  # noqa: PLR0913 - the options of the command
    shell: Shell, email: str, *, name: str, layout: str, write: bool, photos: bool, managed: bool
) -> Answer:
    """Add a device; its password is made and shown this once."""
    ring = keys.load(shell.settings.keys_file)
    with shell.sessions.write() as session:
        owner = accounts.active_user(session, found.get_user(session, email).id, shell.at)
        row, password = devices.enrol(
            *(session, OPERATOR, owner.id, checks.name(name), ring, shell.at),
            layout=LAYOUTS[layout],
            may_write=write,
            wants_photos=photos,
            is_managed=managed,
        )
        made = {"id": row.public_id, "url": _url(shell, row.public_id)}
        made |= {"username": owner.email, "password": password, "name": row.name}
    lines = [
        f"Added {made['name']} of {made['username']} ({made['id']}).",
        f"URL: {made['url']}",
        f"User name: {made['username']}",
        f"Password, shown this once: {password}",
    ]
    return Answer(made, lines)


@device.command()
@click.argument("device_id", metavar="ID")
@click.option("--lost", is_flag=True, help="It is in hands that we do not know.")
@pass_shell
def stop(shell: Shell, device_id: str, *, lost: bool) -> Answer:
    """Empty a device: it still logs in, is told to drop everything, and gets nothing more.

    A lost one is emptied just the same, and its incident opens (`kustod incident`).
    """
    with shell.sessions.write() as session:
        row = devices.find(session, device_id)
        language = shell.settings.language
        devices.stop(session, OPERATOR, row.id, shell.at, is_lost=lost, language=language)
    return _now(shell, device_id)


@device.command("give-up")
@click.argument("device_id", metavar="ID")
@click.option("--reason", default="", help="Why nobody waits for it any more.")
@pass_shell
def give_up(shell: Shell, device_id: str, *, reason: str) -> Answer:
    """Stop waiting for a stopped device: its password dies, what it holds stays unknown."""
    with shell.sessions.write() as session:
        row = devices.find(session, device_id)
        devices.cut_off(session, OPERATOR, row.id, shell.at, reason=reason)
    return _now(shell, device_id)


@device.command("set-up-again")
@click.argument("device_id", metavar="ID")
@pass_shell
def set_up_again(shell: Shell, device_id: str) -> Answer:
    """Say, for its owner, that a phone was set up again and is no second one.

    Programs not heard from since another of their kind began are then counted as one with it;
    one that is heard from again counts for itself again.
    """
    with shell.sessions.write() as session:
        row = devices.find(session, device_id)
        count = draining.set_up_again(session, OPERATOR, row.id, shell.at)
    if not count:
        return Answer({"replaced": 0}, ["Nothing to say: every program is counted as it was."])
    return Answer({"replaced": count}, [f"Taken for the past of another program: {count}."])


@device.command()
@click.argument("device_id", metavar="ID")
@pass_shell
def programs(shell: Shell, device_id: str) -> Answer:
    """List the programs that read with this device's password, as far as can be told."""
    with shell.sessions.read() as session:
        row = devices.find(session, device_id)
        rows = [asdict(view) for view in readings.of_device(session, row.id, shell.at)]
    columns = (
        *("program", "way", "set_ups", "began_at", "heard_at", "is_up_to_date"),
        *("came_back_at", "may_be_past"),
    )
    return table(rows, columns, "No program has read anything with this password.")


@device.command("list")
@click.option("--user", "email", metavar="EMAIL", help="Those of one user only.")
@pass_shell
def list_(shell: Shell, email: str | None) -> Answer:
    """List all devices."""
    with shell.sessions.read() as session:
        owner = found.get_user(session, email).id if email else None
        rows = [_row(shell, view) for view in ledger.devices(session, shell.at, owner)]
    columns = ("id", "email", "name", "state", "cards", "removals_waiting", "seen_at")
    return table(rows, columns, "There is no device yet.")


def _now(shell: Shell, device_id: str) -> Answer:
    """How the device stands after what was done to it."""
    with shell.sessions.read() as session:
        views = ledger.devices(session, shell.at)
    row = next(_row(shell, view) for view in views if view.public_id == device_id)
    return Answer(row, [f"{row['name']} of {row['email']}: {row['state']}."])


def _row(shell: Shell, view: DeviceView) -> dict[str, Any]:
    row = asdict(view)
    public_id = row.pop("public_id")
    return {"id": public_id, **row, "url": _url(shell, public_id)}


def _url(shell: Shell, public_id: str) -> str:
    """What a CardDAV client is given."""
    return f"{shell.settings.base_url}/dav/{public_id}/"
