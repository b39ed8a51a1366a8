"""Phones and e-mails as people type them (the list was measured with phonenumbers 9.0.43)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards.points import email_norm, phone_norm, split_emails, split_phones
from tests.cards.strategies import naughty

phoneish = st.one_of(
    naughty,
    st.text(alphabet="0123456789+-/,;()| .xkl\n\tJana=et#", max_size=60),
)


@pytest.mark.parametrize(
    "raw",
    [
        "605 203 938",
        "+420605203938",
        "00420605203938",
        "420605203938",
        "605-203-938",
        "(+420) 605/203938",
        "tel:+420605203938",
        "Tel.: 605 203 938",
        "mobil 605203938",
        "+420605203938;ext=12",
        "+420605203938;phone-context=+420",
        "605\u00a0203\u00a0938",
        "\uff16\uff10\uff15203938",
        "605203938 kl. 12",
        "605203938 klapka 12",
        "605203938 x12",
        "605203938,,12#",
        "605203938, 12",
        "+420605203938p12",
        "605 203 938 w12#",
    ],
)
def test_one_number_in_many_spellings(raw: str) -> None:
    assert phone_norm(raw) == "+420605203938"
    assert [phone_norm(number) for number in split_phones(raw)] == ["+420605203938"]


@pytest.mark.parametrize(
    "raw",
    [
        "605203938, 777123456",  # two numbers, read as one with an extension
        "+420 605 203 938 (Jana)",  # letters, read as digits
        "777 O12 345",
        "1-800-FLOWERS",
        "0905 123 456",  # Slovak
        "02/2422 1111",  # Czech before 2002
        "112",
        "",
        "1" * 100_000,
    ],
)
def test_what_is_no_valid_number_has_no_key(raw: str) -> None:
    assert phone_norm(raw) == ""


@pytest.mark.parametrize(
    ("raw", "country", "key"),
    [
        ("0905 123 456", "SK", "+421905123456"),
        ("0888 123 456", "BG", "+359888123456"),
        ("+48 600 100 200", "", "+48600100200"),
        ("605 203 938", "", ""),
        ("605203938 вътр. 12", "CZ", "+420605203938"),
        ("22 123 45 67 wew. 8", "PL", "+48221234567"),
    ],
)
def test_the_country_decides(raw: str, country: str, key: str) -> None:
    assert phone_norm(raw, country) == key


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("605203938, 777123456", ("605203938", "777123456")),
        ("605203938;777123456\n222 333 444", ("605203938", "777123456", "222 333 444")),
        ("605203938/777123456", ("605203938", "777123456")),
        ("605203938 nebo 777123456", ("605203938", "777123456")),
        ("605203938 (Jana) 777123456 (Petr)", ("605203938", "777123456")),
        ("+420 605 203 938 (Jana)", ("+420 605 203 938",)),
        ("605203938, Jana", ("605203938",)),
        ("605203938, 605203938", ("605203938",)),
        ("(+420) 605/203938", ("(+420) 605/203938",)),
        ("02/2422 1111", ("02/2422 1111",)),
        ("281000111 kl. 12", ("281000111 kl. 12",)),
        ("281000111 (kl. 12)", ("281000111 kl. 12",)),
        ("281000111, kl. 12", ("281000111, kl. 12",)),
        ("+1-418-656-9254;ext=102", ("+1-418-656-9254;ext=102",)),
        ("281000111,,12#", ("281000111,,12#",)),
        ("281000111, 112", ("281000111", "112")),
        ("tel.: 605 203 938; fax 222 333 444", ("605 203 938", "fax 222 333 444")),
        ("777 O12 345", ("777 O12 345",)),
        ("(Jana)", ("(Jana)",)),
        ("  ", ()),
    ],
)
def test_several_numbers_in_one_value(raw: str, numbers: tuple[str, ...]) -> None:
    assert split_phones(raw) == numbers


@given(phoneish)
def test_a_single_number_is_not_split_again(raw: str) -> None:
    for number in split_phones(raw):
        assert split_phones(number) == (number,)


@given(phoneish)
def test_no_digit_is_lost_but_in_remarks(raw: str) -> None:
    if "(" not in raw and ")" not in raw:
        kept = "".join(split_phones(raw))
        assert set(filter(str.isdecimal, raw)) == set(filter(str.isdecimal, kept))


@given(phoneish)
def test_a_key_is_its_own_key(raw: str) -> None:
    key = phone_norm(raw)
    assert phone_norm(key) == key


@pytest.mark.parametrize("separator", ["/", ",", " (", "(a)", " a ", ";ext="])
def test_a_value_too_long_for_a_phone_stays_whole(separator: str) -> None:
    raw = f"605203938{separator}" * 20_000
    assert split_phones(raw) == (raw.strip(),)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Jan.Novak+x@Firma.CZ", "jan.novak+x@firma.cz"),
        ("mailto:jan@firma.cz", "jan@firma.cz"),
        ("Jan Novák <jan@firma.cz>", "jan@firma.cz"),
        ("jan@háčky.cz", "jan@xn--hky-ela4t.cz"),
        ("jan@XN--HKY-ELA4T.cz", "jan@xn--hky-ela4t.cz"),
        ("ŘEHOŘ@firma.cz", "řehoř@firma.cz"),
        ("rehor\u030c@firma.cz", "rehoř@firma.cz"),
        ("jan@firma.local", "jan@firma.local"),
        ('"Jan Novák"@firma.cz', '"jan novák"@firma.cz'),
        ("jan@firma@cz", ""),
        ("jan", ""),
        ("@firma.cz", ""),
        ("jan@", ""),
        ("jan novak@firma.cz", ""),
        ("jan@fir ma.cz", ""),
        ("jan@-firma.cz", ""),
        ("jan@\u0300x.cz", ""),
        ("a" * 1000 + "@firma.cz", ""),
    ],
)
def test_email_keys(raw: str, key: str) -> None:
    assert email_norm(raw) == key


@given(st.one_of(naughty, st.emails(), st.tuples(naughty, naughty).map("@".join)))
def test_an_email_key_is_its_own_key(raw: str) -> None:
    key = email_norm(raw)
    assert email_norm(key) == key


@pytest.mark.parametrize(
    ("raw", "emails"),
    [
        ("jan@firma.cz, eva@firma.cz", ("jan@firma.cz", "eva@firma.cz")),
        ("jan@firma.cz;eva@firma.cz|jan@firma.cz", ("jan@firma.cz", "eva@firma.cz")),
        ("jan@firma.cz eva@firma.cz,", ("jan@firma.cz", "eva@firma.cz")),
        ("Jan Novák <jan@firma.cz>", ("Jan Novák <jan@firma.cz>",)),
        ("jan@firma.cz, Eva", ("jan@firma.cz, Eva",)),
        ("/o=Firma/cn=jan", ("/o=Firma/cn=jan",)),
        ("", ("",)),
    ],
)
def test_several_emails_in_one_value(raw: str, emails: tuple[str, ...]) -> None:
    assert split_emails(raw) == emails


@pytest.mark.parametrize("mark", ["\u202a", "\u202d", "\u200e", "\u2066"])
def test_marks_of_direction_inside_a_number_are_no_part_of_it(mark: str) -> None:
    assert phone_norm(f"+420 {mark}603 555 777\u202c") == "+420603555777"
