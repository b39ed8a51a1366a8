"""Why a row was found: what is marked is what was searched for, in every spelling."""

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from app.cards.text import folded
from app.web.marking import _FOLDED, found_in, marked

GERMAN = "Große Straße 5"
APART = "Nova\u0301k"


def bracketed(text: str, search: str) -> str:
    """What is marked, in brackets."""
    return re.sub("</?mark>", lambda tag: "]" if "/" in tag[0] else "[", str(marked(text, search)))


@pytest.mark.parametrize(
    ("text", "search", "shown"),
    [
        ("Novotný", "NOVOTNY", "[Novotný]"),
        ("Novotný", "voť", "No[vot]ný"),
        ("Chýlová", "chyl", "[Chýl]ová"),
        ("Łukasz Żak", "lukasz zak", "[Łukasz] [Żak]"),
        (GERMAN, "grosse", "[Große] Straße 5"),
        (GERMAN, "ss", "Gro[ß]e Stra[ß]e 5"),
        (GERMAN, "sse", "Gro[ße] Stra[ße] 5"),
        ("Ærø a syn", "aer", "[Ær]ø a syn"),
        (APART, "novak", f"[{APART}]"),
        (APART, "nova", "[Nova\u0301]k"),
        ("Eva Nováková", "nov eva", "[Eva] [Nov]áková"),
        ("Anna", "ann na", "[Anna]"),
        ("Anna Hanna", "ann", "[Ann]a H[ann]a"),
        ("Петров", "петр", "[Петр]ов"),
        ("Иван Петров", "petrov", "Иван [Петров]"),
        ("+420 777 123 456", "777123", "+420 [777 123] 456"),
        ("+420 777 123 456", "777 123", "+420 [777 123] 456"),
        ("+420\u00a0777\u00a0123\u00a0456", "+420777", "+[420\u00a0777]\u00a0123\u00a0456"),
        ("777 123 456", "+420 777 123", "[777 123] 456"),
        ("777 123 456", "00420 777123456", "[777 123 456]"),
        ("543 210 000", "777", "543 210 000"),
        ("543 210 000", "1543", "[543] 210 000"),
        ("24/7 Studio", "247", "[24/7] Studio"),
        ("k.novotny@example.org", "novotny@ex", "k.[novotny@ex]ample.org"),
        ("a+b (c) [d]", "b", "a+[b] (c) [d]"),
        ("nothing", "zzz", "nothing"),
        ("nothing", "", "nothing"),
        ("", "novak", ""),
        ("a.b", ".", "a[.]b"),
    ],
)
def test_what_was_searched_for_is_marked(text: str, search: str, shown: str) -> None:
    assert bracketed(text, search) == shown


def test_what_people_type_is_text_and_never_markup() -> None:
    found = marked('<b>"Novák" & syn</b>', "novak")
    assert isinstance(found, Markup)
    assert found == "&lt;b&gt;&#34;<mark>Novák</mark>&#34; &amp; syn&lt;/b&gt;"
    assert marked("<b>", "<b>") == "<mark>&lt;b&gt;</mark>"
    assert not isinstance(marked("<b>", "novak"), Markup)


@given(st.text(max_size=40))
def test_letter_by_letter_is_folded_as_the_whole_is(text: str) -> None:
    apart = text.translate(_FOLDED)
    assert " ".join(apart.split()) == folded(text)


@given(st.text(max_size=30), st.text(max_size=10))
def test_marks_lose_no_letter_and_stand_in_order(text: str, search: str) -> None:
    spans = found_in(text, search)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    shown = marked(text, search) if spans else escape(text)
    assert unescape(re.sub("</?mark>", "", str(shown))) == text
