"""Phones and e-mails: cut into single values, and the keys by which they are compared."""

import re
import unicodedata

import idna
import phonenumbers

# Nothing longer is a phone (phonenumbers refuses it as well) or an address (RFC 5321, 4.5.3.1).
_LONGEST_PHONE = 250
_LONGEST_EMAIL = 320
_LONGEST_LIST = 1_000

# Words that stand before an extension: English, Czech and Slovak, Polish, Bulgarian.
_EXTENSION = (
    r"(?:;ext=|(?<![^\W\d_])(?:ext|klapka|kl|linka|wewn|wew|вътр)(?![^\W\d_])[.:]*|x(?=\s?\d))"
)
_TAIL = re.compile(rf"[\s,;]*{_EXTENSION}\s*\d{{1,8}}\s*$", re.IGNORECASE)
_STARTS_EXTENSION = re.compile(rf"\s*{_EXTENSION}\s*\d", re.IGNORECASE)
_WHOLE_EXTENSION = re.compile(rf"\(\s*({_EXTENSION}\s*\d{{1,8}})\s*\)", re.IGNORECASE)
_PAUSE = re.compile(r",+(?:\s?\d{1,2}|\d{1,6})#?$")
# What Android makes of a pause and a wait.
_TONES = re.compile(r"(?<=\d)\s?[pw][\d#*pw]{0,20}$", re.IGNORECASE)

_HEADINGS = "telefon|tel|mobil|mob|phone|gsm"
_HEADING = re.compile(rf"^(?:\s*(?:{_HEADINGS})(?![^\W\d_])[\s.:]*)+", re.IGNORECASE)
_PARAMETERS = re.compile(r";(?:isub|phone-context)=[^;]*", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*[^\W\d_][^()]*\)")
_OR = "a|i|nebo|or|and|und|oder"
_BETWEEN = re.compile(
    rf"([\n|,/]|;(?!\s*(?:ext|isub|phone-context)=)|\s(?:{_OR})\s)", re.IGNORECASE
)
_SAYS_NOTHING = re.compile(rf"(?<![^\W\d_])(?:{_HEADINGS}|{_OR})(?![^\W\d_])", re.IGNORECASE)
_WHOLE_NUMBER = 7
# Phones wrap numbers in marks of direction, which nobody sees.
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_BRACKETED = re.compile(r"<([^<>]*)>$")
_BETWEEN_EMAILS = re.compile(r"\s*[,;/|]\s*|\s+")
_LOCAL = re.compile(r'[^\s"(),:;<>@\[\\\]\x00-\x1f\x7f]{1,64}|"[^"\\\r\n]{1,62}"')
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def phone_norm(raw: str, country: str = "CZ") -> str:
    """The number in E.164 without its extension, or "" where it is not a valid number.

    Letters are refused: phonenumbers would read "+420 605 203 938 (Jana)" as digits, and
    "605203938, 777123456" as one number with a long extension.
    """
    if len(raw) > _LONGEST_PHONE:
        return ""
    number = _PARAMETERS.sub("", _HEADING.sub("", _MARKS.sub("", raw))).strip()
    number = _PAUSE.sub("", _TONES.sub("", _TAIL.sub("", number)))
    if any(char.isalpha() for char in number):
        return ""
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def split_phones(raw: str) -> tuple[str, ...]:
    """The single numbers in a value that may hold several, as typed, without repetitions.

    Remarks in brackets go; an extension, a pause and the slash of "605/203938" stay with their
    number. A value without any digit comes back whole.
    """
    if len(raw) > _LONGEST_PHONE:
        return (raw.strip(),)
    text = _COMMENT.sub("\n", _WHOLE_EXTENSION.sub(r" \1", raw))
    first, *rest = _BETWEEN.split(text)
    pieces = [first]
    for separator, piece in zip(rest[::2], rest[1::2], strict=True):
        if _belongs(pieces[-1], separator, piece):
            pieces[-1] += separator + piece
        else:
            pieces.append(piece)
    numbers = dict.fromkeys(_trimmed(piece) for piece in pieces if _digits(piece))
    return tuple(numbers) or tuple(filter(None, (raw.strip(),)))


def has_remark(raw: str, numbers: tuple[str, ...]) -> bool:
    """Whether the value says in words more than its single numbers do."""
    return _letters(_SAYS_NOTHING.sub("", raw)) > _letters("".join(numbers))


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _belongs(number: str, separator: str, piece: str) -> bool:
    """Whether what follows the separator is a part of the same number."""
    if separator == "/":
        return min(_digits(number), _digits(piece)) < _WHOLE_NUMBER
    if separator in ",;" and _STARTS_EXTENSION.match(piece):
        return True
    return separator == "," and (not piece or _PAUSE.fullmatch(separator + piece) is not None)


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _trimmed(piece: str) -> str:
    return " ".join(_HEADING.sub("", piece).split()).strip(" ,;:/-")


def email_norm(raw: str) -> str:
    """The key by which two addresses are the same, or "" where it is not an address.

    Case goes and the domain is IDNA; dots and "+tag" stay, for consent given to one address
    does not reach another. "Jan <jan@firma.cz>" and mailto: are understood, and names that
    only an intranet resolves: an address is not less the same for being undeliverable.
    """
    if len(raw) > _LONGEST_EMAIL:
        return ""
    text = _MAILTO.sub("", raw.strip())
    bracketed = _BRACKETED.search(text)
    local, _, domain = (bracketed[1] if bracketed else text).rpartition("@")
    host = _host(domain)
    if not (host and _LOCAL.fullmatch(local)):
        return ""
    return f"{unicodedata.normalize('NFC', local.casefold())}@{host}"


def split_emails(raw: str) -> tuple[str, ...]:
    """The single addresses in a value that may hold several; anything else comes back whole."""
    parts = [part for part in _BETWEEN_EMAILS.split(raw) if part]
    are_addresses = len(raw) <= _LONGEST_LIST and all(map(email_norm, parts))
    return tuple(dict.fromkeys(parts)) if len(parts) > 1 and are_addresses else (raw,)


def _host(domain: str) -> str:
    """The domain in lower-case ASCII, or "" where it cannot be one."""
    try:
        name = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""
    return name.lower() if _HOST.fullmatch(name.lower()) else ""
