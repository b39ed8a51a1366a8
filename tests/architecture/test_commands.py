"""The commands of make and the continuous check, as far as they can be asked without running."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_lists_every_command() -> None:
    listed = set(re.findall(r"^  make (\w+) ", make(ROOT).stdout, re.MULTILINE))
    main = {"help", "install", "run", "test", "check", "clean"}
    assert listed == main | {"e2e", "bench", "fuzz", "drill"}


def test_the_continuous_check_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    steps = re.findall(r"^make \w+", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert steps == ["make check", "make test", "make drill", "make e2e"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could open somebody's folder")
def test_root_is_not_let_into_a_closed_folder(tmp_path: Path) -> None:
    checkout = tmp_path / "closed" / "checkout"
    checkout.mkdir(parents=True)
    checkout.parent.chmod(0o700)
    shutil.copy(ROOT / "Makefile", checkout)
    told = make(checkout, "is-open")
    assert told.returncode != 0
    assert "is closed to other accounts" in told.stdout
    assert checkout.parent.stat().st_mode & 0o777 == 0o700
