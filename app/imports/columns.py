"""Columns of a table: which field of a contact each one fills, guessed by the names they have.

Known are the names that Google Contacts and Outlook (English and Czech) write, those of our own
table, and plain words. A column with another name is not imported until somebody says what it is.
"""

import re
from collections.abc import Sequence

from app.cards.text import folded

TEXTS = (
    *("full_name", "given", "additional", "family", "prefix", "suffix", "nickname"),
    *("organisation", "department", "title", "role", "registration_number", "tax_number"),
    *("birthday", "note", "categories", "kind", "source_uid"),
)
PHONES = ("cell", "work", "home", "main", "work fax", "home fax", "fax", "pager", "other", "")
PLACES = ("", "work", "home", "other")
PARTS = ("street", "extended", "po_box", "locality", "postcode", "region", "country")
LABEL_OF_NEXT, LABEL_OF_LAST = "label:next", "label:last"
FIELDS = (
    *TEXTS,
    *(f"phones:{label}" for label in PHONES),
    *(f"emails:{label}" for label in PLACES),
    *("urls:", "ims:"),
    *(f"address:{place}:{part}" for place in PLACES for part in PARTS),
    *(LABEL_OF_NEXT, LABEL_OF_LAST),
)
"""What a column can hold; points and addresses with what they are for, behind a colon."""

NAMING = frozenset(
    {"full_name", "given", "family", "additional", "nickname", "organisation", "phones", "emails"}
)
"""The fields without which a row is nobody, as they stand in front of a colon."""

_NAMES = {
    "full_name": "name|full name|display name|jmeno a prijmeni|prijmeni a jmeno|cele jmeno|"
    "zobrazovane jmeno|kontaktni osoba|contact person",
    "given": "given name|first name|firstname|given|krestni jmeno|krestni",
    "additional": "middle name|additional name|additional|druhe jmeno|dalsi jmeno|"
    "prostredni jmeno|stredni jmeno",
    "family": "family name|last name|lastname|surname|family|prijmeni",
    "prefix": "prefix|name prefix|titul|titul pred|titul pred jmenem|osloveni",
    "suffix": "suffix|name suffix|titul za|titul za jmenem|pripona",
    "nickname": "nickname|prezdivka",
    "organisation": "company|company name|firm|organization|organisation|organization name|"
    "organisation name|firma|spolecnost|organizace|nazev|nazev firmy|nazev spolecnosti|"
    "obchodni jmeno|zamestnavatel|employer",
    "department": "department|organization department|organisation department|oddeleni|utvar|"
    "stredisko",
    "title": "job title|organization title|organisation title|position|pozice|funkce|"
    "pracovni pozice|pracovni zarazeni",
    "role": "role|profession|profese|povolani",
    "registration_number": "ico|ic|registration number|company number|identifikacni cislo",
    "tax_number": "dic|vat|vat number|vat id|tax number|tax id|danove identifikacni cislo",
    "birthday": "birthday|date of birth|birth date|narozeni|narozeniny|datum narozeni",
    "note": "note|notes|poznamka|poznamky|komentar|comment|comments",
    "categories": "categories|category|labels|group membership|kategorie|stitky|skupina|skupiny|"
    "tags",
    "kind": "kind",
    "source_uid": "uid",
    "urls:": "web|www|website|web page|personal web page|webova stranka|webove stranky|url|"
    "homepage",
    "ims:": "im|imaddress|im address|skype|jabber",
    "phones:": "phone|telephone|phone number|telefon|tel|telefonni cislo|cislo telefonu",
    "phones:cell": "mobile|mobile phone|mobile number|mobil|mobilni telefon|mobilni cislo|cell|"
    "cell phone|gsm",
    "phones:main": "company main phone|primary phone|hlavni telefon|hlavni telefon spolecnosti|"
    "primarni telefon",
    "phones:work": "pevna linka",
    "phones:fax": "fax|fax number",
    "phones:pager": "pager|operator",
    "emails:": "e mail|email|mail|e mail address|email address|e mailova adresa|emailova adresa|"
    "adresa elektronicke posty|elektronicka posta",
    "address::street": "street|street address|address|ulice|adresa|ulice a cislo|ulice cislo|"
    "ulice a c p|sidlo",
    "address::extended": "extended|extended address",
    "address::po_box": "po box|postovni prihradka",
    "address::locality": "city|town|locality|mesto|obec",
    "address::postcode": "zip|zip code|postal code|postcode|psc|postovni smerovaci cislo",
    "address::region": "state|region|province|county|kraj|okres|state province",
    "address::country": "country|country region|stat|zeme|zeme oblast",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_PLACE_OF = {
    word: place
    for place, words in {
        "work": "work business office prace zamestnani zam pracovni firemni sluzebni",
        "home": "home private personal domu domov domaci bydliste soukrome soukromy soukroma",
        "other": "other jiny jina jine",
    }.items()
    for word in words.split()
}
_LABELLED = ("phones:", "emails:", "urls:", "ims:", "address:")
_SMALL = frozenset({"value", "do", "z", "v", "of", "the", "primary"})
_JOB_TITLES = frozenset({"job title", "organization title", "organization 1 title", "funkce"})
_WORD = re.compile(r"[^\W_]+")
_SECOND_LINE = re.compile(r"\b(?:street|ulice) [23]\b")


def guess(header: Sequence[str]) -> tuple[str, ...]:
    """The field of each column, "" where it is not known; no text is filled twice."""
    keys = [" ".join(_WORD.findall(folded(name))) for name in header]
    found: list[str] = []
    for place, key in enumerate(keys):
        field = _label(keys, place) or _field(key, keys)
        found.append("" if field in TEXTS and field in found else field)
    return tuple(found)


def _field(key: str, keys: Sequence[str]) -> str:
    """The field that this name means among the others."""
    if key == "title":
        return "prefix" if _JOB_TITLES.intersection(keys) else "title"
    if key == "jmeno":
        return "given" if "prijmeni" in keys else "full_name"
    return _FIELD_OF.get(key) or _numbered(key)


def _numbered(key: str) -> str:
    """The field of "Business Street 2", "E-mail 1 - Value" or "Telefon (práce)"."""
    words = [word for word in key.split() if word not in _SMALL]
    place = next((_PLACE_OF[word] for word in words if word in _PLACE_OF), "")
    kept = [word for word in words if word not in _PLACE_OF and not word.isdigit()]
    for rest in (kept, kept[1:] if kept[:1] in (["address"], ["adresa"], ["organization"]) else []):
        field = _FIELD_OF.get(" ".join(rest), "")
        if field:
            return _placed(field, place, is_second=_SECOND_LINE.search(key) is not None)
    return ""


def _placed(field: str, place: str, *, is_second: bool) -> str:
    """A field for work, home or elsewhere; a second line of a street is no second address."""
    kind, _, rest = field.partition(":")
    if kind == "address":
        part = rest.rpartition(":")[2]
        part = "extended" if part == "street" and is_second else part
        return f"address:{place}:{part}"
    if field == "phones:fax":
        return f"phones:{place} fax" if place in {"work", "home"} else field
    return f"{field}{place}" if field in {"phones:", "emails:"} else field


def _label(keys: Sequence[str], place: int) -> str:
    """Whether this column says what its neighbour is for: "Phone 1 - Label", "phone_1_label"."""
    stem, _, last = keys[place].rpartition(" ")
    if last not in {"label", "type"} or not stem or not _numbered(stem).startswith(_LABELLED):
        return ""
    following = keys[place + 1] if place + 1 < len(keys) else ""
    is_address = stem.startswith("address") and following.startswith(stem)
    if is_address or following in {stem, f"{stem} value"}:
        return LABEL_OF_NEXT
    return LABEL_OF_LAST if place and keys[place - 1] == stem else ""
