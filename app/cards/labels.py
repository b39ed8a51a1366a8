"""What a phone or an address is for: TYPE and X-ABLabel on one side, our labels on the other."""

import binascii
import re
from collections.abc import Iterator, Mapping

from app.cards.properties import Property, decoded

_LONGEST = 100

# Our labels and the TYPE values of RFC 2426 (3.3.1) that write them; "main" and "other" are
# Apple's and Evolution's.
TYPES: Mapping[str, tuple[str, ...]] = {
    "work fax": ("WORK", "FAX"),
    "home fax": ("HOME", "FAX"),
    "pager": ("PAGER",),
    "fax": ("FAX",),
    "cell": ("CELL",),
    "main": ("MAIN",),
    "work": ("WORK",),
    "home": ("HOME",),
    "other": ("OTHER",),
}

# How Apple names its built-in labels, between _$!< and >!$_.
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_APPLE_LABELS = {
    "mobile": "cell",
    "iphone": "cell",
    "workfax": "work fax",
    "homefax": "home fax",
    "otherfax": "fax",
}
_TABLE_LABELS = {
    **dict.fromkeys(("mobile", "iphone", "mobil", "mobilní"), "cell"),
    **dict.fromkeys(("business", "práce", "do práce", "zaměstnání"), "work"),
    **dict.fromkeys(("domů", "domov", "bydliště"), "home"),
    **dict.fromkeys(("hlavní", "main"), "main"),
    **dict.fromkeys(("jiný", "jiná", "jiné", "ostatní"), "other"),
    "workfax": "work fax",
    "homefax": "home fax",
}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SYNONYMS = {
    "MOBILE": ("CELL",),
    "MOBIL": ("CELL",),
    "IPHONE": ("CELL",),
    "APPLEWATCH": ("CELL",),
    "BUSINESS": ("WORK",),
    "HOMEFAX": ("HOME", "FAX"),
    "FAX_HOME": ("HOME", "FAX"),
    "WORKFAX": ("WORK", "FAX"),
    "FAX_WORK": ("WORK", "FAX"),
}

# Types that say how a number works or is preferred, not what it is for.
_SILENT = frozenset(
    {"VOICE", "MSG", "PREF", "TEXT", "TEXTPHONE", "VIDEO", "BBS", "MODEM", "ISDN", "PCS"}
    | {"INTERNET", "X-INTERNET", "X400", "JABBER", "DOM", "INTL", "POSTAL", "PARCEL"}
)

# Samsung: TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=C5=98editel):...
_SAMSUNG = re.compile(r"X-CUSTOM\([^()]*,([^(),]*)\)", re.IGNORECASE)


def label(item: Property, named: Mapping[str, str]) -> str:
    """The label of a property; `named` holds the X-ABLabel of each group."""
    if item.group and item.group in named:
        return _apple(named[item.group])
    kinds = map(str.upper, item.values("TYPE"))
    types = {kind for said in kinds for kind in _SYNONYMS.get(said, (said,))}
    for ours, needed in TYPES.items():
        if types.issuperset(needed):
            return ours
    return next(_custom(item), "")[:_LONGEST]


def named_label(text: str) -> str:
    """Our label for what a table says a point is for: "Mobile", "Work Fax", or a word of one's own.

    Google writes labels in the language of its user; those of others stay as they are.
    """
    own = " ".join(text.split())[:_LONGEST]
    plain = own.lower()
    return _TABLE_LABELS.get(plain, plain if plain in TYPES else own)


def is_preferred(item: Property) -> bool:
    """TYPE=pref of 2.1 and 3.0, PREF=1 of 4.0 (RFC 6350, 5.3)."""
    return "1" in item.values("PREF") or any(k.upper() == "PREF" for k in item.values("TYPE"))


def _apple(text: str) -> str:
    """Built-in labels in our words, a person's own as it stands.

    WhatsApp writes the built-in ones bare: "Mobile".
    """
    built_in = _APPLE.fullmatch(text)
    if built_in is None:
        own = " ".join(text.split())[:_LONGEST]
        return {"Mobile": "cell", "iPhone": "cell"}.get(own, own)
    name = built_in[1].strip()
    words = " ".join(_CAMEL.sub(" ", name).split()).lower()
    return _APPLE_LABELS.get(name.lower(), words)[:_LONGEST]


def _custom(item: Property) -> Iterator[str]:
    """Labels that a program made types of: X-Vrátnice, or plain words such as "assistant"."""
    for name, value in item.parameters:
        samsung = _SAMSUNG.fullmatch(value) if name == "TYPE" else None
        if samsung:
            yield decoded(binascii.a2b_qp(samsung[1]))
    for kind in item.values("TYPE"):
        own = kind[2:] if kind.upper().startswith("X-") else kind.lower()
        if not _SILENT.intersection((kind.upper(), own.upper())):
            yield " ".join(own.split())
