"""Nothing that reaches a person gets lost: not while reading, and not on the way out and back.

`VCARD_SAMPLES=folder pytest tests/cards/test_loss.py` asks the same of files that are not ours
to publish.
"""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from app.cards.card import Card, Draft, Values
from app.cards.read import read
from app.cards.write import write
from tests.cards.crude import missing, sayings
from tests.cards.test_read import FILES
from tests.cards.test_write import as_read

FOLDER = os.environ.get("VCARD_SAMPLES")  # noqa: TID251 - for this test alone, no setting of ours
SAMPLES = sorted(Path(FOLDER).glob("*.vcf")) if FOLDER else []

# What is left out on purpose: by the crude reader it is said, in the drafts it is not.
DROPPED: Mapping[str, set[str]] = {
    # The cards of others inside a card (AGENT) are not taken for contacts, and not mixed in.
    "agents": {"písařka", "olga", "601555312", "vnuk", "petr", "olga@simek.example", "ida"}
    | {"ztracená"},
    "blackberry": {"asistentka", "vlková", "606111224"},
    # A group of contacts is no contact, and its record says so.
    "iphone_company": {"obchodní", "partneři"},
    "vcard4_data_photo": {"válcovna"},
    # A picture that is none: cut off in the file before its first line of pixels.
    "John_Doe_ANDROID": {"picture"},
    # A line after the end of one card and before the next belongs to nobody; its record says so.
    "put_together": {"601555304"},
}


def gone(path: Path) -> set[str]:
    """The words of a file that are in none of its drafts, a picture in none of its own card."""
    data = path.read_bytes()
    drafts = {record.line: record.draft for record in read(data) if record.draft}
    found: set[str] = set()
    for saying in sayings(data):
        own = [drafts[saying.card]] if saying.card in drafts else []
        found.update(missing(saying, own if saying.name == "PHOTO" else [*drafts.values()]))
    return found


@pytest.mark.parametrize("path", [*FILES, *SAMPLES], ids=lambda path: path.stem)
def test_nothing_is_lost_but_what_is_left_out_on_purpose(path: Path) -> None:
    assert gone(path) == DROPPED.get(path.stem, set())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_crude_reader_finds_something_in_every_file(path: Path) -> None:
    assert {saying.name for saying in sayings(path.read_bytes())} & {"FN", "N", "TEL", "EMAIL"}


def drafts_of(paths: list[Path]) -> list[tuple[str, Draft]]:
    return [
        (f"{path.stem}:{record.line}", record.draft)
        for path in paths
        for record in read(path.read_bytes())
        if record.draft
    ]


@pytest.mark.parametrize(
    "draft", [pytest.param(draft, id=name) for name, draft in drafts_of([*FILES, *SAMPLES])]
)
def test_what_was_read_goes_out_and_comes_back_the_same(draft: Draft) -> None:
    values = {field.name: getattr(draft, field.name) for field in fields(Values)}
    card = Card("k-1", 1, 1, **values)
    [record] = read(write(card).encode())
    assert record.notes == ()
    assert record.draft == as_read(card)
