"""Whatever a stranger sends, the small readers answer or refuse; nothing else happens."""

import base64
from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from app import keys
from app.keys import KeyName
from app.services import sync_tokens
from app.services.sync_tokens import InvalidToken, Token
from app.web import csrf
from app.web.forms import own_page, text_argument
from dav import paths, xml
from dav.auth import credentials
from dav.xml import BadXml
from tests.hostile.corpus import PIECES, REDIRECTS, TEXTS
from tests.portal import BASE_URL, Portal

RING, STRANGE = keys.generate(), keys.generate()
odd = st.sampled_from(TEXTS) | st.text(max_size=30)
words = st.lists(odd | st.sampled_from(PIECES), max_size=6).map("".join)
number = st.integers(0, 10**18 - 1)
tokens = st.builds(
    Token,
    epoch=st.from_regex(r"[0-9a-z]{1,32}", fullmatch=True),
    book_id=number,
    reader_id=number,
    base=number | st.just(-1),
    seq=number,
    tag=st.from_regex(r"[0-9a-z]{1,32}", fullmatch=True),
)


def is_refused(read: Callable[[], object], kind: type[Exception]) -> bool:
    try:
        read()
    except kind:
        return True
    return False


@given(tokens)
def test_a_token_says_again_what_was_put_in(token: Token) -> None:
    spelled = sync_tokens.spell(RING, token)
    assert sync_tokens.read(RING, spelled, token.book_id) == token
    assert len(spelled) <= 200
    assert is_refused(lambda: sync_tokens.read(STRANGE, spelled), InvalidToken)
    assert is_refused(lambda: sync_tokens.read(RING, spelled, token.book_id + 1), InvalidToken)


@given(tokens, st.data())
def test_a_token_in_which_anything_was_changed_is_refused(
    token: Token, data: st.DataObject
) -> None:
    spelled = sync_tokens.spell(RING, token)
    at = data.draw(st.integers(0, len(spelled)))
    drop = data.draw(st.integers(0, 3))
    changed = spelled[:at] + data.draw(odd) + spelled[at + drop :]
    if changed != spelled:
        assert is_refused(lambda: sync_tokens.read(RING, changed), InvalidToken)


@given(words | st.from_regex(r"urn:x-kustod:sync:1:[0-9a-f]{1,16}:.*"))
def test_a_token_of_nobody_is_refused(text: str) -> None:
    assert is_refused(lambda: sync_tokens.read(RING, text), InvalidToken)


names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)


@given(names, names, names)
def test_a_path_names_what_it_was_made_of(device: str, book: str, card: str) -> None:
    path = paths.book_path(device, book)
    assert paths.place(path) == paths.Place(device, book)
    assert paths.place(f"{path}{card}.vcf") == paths.Place(device, book, f"{card}.vcf")
    for host in ("", "http://x", "https://x:1", "//x"):
        assert paths.name_in_book(f"{host}{path}{quote(card)}.vcf", device, book) == f"{card}.vcf"


@given(words, names, names)
def test_an_href_is_of_this_book_or_of_none(tail: str, device: str, book: str) -> None:
    for href in (tail, paths.book_path(device, book) + tail, f"http://evil.example{tail}"):
        name = paths.name_in_book(href, device, book)
        assert name is None or (name and "/" not in name and "\0" not in name)
        assert paths.name_in_book(href, f"{device}x", book) is None or name is None


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_path_names_something_or_nothing(path_info: str) -> None:
    path = paths.decoded(path_info)
    place = paths.place(path)
    assert "\0" not in path
    assert "/" not in place.device + place.book
    assert place.is_card + place.is_book < 2


markup = st.sampled_from(
    [
        *(
            "<a>",
            "</a>",
            "<a/>",
            "&amp;",
            "&#0;",
            "&#x1F;",
            "&x;",
            "]]>",
            "<![CDATA[",
            "<!--",
            "-->",
        ),
        *("<?xml version='1.0'?>", "<!DOCTYPE a>", "<!DOCTYPE a [<!ENTITY x 'y'>]>", "<D:a>", "'"),
        *(
            "<a xmlns='DAV:'>",
            "<x:a xmlns:x='u'>",
            "</x:a>",
            "<a b='c' b='d'>",
            "\0",
            "\ufeff",
            '"',
        ),
    ]
)


@given(
    st.lists(markup | odd, max_size=12).map("".join), st.sampled_from(["utf-8", "utf-16", "cp037"])
)
@example("<a>" * 33 + "</a>" * 33, "utf-8")
@example("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "utf-16")
def test_any_body_is_a_tree_or_bad(text: str, encoding: str) -> None:
    body = text.encode(encoding, "replace" if encoding == "cp037" else "surrogatepass")
    try:
        root = xml.parse(body)
    except BadXml:
        return
    assert sum(1 for _ in root.iter()) <= xml.MAX_ELEMENTS


@given(st.binary(max_size=60) | words.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_login_is_a_pair_or_none(raw: bytes) -> None:
    pair = credentials("Basic " + base64.b64encode(raw).decode())
    assert (pair is None) or (b":" in raw and pair[0].isprintable())


@given(words)
def test_any_header_is_a_login_or_none(header: str) -> None:
    assert credentials(header) is None or header.strip().lower().startswith("basic ")


@given(words, words)
def test_no_proof_of_a_form_can_be_made_up(secret: str, sent: str) -> None:
    assert not csrf.is_valid(RING, secret, sent)
    key = RING.current(KeyName.SESSION)
    assert not csrf.is_valid(RING, secret, f"{key.id}.{sent}")
    assert csrf.is_valid(RING, secret, csrf.token(RING, secret)) is bool(secret)


def test_no_address_leads_to_another_site(portal: Portal) -> None:
    home = f"{BASE_URL}/somewhere"

    @given(
        st.sampled_from(REDIRECTS)
        | st.tuples(st.sampled_from(["/", "//", "\\", "/contacts"]), words).map("".join)
    )
    def lead(address: str) -> None:
        with portal.app.test_request_context("/"):
            there = own_page(address, "/contacts")
        # Browsers read a backslash as a slash, and pass over tabs and line ends.
        seen = there.replace("\\", "/").replace("\t", "").replace("\r", "").replace("\n", "")
        assert urlsplit(urljoin(home, seen)).netloc == urlsplit(BASE_URL).netloc
        assert there.isascii()
        assert there.isprintable()
        assert " " not in there

    lead()


def test_an_argument_is_what_a_database_can_store(portal: Portal) -> None:
    app: Flask = portal.app

    @given(odd)
    def ask(typed: str) -> None:
        query = {"q": typed.encode("utf-8", "surrogatepass")}
        with app.test_request_context("/", query_string=query):
            text = text_argument("q")
        assert "\0" not in text
        assert len(text) <= 200
        text.encode("utf-8")

    ask()
