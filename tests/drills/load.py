"""Everything that runs against the server of a drill, and how it is ended."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import clock
from app.queries import jobs
from tests.drills.site import BULK, Site
from tests.serve.running import ROOT, until

_PATIENCE = 240.0

CARD = """BEGIN:VCARD\r
VERSION:3.0\r
UID:bulk-{number}\r
N:Dovoz;Číslo {number};;;\r
FN:Číslo {number} Dovoz\r
ORG:Sklad {number}\r
TEL;TYPE=CELL:+420 720 {number:06}\r
END:VCARD\r
"""


@dataclass
class Load:
    """The process of all phones, two writers, and the import, which is the worker's job."""

    site: Site
    plan: Path
    phones: subprocess.Popen[str] | None = None
    writers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    _logs: list[Path] = field(default_factory=list)

    def start(self) -> None:
        """Start the phones and both writers, and wait until all of them are at work."""
        words = [sys.executable, "-m", "tests.drills.phones", str(self.plan)]
        pipe = subprocess.PIPE
        self.phones = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
        threading.Thread(target=self._listen, args=(self.phones,), daemon=True).start()
        self.writers = [self._writer(), self._writer()]
        until(lambda: self.told.get("syncs") and all(log.stat().st_size for log in self._logs))

    def _listen(self, phones: subprocess.Popen[str]) -> None:
        for line in phones.stdout or ():
            self.told = json.loads(line)

    def _writer(self) -> subprocess.Popen[bytes]:
        log = self.site.folder / f"writer-{len(self._logs)}.jsonl"
        self._logs.append(log)
        log.touch()
        words = ["-m", "tests.drills.writers", str(self.plan), str(log), str(len(self._logs))]
        return subprocess.Popen([sys.executable, *words], stdin=subprocess.PIPE, cwd=ROOT)

    def start_import(self) -> None:
        """Leave the import of the file to the worker."""
        file = self.site.folder / "bulk.vcf"
        cards = (CARD.format(number=n) for n in range(self.site.form.imported))
        file.write_text("".join(cards), encoding="utf-8", newline="")
        words = ("contact", "import", str(file), "--directory", BULK, "--source", "drill")
        subprocess.run(
            self.site.command(*words, "--background"),
            env=self.site.environ,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            check=True,
        )

    def imported(self) -> tuple[str, int]:
        """The state of the import and how many cards it has taken."""
        with self.site.sessions.read() as session:
            job = jobs.listing(session, clock.now())[0]
        return job["state"], job["progress"]

    def replace_writer(self, number: int) -> None:
        """Kill one writer and start another."""
        with self.writers[number] as writer:
            writer.kill()
        self.writers[number] = self._writer()

    def stop_writers(self) -> None:
        """Let both writers finish the act that they are in."""
        for writer in self.writers:
            writer.communicate(b"stop\n", timeout=_PATIENCE)

    def finish_import(self) -> None:
        """Wait until the import has ended well; after a kill its worker is missed for a minute."""
        until = time.monotonic() + _PATIENCE
        while self.imported()[0] != "done":
            assert time.monotonic() < until, f"the import is {self.imported()}"
            time.sleep(0.5)

    def settle(self) -> dict[str, Any]:
        """Let every phone sync until nothing moves; what they saw and hold."""
        assert self.phones is not None
        assert self.phones.stdin is not None
        self.phones.stdin.write("settle\n")
        self.phones.stdin.flush()
        self.phones.wait(_PATIENCE)
        return until(lambda: self.told if "held" in self.told else None)

    def end(self) -> None:
        """End whatever of it still runs."""
        for process in (self.phones, *self.writers):
            if process is not None and process.poll() is None:
                process.kill()
            if process is not None:
                with process:
                    pass  # its pipes are closed, and it is waited for

    def lines(self) -> list[dict[str, Any]]:
        """What the writers wrote down; a line that a kill cut short was not acknowledged."""
        texts = [log.read_text(encoding="utf-8") for log in self._logs]
        found = [line for text in texts for line in text.splitlines(keepends=True)]
        return [json.loads(line) for line in found if line.endswith("\n")]
