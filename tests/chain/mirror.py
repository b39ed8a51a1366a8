"""vdirsyncer itself: a folder of files that mirrors an address book."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """[general]
status_path = "{folder}/status/"
[pair contacts]
a = "local"
b = "kustod"
collections = ["from b"]
conflict_resolution = "b wins"
partial_sync = "ignore"
[storage local]
type = "filesystem"
path = "{folder}/contacts/"
fileext = ".vcf"
[storage kustod]
type = "carddav"
url = "{url}"
username = "{user}"
password = "{password}"
read_only = true
"""


@dataclass
class Mirror:
    """One vdirsyncer with all that it writes in `folder`."""

    folder: Path
    url: str
    user: str
    password: str

    def discover(self) -> None:
        """Find the address books, as on its first day."""
        config = _CONFIG.format(
            folder=self.folder, url=self.url, user=self.user, password=self.password
        )
        (self.folder / "config").write_text(config)
        self._run("discover")

    def sync(self) -> None:
        """Mirror once."""
        self._run("sync")

    def uids(self) -> set[str]:
        """The uids of the cards in its folder, that of the help card among them."""
        return {path.stem for path in (self.folder / "contacts" / "all").glob("*.vcf")}

    def _run(self, command: str) -> None:
        subprocess.run(
            [Path(sys.executable).with_name("vdirsyncer"), "-c", self.folder / "config", command],
            input=b"y\n" * 9,
            capture_output=True,
            check=True,
        )
