"""Words, paths and values that were trouble somewhere, for grammars and properties alike."""

METHODS = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "MKCOL", "MOVE"),
    *("COPY", "PROPPATCH", "LOCK", "UNLOCK", "ACL", "MKCALENDAR", "PATCH", "SEARCH", "TRACE"),
    *("CONNECT", "BREW", "get", "PROPfind", "G" * 40, "M-SEARCH", "", "GET\t", "\x00"),
)

PIECES = (
    *("%2f", "%2F", "%5c", "%00", "%0a", "%0d%0aX-A:%20b", "%c0%ae", "%c0%af", "%252e", "%252f"),
    *("%25", "%", "%zz", "%u0041", "..", "../", "/..", "/./", ".", "//", "///", ";jsessionid=1"),
    *(";", "?", "#", "?a=b", "*", "~", "\\", "%ff", "%ed%a0%80", "%ef%bf%be", "%0b", "%1b[31m"),
    *("n\u0303", "\u00f1", "%C3%A9", "e%CC%81", "\u202e", "a" * 300, "b" * 3000, "\u0130", "+"),
    *(".vcf", ".web", ".well-known", ".token", ":", "@", "'", '"', "<", ">", "{}", "|", "^", "`"),
    *("http://evil.example/", "//evil.example/", "kustod-help.vcf", "%2e%2e", "nul", "\x7f"),
)

TEXTS = (
    *("", " ", "a", "\x00", "\x0b", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\ufffe", "\uffff"),
    *("\ud800", "\udfff", "\u202e", "\u200b", "e" + "\u0301" * 200, "\U0001f468\u200d\U0001f469"),
    *("\u00f1", "n\u0303", "\u0130", "\u00df", "\ufb01", "\ufdfa" * 500, "Žluťoučký kůň", "Nguyễn"),
    *("محمد", "王", "გიორგი", "O'Brien", "Null", "None", "=cmd|' /C calc'!A0", "{{7*7}}", "${7*7}"),
    *("%s%n%x", "</script><script>alert(1)</script>", "<svg/onload=alert(1)>", "]]>", "<![CDATA["),
    *("&#0;", "&#11;", "&amp;", '\\,;:"^n', "' OR 1=1 --", "a%", "_", "x" * 300, "y" * 70_000),
    *("\r\n", "a\r\nSet-Cookie: a=b", "0", "-1", "9" * 400, "1e400", "NaN", "true", "\\", "%", "'"),
)

REDIRECTS = (
    *("//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example", "https:evil.example"),
    *("javascript:alert(1)", "/%5cevil.example", "http://a@evil.example", "///evil.example"),
    *("/%09/evil.example", "/\n/evil.example", "https://evil.example", "/.//evil.example"),
    *("//evil%E3%80%82example", "/contacts/../..//evil.example", "/contacts", "/contacts?q=%0d%0a"),
    *(
        "http:/evil.example",
        "/\u2028/evil.example",
        "/ /evil.example",
        "?//evil.example",
        "/static",
    ),
    *("data:text/html,x", "/\\\\evil.example", "/contacts//evil.example", "/sign-out", "/language"),
)

NUMBERS = (
    "0",
    "-1",
    "1",
    "+5",
    "5, 5",
    "5,6",
    "18446744073709551616",
    "0x10",
    "٣",
    "1e3",
    "",
    " 7",
)

DEPTHS = ("0", "1", "infinity", "-1", "99", "1,noroot", "", "0, 1", "\xff", "Infinity", "0" * 5000)

CONDITIONS = ("*", '"x"', 'W/"x"', '"a", "b"', "x", '"', '""', '(<opaque> ["x"])', "\xff" * 9, ",")

FORWARDED = (
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix"),
    *("Forwarded", "X-Real-IP", "X-Script-Name", "Script-Name", "Path-Info", "X-Remote-User"),
    *("X-Remote-Addr", "Remote-User", "X-Original-URL", "X-Rewrite-URL", "Proxy", "Via"),
    *("X-HTTP-Method-Override", "X-Method-Override", "X-Forwarded-Port", "X-HTTP-Method"),
)

ADDRESSES = (
    *("127.0.0.1", "::1", "fe80::1%eth0", "a", "", "1" * 5000, "127.0.0.1, 10.0.0.1", "for=_x"),
    *("[::1]:80", "https", "http", "evil.example", "/evil", "DELETE", "10.0.0.1:9", ",", "\xff"),
)

AGENTS = (
    *("DAVx5/4.4.5 (2026/08/01; dav4jvm; okhttp/5.0.0) Android/15", "", "curl/8", "\x1b[31mred"),
    *("iOS/26.1 (23B85) dataaccessd/1.0", "macOS/26.0 AddressBookCore/1", "Thunderbird/153.0"),
    *("vdirsyncer/0.21", "Evolution/3.46", "x" * 5000, "é", "\xff\xfe", "a\tb", "{{7*7}}"),
)

LANGUAGES = ("cs", "en", "cs,en;q=0.5", "*", "x" * 900, "en;q=9", "cs-CZ-x-a", ";;;", "\xff", "q=1")

ENCODINGS = ("gzip", "identity", "br, *;q=0", "x", "\xff", ",,,", "gzip;q=99999999999")

CONTENT_TYPES = (
    *("text/xml", "application/xml; charset=utf-16", "text/vcard", "text/plain; charset=rot13"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b; charset=\xff"),
    *("multipart/form-data", "application/json", "", "/", "x" * 900, "text/html;;;", "multipart/x"),
    "multipart/form-data; boundary=" + "b" * 300,
    "application/x-www-form-urlencoded; charset=utf-7",
)
