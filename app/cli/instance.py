"""`kustod init`, `demo` and `doctor`: the instance as a whole."""

from dataclasses import asdict
from typing import Any

import click

from app import clock, keys
from app.cli.shell import Answer, Command, Shell, pass_shell
from app.services import first_owner, instances
from app.services.demo import loading
from app.services.health import examination
from app.services.health.check import Check


@click.command(cls=Command)
@click.option("--no-link", is_flag=True, help="Print no link that makes the first owner.")
@pass_shell
def init(shell: Shell, *, no_link: bool) -> Answer:
    """Create or upgrade keys and database; idempotent.

    As long as there is no user, it prints a link that works once, for 24 hours: whoever opens
    it makes himself the first owner. Run it again for a fresh one; the one before is dead then.
    """
    done = instances.init(shell.settings, clock.now())
    lines = [f"Ready: {done['instance']}, revision {done['revision']}, {done['url']}"]
    if done["copy"]:
        lines.append(f"The database as it was before: {done['copy']}")
    done["first_owner"] = None if no_link else _link(shell)
    if done["first_owner"]:
        until = f"{done['first_owner']['until'].astimezone(shell.settings.zone):%Y-%m-%d %H:%M}"
        lines.append(f"Nobody can sign in yet. The first owner opens this, until {until}, once:")
        lines.append(f"  {done['first_owner']['url']}")
    return Answer(done, lines)


def _link(shell: Shell) -> dict[str, Any] | None:
    """The link that makes the first owner, where there is nobody yet."""
    with shell.sessions.write() as session:
        link = first_owner.issue(session, shell.at)
    if link is None:
        return None
    url = f"{shell.settings.base_url}/p/first-owner/{link.token}"
    return {"url": url, "until": link.ends_at}


@click.command(cls=Command)
@pass_shell
def demo(shell: Shell) -> Answer:
    """Load the demonstration organisation into a fresh instance, and print its logins."""
    ring = keys.load(shell.settings.keys_file)
    loaded = loading.load(shell.sessions, ring, shell.at)
    url = shell.settings.base_url
    lines = [loaded.message, f"Portal: {url}/"]
    lines += [
        f"  {login.email}  {login.password or '(as shown before)'}" for login in loaded.logins
    ]
    data = {"loaded": loaded.is_new, "message": loaded.message, "url": f"{url}/"}
    data["logins"] = [asdict(login) for login in loaded.logins]
    if loaded.phone:
        phone = {**asdict(loaded.phone), "url": f"{url}/dav/{loaded.phone.id}/"}
        data["device"] = phone
        lines.append(f"CardDAV: {phone['url']}  {phone['username']}  {phone['password']}")
    return Answer(data, lines)


@click.command(cls=Command)
@pass_shell
def doctor(shell: Shell) -> Answer:
    """Say what is wrong with this instance and with the way to it; exits 1 if anything is."""
    checks = examination.examine(shell.settings, clock.now())
    is_well = all(check.is_ok for check in checks)
    rows = [{"name": check.name, "ok": check.is_ok, "detail": check.detail} for check in checks]
    lines = [f"{_mark(check)} {check.name}: {check.detail}" for check in checks]
    return Answer({"ok": is_well, "checks": rows}, lines, 0 if is_well else 1)


def _mark(check: Check) -> str:
    if check.is_note:
        return "note "
    return "ok   " if check.is_ok else "WRONG"
