"""The ways to reach somebody in a sheet: phones, e-mails, pages, chats, addresses, and the face."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, unquote_to_bytes

from app.cards.card import Address, Photo, Point
from app.cards.labels import is_preferred, label
from app.cards.photos import portrait
from app.cards.points import has_remark, split_emails, split_phones
from app.cards.properties import Property, from_base64
from app.cards.sheet import Sheet

# Properties that say in their name which network they mean, and the scheme we write for it.
IM_SCHEMES = {
    "X-AIM": "aim",
    "X-GADUGADU": "gg",
    "X-GOOGLE-TALK": "gtalk",
    "X-GROUPWISE": "groupwise",
    "X-GTALK": "gtalk",
    "X-ICQ": "icq",
    "X-JABBER": "xmpp",
    "X-MATRIX": "matrix",
    "X-MSN": "msnim",
    "X-QQ": "qq",
    "X-SIP": "sip",
    "X-SKYPE": "skype",
    "X-SKYPE-USERNAME": "skype",
    "X-TELEGRAM": "telegram",
    "X-TWITTER": "twitter",
    "X-WHATSAPP": "whatsapp",
    "X-YAHOO": "ymsgr",
}
_CALLBACKS = {"X-EVOLUTION-CALLBACK": "callback", "X-ASSISTANT-PHONE": "assistant"}
_ADDRESS_PARTS = 7
# RFC 9554 adds eleven components to ADR, which repeat what stands in the first seven.
_ADDRESS_PARTS_9554 = 18

_KDE = re.compile(r"X-MESSAGING/([A-Z]+)-[A-Z]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TEL = re.compile(r"tel:", re.IGNORECASE)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_DATA = re.compile(rb"\s*data:[^,]*,", re.IGNORECASE)
_ELSEWHERE = re.compile(rb"\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def phones(sheet: Sheet) -> tuple[Point, ...]:
    """The phones, one number each: TEL often holds two, or a remark in brackets."""
    return _points(
        (number, _phone_label(item, sheet), is_preferred(item) and position == 0)
        for item in sheet.all("TEL", "X-MS-TEL", *_CALLBACKS)
        for position, number in enumerate(_numbers(item, sheet))
    )


def _phone_label(item: Property, sheet: Sheet) -> str:
    return label(item, sheet.labels) or _CALLBACKS.get(item.name, "")


def _numbers(item: Property, sheet: Sheet) -> tuple[str, ...]:
    text = sheet.line(item.text)
    if _TEL.match(text):
        text = unquote(_TEL.sub("", text, count=1))
    numbers = split_phones(text)
    if has_remark(text, numbers):
        sheet.notes.append(f"A remark beside a phone was left out: {text}")
    return numbers


def emails(sheet: Sheet) -> tuple[Point, ...]:
    """The e-mail addresses as they are typed, one each."""
    return _points(
        (address, label(item, sheet.labels), is_preferred(item) and position == 0)
        for item in sheet.all("EMAIL")
        for position, address in enumerate(
            split_emails(_MAILTO.sub("", sheet.line(item.text), count=1))
        )
    )


def urls(sheet: Sheet) -> tuple[Point, ...]:
    """Web pages, and iPhone's social profiles, which are pages with a label."""
    return _points(
        (sheet.line(item.text), label(item, sheet.labels), is_preferred(item))
        for item in sheet.all("URL", "SOCIALPROFILE", "X-SOCIALPROFILE")
    )


def ims(sheet: Sheet) -> tuple[Point, ...]:
    """Chat addresses as URIs where the network is known (RFC 4770)."""
    kde = {name: _KDE.fullmatch(name) for name in sheet.names()}
    schemes = {name: _scheme(found[1]) for name, found in kde.items() if found} | IM_SCHEMES
    return _points(
        (address, label(item, sheet.labels), is_preferred(item))
        for item in sheet.all("IMPP", "X-MS-IMADDRESS", "X-KADDRESSBOOK-X-IMADDRESS", *schemes)
        for address in _chats(sheet.line(item.text), schemes.get(item.name, ""))
    )


def _scheme(network: str) -> str:
    return IM_SCHEMES.get(f"X-{network}", network.lower())


def _chats(text: str, scheme: str) -> Iterator[str]:
    """The addresses of a value; KDE puts U+E000 between several."""
    for address in text.split("\ue000") if scheme else (text,):
        yield address if not scheme or _SCHEME.match(address) else f"{scheme}:{address}"


def _points(found: Iterable[tuple[str, str, bool]]) -> tuple[Point, ...]:
    points = (Point(*values) for values in found)
    return tuple(dict.fromkeys(point for point in points if point.value))


def addresses(sheet: Sheet) -> tuple[Address, ...]:
    """Addresses part by part; a LABEL counts only where its ADR is missing."""
    found = [_address(item, sheet) for item in sheet.all("ADR")]
    known = {address.label for address in found if address != Address(address.label)}
    for item in sheet.all("LABEL"):
        name = label(item, sheet.labels)
        if name not in known:
            found.append(Address(name, street=sheet.limited(item.text)))
    return tuple(dict.fromkeys(address for address in found if address != Address(address.label)))


def _address(item: Property, sheet: Sheet) -> Address:
    parts = [sheet.limited(part) for part in item.components()]
    if len(parts) > _ADDRESS_PARTS and len(parts) != _ADDRESS_PARTS_9554:
        # A semicolon that nobody escaped: better too much in the last part than a street lost.
        parts[_ADDRESS_PARTS - 1 :] = [", ".join(filter(None, parts[_ADDRESS_PARTS - 1 :]))]
    parts = parts[:_ADDRESS_PARTS]
    if not any(parts):
        # RFC 6350, 6.3.1: an unstructured address is the LABEL parameter of an empty ADR.
        whole = next((value for key, value in item.parameters if key == "LABEL"), "")
        return Address(label(item, sheet.labels), street=sheet.limited(whole))
    return Address(label(item, sheet.labels), *parts)


def picture(sheet: Sheet) -> Photo | None:
    """The first PHOTO that can be read. One that lies elsewhere is never fetched (SSRF)."""
    for data in _pictures(sheet):
        found = portrait(data)
        if found is not None:
            return found
        sheet.notes.append("Left out: a picture that is damaged, too large or of an unknown kind.")
    return None


def _pictures(sheet: Sheet) -> Iterator[bytes]:
    for item in sheet.all("PHOTO"):
        if inside := _DATA.match(item.raw):
            body = unquote_to_bytes(item.raw[inside.end() :])
            yield from_base64(body) if b"base64" in inside[0].lower() else body
        elif _ELSEWHERE.match(item.raw):
            sheet.notes.append("Left out: a picture that lies elsewhere; it is not fetched.")
        else:
            yield from_base64(item.octets if not item.is_base64 else item.raw)
