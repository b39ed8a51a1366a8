"""Hard use keeps its promises: the concurrent minute, and being killed under load."""

from pathlib import Path

import pytest

from tests.drills import drill
from tests.drills.forms import QUICK, Form

pytestmark = [
    pytest.mark.drill,
    pytest.mark.parametrize("engine", ["sqlite", "postgresql"]),
]


def test_the_concurrent_minute(
    database_url: str, tmp_path: Path, form: Form, rows: list[dict[str, str]]
) -> None:
    if form is QUICK:
        pytest.skip("the quick form has its minute before the first kill")
    result = drill.minute(tmp_path, database_url, form)
    rows.append(result.row)
    assert result.wrong == []


def test_killed_under_load(
    database_url: str, tmp_path: Path, form: Form, rows: list[dict[str, str]]
) -> None:
    result = drill.kills(tmp_path, database_url, form)
    rows.append(result.row)
    assert result.wrong == []
