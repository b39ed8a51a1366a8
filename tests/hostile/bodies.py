"""Bodies of requests: XML, vCards, forms; right, nearly right, and hostile."""

import random
from collections.abc import Callable, Sequence
from urllib.parse import quote_from_bytes
from xml.sax.saxutils import escape

from tests.hostile import corpus

Pairs = Sequence[tuple[str, str]]
NAMESPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"',
    'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:D="DAV:"',
    'xmlns:D="urn:ietf:params:xml:ns:carddav" xmlns:C="DAV:"',
    'xmlns:D="dav:" xmlns:C="CARDDAV"',
    "",
)
PROPERTIES = (
    *("<D:getetag/>", "<C:address-data/>", "<D:sync-token/>", "<D:resourcetype/>", "<D:owner/>"),
    *("<D:displayname/>", "<D:current-user-principal/>", "<C:addressbook-home-set/>", "<D:acl/>"),
    *("<D:supported-report-set/>", "<D:current-user-privilege-set/>", "<D:principal-URL/>"),
    *("<D:getcontenttype/>", "<x/>", '<x xmlns=""/>', '<y xmlns="&lt;&quot;"/>', "<D:a.b-c/>"),
    '<C:address-data version="4.0"><C:prop name="EMAIL"/></C:address-data>',
    *('<C:address-data><C:prop name="NOTE"/></C:address-data>', "<D:prop/>", "text", "<D:\u00e9/>"),
    *("<C:supported-address-data/>", "<C:max-resource-size/>", '<getctag xmlns="http://c"/>'),
)
HEADS = (
    *("", "", "", '<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.1"?>', "\ufeff"),
    *('<?xml version="1.0" encoding="rot13"?>', '<?xml version="1.0" encoding="utf-16"?>'),
    *("<!DOCTYPE a>", '<!DOCTYPE a SYSTEM "file:///etc/passwd">', "<!-- -->", "<?x y?>"),
    '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>',
    '<?xml version="1.0" encoding="cp037"?>',
)


def xml(drawn: random.Random, href: Callable[[], str], tokens: Sequence[str]) -> bytes:
    """The body of a PROPFIND or a REPORT."""
    bodies = (_propfind, _sync, _multiget, _multiget, _query, _shape)
    inner = drawn.choice(bodies)(drawn, href, tokens)
    text = drawn.choice(HEADS[:4] * 6 + HEADS) + inner.replace(
        "NS", drawn.choice(NAMESPACES[:1] * 20 + NAMESPACES)
    )
    if drawn.random() < 0.15:
        at = drawn.randrange(len(text) + 1)
        text = (
            text[:at]
            + drawn.choice(["<", "&", "]]>", "\x00", "\x0b", "&#0;", "<![CDATA["])
            + text[at:]
        )
    if drawn.random() < 0.1:
        text = text[: drawn.randrange(len(text) + 1)]
    encoding = drawn.choice(["utf-8"] * 9 + ["utf-16", "utf-16-le", "utf-7", "cp037"])
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf-") else "replace")


def _props(drawn: random.Random) -> str:
    return "".join(drawn.choices(PROPERTIES, k=drawn.choice([0, 1, 2, 3, 8])))


def _propfind(drawn: random.Random, _href: Callable[[], str], _tokens: Sequence[str]) -> str:
    inside = drawn.choice(
        [f"<D:prop>{_props(drawn)}</D:prop>", "<D:allprop/>", "<D:propname/>", ""]
    )
    return f"<D:propfind NS>{inside}{drawn.choice(['', '<D:include/>', '<D:prop/>'])}</D:propfind>"


def _sync(drawn: random.Random, _href: Callable[[], str], tokens: Sequence[str]) -> str:
    token = drawn.choice([*tokens, *tokens, "", "x", "data:,", "t" * 10_000])
    token = escape(token) + drawn.choice(["", "", "", " ", "\n", "0", "<a/>", "\u0663"])
    level = drawn.choice(["1", "1", "infinite", "0", "-1", "", "9" * 40, "<a/>"])
    limit = drawn.choice(["", "", *corpus.NUMBERS])
    paged = f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>" if limit else ""
    return (
        f"<D:sync-collection NS><D:sync-token>{token}</D:sync-token>"
        f"<D:sync-level>{level}</D:sync-level>{paged}<D:prop>{_props(drawn)}</D:prop>"
        "</D:sync-collection>"
    )


def _multiget(drawn: random.Random, href: Callable[[], str], _tokens: Sequence[str]) -> str:
    hosts = ("", "", "", "http://127.0.0.1", "http://evil.example", "http://[", "//", "x:", " \n")
    count = drawn.choice([0, 1, 2, 5, 40, 3000, 9000])
    few = [escape(drawn.choice(hosts) + href()) for _ in range(min(count, 40))]
    hrefs = "".join(f"<D:href>{drawn.choice(few)}</D:href>" for _ in range(count))
    name = "C:addressbook-multiget"
    return f"<{name} NS><D:prop>{_props(drawn)}</D:prop>{hrefs}</{name}>"


def _query(drawn: random.Random, _href: Callable[[], str], _tokens: Sequence[str]) -> str:
    name = drawn.choice(["FN", "EMAIL", "NOTE", "TEL", "", "X-" + "a" * 200, "N", "UID"])
    kind = drawn.choice(["contains", "equals", "starts-with", "ends-with", "x", ""])
    collation = drawn.choice(["i;unicode-casemap", "i;octet", "x"])
    text = escape(drawn.choice(corpus.TEXTS[:60]).encode("utf-8", "replace").decode())
    match = (
        f'<C:text-match collation="{collation}" match-type="{kind}" negate-condition="'
        f'{drawn.choice(["yes", "no", "x"])}">{text}</C:text-match>'
    )
    inside = drawn.choice(
        [
            match,
            "<C:is-not-defined/>",
            f'<C:param-filter name="TYPE">{match}</C:param-filter>',
            match * 50,
            "",
        ]
    )
    filters = f'<C:prop-filter name="{name}">{inside}</C:prop-filter>' * drawn.choice([1, 1, 2, 60])
    test = drawn.choice(["", 'test="allof"', 'test="anyof"', 'test="x"'])
    limit = drawn.choice(
        ["", f"<C:limit><C:nresults>{drawn.choice(corpus.NUMBERS)}</C:nresults></C:limit>"]
    )
    return (
        f"<C:addressbook-query NS><D:prop>{_props(drawn)}</D:prop><C:filter {test}>{filters}"
        f"</C:filter>{limit}</C:addressbook-query>"
    )


def _shape(drawn: random.Random, _href: Callable[[], str], _tokens: Sequence[str]) -> str:
    """XML that is too deep, too wide, or nothing that anybody answers."""
    depth = drawn.choice([20, 33, 5000, 100_000])
    return drawn.choice(
        [
            "<D:a NS>" + "<D:a>" * depth + "</D:a>" * depth + "</D:a>",
            "<D:propfind NS><D:prop>" + "<D:x/>" * depth + "</D:prop></D:propfind>",
            "<D:propfind NS><D:prop><D:x "
            + " ".join(f'a{n}="b"' for n in range(depth))
            + "/></D:prop></D:propfind>",
            "<D:propfind NS><D:prop>"
            + "".join(f'<x xmlns="u{n}"/>' for n in range(2000))
            + "</D:prop></D:propfind>",
            "<D:expand-property NS/>",
            "<D:principal-search-property-set NS/>",
            "<C:free-busy-query NS/>",
            "<D:propfind NS><D:prop><![CDATA[" + "]]" * 500 + "]]></D:prop></D:propfind>",
            (
                "<D:propertyupdate NS><D:set><D:prop><D:displayname>x</D:displayname></D:prop>"
                "</D:set></D:propertyupdate>"
            ),
            "<" + "n" * 60_000 + "/>",
        ]
    )


def vcard(drawn: random.Random) -> bytes:
    """A card for PUT."""
    text = drawn.choice(corpus.TEXTS).encode("utf-8", "surrogatepass")
    line = drawn.choice(
        [
            b"TEL:1",
            b"NOTE:" + text,
            b"N:;;;;",
            b"item1.TEL:1",
            b"PHOTO;VALUE=uri:file:///etc/passwd",
            b"UID:../../x",
            b"BDAY:--0229",
            b";;;:;;;",
            b" folded",
        ]
    )
    lines = [b"BEGIN:VCARD", drawn.choice([b"VERSION:3.0", b"VERSION:9"]), b"FN:" + text]
    lines += [line] * drawn.choice([1, 1, 3, 20_000]) + [b"END:VCARD", b""]
    return drawn.choice([b"\r\n", b"\r\n", b"\n", b"\r"]).join(lines) * drawn.choice([1, 1, 2])


def form(pairs: Pairs) -> bytes:
    """Fields as a browser encodes them; what is no Unicode goes out as bytes."""

    def quoted(text: str) -> str:
        return quote_from_bytes(text.encode("utf-8", "surrogatepass"))

    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs).encode()


def multipart(pairs: Pairs) -> bytes:
    """Fields as parts, under the boundary x."""
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
        for name, value in pairs
    ]
    return b"".join(parts) + b"--x--\r\n"


def chunked(body: bytes, size: int) -> bytes:
    """The body in chunks of this size."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"
