"""What a template could undo: escaping, the content policy, one language."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.architecture.tree import ROOT

FOLDER = ROOT / "templates"
ESCAPED = {".html", ".svg", ".xml"}
"""Flask escapes in these; .txt is for mail only and has a folder of its own."""

SAFE: dict[str, str] = {}
"""Template -> the reason why something in it is not escaped."""

TEMPLATES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*") if path.is_file())


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_a_template_has_an_extension_that_is_escaped(template: Path) -> None:
    assert template.suffix in ESCAPED or (template.suffix == ".txt" and "mail" in template.parts)


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_nothing_is_exempt_from_escaping(template: Path) -> None:
    text = (FOLDER / template).read_text(encoding="utf-8")
    exempt = re.findall(r"\|\s*safe\b|autoescape\s+false|Markup\(", text)
    assert exempt == [] or str(template) in SAFE


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_a_template_can_be_parsed(template: Path) -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.parse((FOLDER / template).read_text(encoding="utf-8"))


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_nothing_in_a_template_needs_more_than_the_content_policy_gives(template: Path) -> None:
    text = (FOLDER / template).read_text(encoding="utf-8")
    if template.parts[0] == "mail":
        # Read in a mail program, which knows no policy and can load nothing.
        assert "<script" not in text
        assert re.findall(r"\sstyle=|\son[a-z]+=|javascript:|url\(", text) == []
        return
    inline = r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:|<script(?![^>]*\ssrc=)"
    assert re.findall(inline, text) == []
