"""`kustod init`, `demo` and `doctor`: the instance as a whole."""

from dataclasses import asdict

import click

from app import clock, keys
from app.cli.shell import Answer, Command, Shell, pass_shell
from app.services import health, instances
from app.services.demo import loading


@click.command(cls=Command)
@pass_shell
def init(shell: Shell) -> Answer:
    """Create or upgrade keys and database; idempotent."""
    done = instances.init(shell.settings, clock.now())
    lines = [f"Ready: {done['instance']}, revision {done['revision']}, {done['url']}"]
    if done["copy"]:
        lines.append(f"The database as it was before: {done['copy']}")
    return Answer(done, lines)


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
    """Say what is wrong with this instance; exits 1 if anything is."""
    checks = health.examine(shell.settings, clock.now())
    is_well = all(check.is_ok for check in checks)
    rows = [{"name": check.name, "ok": check.is_ok, "detail": check.detail} for check in checks]
    lines = [f"{'ok   ' if c.is_ok else 'WRONG'} {c.name}: {c.detail}" for c in checks]
    return Answer({"ok": is_well, "checks": rows}, lines, 0 if is_well else 1)
