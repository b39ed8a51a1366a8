"""Files of answers and saved mails, as other programs write them."""

from datetime import UTC, datetime

import pytest

from app.errors import Invalid
from app.imports import answers, mails


@pytest.mark.parametrize(
    "data",
    [
        b"MSISDN;Text;Time;Short code\n+420777123456;NEWS YES;2026-05-03T10:00;90210\n",
        "\ufefftelefon,zpráva,čas,krátké číslo\n+420777123456,NEWS YES,2026-05-03T10:00,90210"
        "\n,,,\n".encode(),
        (
            "číslo\tSMS\tdatum\tshortcode\r\n+420777123456\tNEWS YES\t2026-05-03T10:00\t90210\r\n"
        ).encode("cp1250"),
    ],
    ids=["semicolons", "commas and a mark", "tabs and cp1250"],
)
def test_columns_are_known_by_their_names(data: bytes) -> None:
    (row,) = answers.read(data)
    assert row.line == 2
    assert {name: row.get(name) for name in answers.COLUMNS} == {
        "number": "+420777123456",
        "email": "",
        "text": "NEWS YES",
        "time": "2026-05-03T10:00",
        "short_code": "90210",
        "original": "",
    }


def test_a_column_can_be_named() -> None:
    rows = answers.read(
        b"who;when\nkarel@example.org;2026-05-03\n", {"email": "Who", "time": "when"}
    )
    assert [(row.get("email"), row.get("time")) for row in rows] == [
        ("karel@example.org", "2026-05-03")
    ]


@pytest.mark.parametrize(
    ("data", "mapping", "words"),
    [
        (b"", {}, "no column is a number"),
        (b"name;day\nKarel;1\n", {}, "no column is a number"),
        (b"email\nx@example.org\n", {"time": "Zeit"}, "no column 'Zeit'"),
        (b"\x81\x8d\n", {}, "it is no text"),
        (b"email\n" + b"x@example.org\n" * (answers.MOST_ROWS + 1), {}, "more than 5000 rows"),
    ],
)
def test_what_is_no_such_file_is_said(data: bytes, mapping: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        answers.read(data, mapping)


HEAD = b"From: Karel <karel@example.org>\nDate: Mon, 4 May 2026 10:00:00 +0200\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (HEAD, ("karel@example.org", datetime(2026, 5, 4, 8, tzinfo=UTC), "")),
        (
            HEAD
            + b"Authentication-Results: mx.example; spf=pass;\n dkim=pass header.d=example.org\n",
            ("karel@example.org", datetime(2026, 5, 4, 8, tzinfo=UTC), "pass (example.org)"),
        ),
        (b"Authentication-Results: mx; dkim=fail\nDate: yesterday\n", ("", None, "fail")),
        (b"Date: Mon, 4 May 2026 10:00:00 -0000\n", ("", None, "")),
        (b"\xff\x00", ("", None, "")),
    ],
)
def test_a_mail_says_who_wrote_it_and_when(
    data: bytes, found: tuple[str, datetime | None, str]
) -> None:
    mail = mails.read(data)
    assert (mail.sender, mail.sent_at, mail.dkim) == found
