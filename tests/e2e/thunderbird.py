"""A real Thunderbird without a screen, in a profile of its own."""

import json
import os
import signal
import subprocess
import warnings
from pathlib import Path
from typing import Any

from tests.serve.running import TIMEOUT, until

with warnings.catch_warnings():
    # What it brings along is old: telnetlib, and escapes that warn where nothing is compiled yet.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", SyntaxWarning)
    from marionette_driver.marionette import Marionette

SENTINEL = "kustod-help"
"""The uid of the card that stays in every book and says where to ask."""

# Marionette brings its own, against updates, reports and probes of the network.
PREFERENCES: dict[str, bool | int] = {
    "marionette.port": 0,  # any; it writes down which
    "app.donation.eoy.version.viewed": 999,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
}
ENVIRON = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "MOZ_CRASHREPORTER_DISABLE": "1",
    "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",  # or it asks its maker's server for settings
}
COMMAND = [
    *("dbus-run-session", "--", "thunderbird", "--headless", "--no-remote"),
    *("--marionette", "--remote-allow-system-access", "--profile"),
]

_LIBRARY = """
const load = name => ChromeUtils.importESModule(`resource:///modules/${name}.sys.mjs`);
const { CardDAVDirectory } = load("CardDAVDirectory");
const { CardDAVUtils } = load("CardDAVUtils");
const { MailServices } = load("MailServices");
const books = () => MailServices.ab.directories
  .filter(one => one.dirType == Ci.nsIAbManager.CARDDAV_DIRECTORY_TYPE)
  .map(one => CardDAVDirectory.forFile(one.fileName));
"""
_ADD_BOOKS = """
const [user, password, url] = arguments;
return (async () => {
  const found = await CardDAVUtils.detectAddressBooks(user, password, url);
  for (const one of found) {
    const { promise, resolve } = Promise.withResolvers();
    Services.obs.addObserver(resolve, "addrbook-directory-synced");
    one.create();
    await promise;
    Services.obs.removeObserver(resolve, "addrbook-directory-synced");
  }
  return found.map(one => one.name);
})();
"""
_SYNC = "return (async () => { for (const one of books()) await one.syncWithServer(); })();"
_CARDS = "return books().flatMap(one => one.childCards.map(card => [card.UID, card.displayName]));"


class Thunderbird:
    """One Thunderbird; all that it writes lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._profile = folder / "profile"
        self._profile.mkdir(parents=True)
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items())
        (self._profile / "user.js").write_text("".join(lines))
        self._log = folder / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*COMMAND, str(self._profile)],
                env={"HOME": str(folder), **ENVIRON},
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that it can be ended together with its D-Bus
            )

    def connect(self) -> None:
        """Wait until it is there and take the wheel."""
        # The socket waits longer than a script may take, so that the script's failure is heard.
        self._marionette = Marionette(port=until(self._port), socket_timeout=2 * TIMEOUT)
        self._marionette.start_session()
        self._marionette.set_context("chrome")

    def _port(self) -> int | None:
        assert self._process.poll() is None, self._log.read_text()
        file = self._profile / "MarionetteActivePort"
        return int(file.read_text() or 0) if file.exists() else None

    def _run(self, script: str, *arguments: str) -> Any:
        return self._marionette.execute_script(_LIBRARY + script, arguments, sandbox="system")

    def add_books(self, user: str, password: str, url: str) -> list[str]:
        """Find the address books as its dialogue does, and add all; answers when each is full."""
        names: list[str] = self._run(_ADD_BOOKS, user, password, url)
        return names

    def sync(self) -> None:
        """Synchronise every CardDAV book, as its button does."""
        self._run(_SYNC)

    def cards(self) -> list[tuple[str, str]]:
        """Uid and name of every card in its CardDAV books."""
        return [(uid, name) for uid, name in self._run(_CARDS)]

    def databases(self) -> bytes:
        """Everything in its CardDAV books' files, the logs of the databases included."""
        return b"".join(file.read_bytes() for file in self._profile.glob("abook-*.sqlite*"))

    def quit(self) -> None:
        """Close it as its menu does; it writes its databases down and empties their logs."""
        self._marionette._send_message("Marionette:Quit", {"flags": ["eAttemptQuit"]})
        self._marionette.delete_session(send_request=False)
        self._process.wait(TIMEOUT)

    def end(self) -> None:
        """End it however it is."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(TIMEOUT)
