"""Cards and texts as people, programs and attackers fill them."""

import io
import unicodedata
from datetime import date
from typing import TypeVar

from hypothesis import strategies as st
from PIL import Image

from app.cards.card import Address, Card, ContactKind, Photo, Point
from app.cards.labels import TYPES
from app.cards.photos import portrait
from app.cards.points import split_emails, split_phones
from app.cards.text import xml_safe

T = TypeVar("T")

# Where text breaks: controls, every "line end" of splitlines(), halves of characters, what
# grows or moves under normalisation, scripts of the people in the book, and syntax of others.
NAUGHTY = (
    # controls, and all that splitlines() takes for the end of a line
    *("\x00", "\x0b", "\x0c", "\x1b", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"),
    *("\r", "\r\n", "\n", "\t", " ", "\ufeff"),
    # no characters, and half ones
    *("\ufffe", "\uffff", "\ufffd", "\ud800", "\udfff"),
    # what is not seen, and what grows or moves under normalisation
    *("\u202e", "\u200b", "\u00ad", "e\u0301", "\u1eb5\u0327", "\u037e", "\ufdfa", "\u0130", "ﬁ"),
    # names of people
    *("Příliš", "ĎÁBELSKÉ", "Chlum", "Łódź", "Şahin", "Nguyễn", "محمد", "山田", "ქართ", "Петров"),
    *("O'Brien", "Null", "ß", "\U0001f469\u200d\U0001f467", "🇨🇿"),
    # syntax of others, and ours
    *("=cmd", "{{7*7}}", "%s", "</script>", "<svg/onload=x>", "]]>", "&amp;"),
    *("\\", "\\n", "\\,", ";", ",", ":", '"', "^n", "^'", "=C5=99=", "="),
    *("BEGIN:VCARD", "END:VCARD", "TYPE=x", "item1.", "data:", "tel:", "mailto:"),
)

naughty = st.lists(
    st.one_of(st.sampled_from(NAUGHTY), st.characters(), st.text(max_size=8)), max_size=5
).map("".join)


def one_line(text: str) -> str:
    """The text as a field of one line keeps it."""
    return " ".join(unicodedata.normalize("NFC", xml_safe(text)).split())


words = naughty.map(one_line)
paragraphs = naughty.map(lambda text: unicodedata.normalize("NFC", xml_safe(text)).strip())
labels = st.one_of(
    st.just(""), st.sampled_from(sorted(TYPES)), words.filter(lambda text: "_$!<" not in text)
)
numbers = st.one_of(
    st.sampled_from(
        ["605 203 938", "+420605203938", "112", "(+420) 605/203938", "+420281000111;ext=12"]
    ),
    words.flatmap(lambda text: st.sampled_from(split_phones(text) or ("112",))),
).filter(lambda text: split_phones(text) == (text,) and not text.lower().startswith("tel:"))


def points(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Point, ...]]:
    return distinct(st.builds(Point, values.filter(bool), labels, st.booleans()))


def distinct(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=4, unique=True).map(tuple)


def is_one_email(text: str) -> bool:
    """Whether the reader leaves the text as one address."""
    return not text.lower().startswith("mailto:") and split_emails(text) == (text,)


birthdays = st.one_of(
    st.just(""),
    st.dates(date(1605, 1, 1)).map(date.isoformat),
    st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"--{day:%m-%d}"),
)


def image(width: int = 40, height: int = 30, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture with a gradient, as a file."""
    target = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(target, kind)
    return target.getvalue()


def photo() -> Photo:
    found = portrait(image())
    assert found is not None
    return found


PHOTO = photo()

cards = st.builds(
    Card,
    public_id=words.filter(bool),
    version=st.integers(0, 2**62),
    profile=st.integers(0, 3),
    kind=st.sampled_from(ContactKind),
    full_name=words,
    family=words,
    given=words,
    additional=words,
    prefix=words,
    suffix=words,
    nickname=words,
    organisation=words,
    department=words,
    title=words,
    role=words,
    birthday=birthdays,
    note=paragraphs,
    categories=distinct(words.filter(bool)),
    phones=points(numbers),
    emails=points(words.filter(is_one_email)),
    urls=points(words),
    ims=points(words),
    addresses=distinct(
        st.builds(Address, labels, *[paragraphs] * 7).filter(
            lambda address: address != Address(address.label)
        )
    ),
    photo=st.sampled_from([None, PHOTO]),
)
