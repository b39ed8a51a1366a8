"""Safe text and its keys."""

import unicodedata
from xml.parsers import expat

import czech_sort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.text import folded, sort_key, xml_safe
from tests.cards.strategies import naughty

NAMES = (
    "Áda",
    "Adam",
    "Bartoš",
    "Cibulka",
    "Čapek",
    "Ďurica",
    "Hrubý",
    "Chalupa",
    "Ivan",
    "Łoś",
    "novák",
    "Novák",
    "Novák Jan",
    "Novák Jiří",
    "Nováková",
    "Řehoř",
    "Sýkora",
    "Šíma",
    "Zöller",
    "Žak",
)


@given(naughty)
def test_safe_text_always_parses(text: str) -> None:
    safe = xml_safe(text)
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = found.append
    escaped = safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    parser.Parse(f"<a>{escaped}</a>".encode(), True)
    assert "".join(found) == safe


@given(naughty)
def test_safe_text_is_left_alone(text: str) -> None:
    assert xml_safe(xml_safe(text)) == xml_safe(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x00b\x0bc\x1fd\ufffee\uffff", "abcde"),
        ("\ud800a\udfff", "a"),
        ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("tab\tstays, \u2028 and \x85 and 👩 too", "tab\tstays, \u2028 and \x85 and 👩 too"),
    ],
)
def test_what_xml_cannot_carry_goes(text: str, safe: str) -> None:
    assert xml_safe(text) == safe


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Příliš  ŽLUŤOUČKÝ\n kůň", "prilis zlutoucky kun"),
        ("Łoś Đorđe Øre Æsop Œuvre Þór \u0131l\u0131k", "los dorde ore aesop oeuvre thor ilik"),
        ("İstanbul Straße ﬁrma", "istanbul strasse firma"),
        ("Нова\u0301к ℡", "новак tel"),
        ("so\u00adft\u200b", "soft"),
        ("", ""),
    ],
)
def test_folded(text: str, key: str) -> None:
    assert folded(text) == key


@given(naughty)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(naughty)
def test_folding_does_not_see_composition(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text))


def test_folded_text_does_not_grow() -> None:
    assert len(folded("\ufdfa" * 100_000)) <= 10_000


def test_names_in_czech_order() -> None:
    shuffled = NAMES[::2] + NAMES[::-2]
    assert sorted(shuffled, key=lambda name: sort_key(name).encode()) == list(NAMES)


@given(st.lists(naughty.map(xml_safe).map(lambda text: text[:40]), max_size=8))
def test_keys_agree_with_czech_sort(texts: list[str]) -> None:
    assert sorted(texts, key=lambda text: sort_key(text).encode()) == czech_sort.sorted(texts)


@given(naughty)
def test_keys_are_printable_and_short(text: str) -> None:
    key = sort_key(text * 1000)
    assert key.isascii()
    assert key.isprintable() or not key
    assert len(key) <= 2_400
