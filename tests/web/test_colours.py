"""Our colours are told apart by everybody: WCAG 2.2, 1.4.3 for words and 1.4.11 for edges."""

import re

import pytest

from app.web.templating import STATIC

WORDS = ("ok", "wait", "alarm", "muted", "brand")
SHEET = (STATIC / "kustod.css").read_text(encoding="utf-8")
PAPERS = {"light": ("#ffffff", "#f3f5f8"), "dark": ("#0f141a", "#151b23")}
"""What stands behind: the page, and what lies on it."""


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme by their names."""
    blocks = dict(
        re.findall(
            r"^(:root|\[data-bs-theme=\"dark\"\]) \{(.*?)^\}", SHEET, re.MULTILINE | re.DOTALL
        )
    )
    block = blocks[":root" if theme == "light" else '[data-bs-theme="dark"]']
    return dict(re.findall(r"--k-(\w+): (#[0-9a-f]{6});", block))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, 0 to 1."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", PAPERS)
def test_words_and_edges_stand_out(theme: str) -> None:
    found = tokens(theme)
    needed = dict.fromkeys(WORDS, 4.5) | {"edge": 3.0}
    faint = [
        (name, paper, contrast(found[name], paper))
        for name, least in needed.items()
        for paper in PAPERS[theme]
        if contrast(found[name], paper) < least
    ]
    assert faint == []
