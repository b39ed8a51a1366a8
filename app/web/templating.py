"""What templates can do beyond Jinja: links to call, instants, initials, icons, addresses."""

import hashlib
import re
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask, g, url_for
from markupsafe import Markup

from app.cards.card import Card, ContactKind, Point
from app.cards.points import phone_norm
from app.services import moments
from app.web import access, cookies, notices, pictures, texts
from app.web.agents import program_name
from app.web.cookies import Cookie
from app.web.icons import ICONS
from app.web.portal import portal

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
THEMES = ("auto", "light", "dark")
_DIALLED = re.compile(r"[0-9+*#()/. -]*[0-9]{2}[0-9+*#()/. -]*")
_SPACING = re.compile(r"[()/. -]")
_ABROAD = re.compile(r"\+[1-9][0-9 ]{7,20}")
_LABELS = {
    "cell": texts.later("mobile"),
    "work": texts.later("work"),
    "home": texts.later("home"),
    "fax": texts.later("fax"),
    "work fax": texts.later("work fax"),
    "home fax": texts.later("home fax"),
    "pager": texts.later("pager"),
    "main": texts.later("switchboard"),
    "other": texts.later("other"),
}


@lru_cache(maxsize=4096)
def tel(value: str, country: str = "CZ") -> str:
    """The `tel:` address of a number as somebody typed it, or "" for words that are none.

    An extension is left to the one who calls: telephones do not agree on how to dial it.
    """
    if _ABROAD.fullmatch(value):
        return f"tel:{_SPACING.sub('', value)}"
    known = phone_norm(value, country)
    dialled = known or (_SPACING.sub("", value) if _DIALLED.fullmatch(value) else "")
    return f"tel:{quote(dialled, safe='+*')}" if dialled else ""


def point_label(label: str) -> str:
    """What a number or an address is for, in a word; a person's own word stays as it is."""
    return texts.gettext(_LABELS[label]) if label in _LABELS else label


def mailto(value: str) -> str:
    """The `mailto:` address of an e-mail."""
    return "mailto:" + quote(value.strip(), safe="@+.-_")


def instant(value: datetime) -> Markup:
    """An instant as people here write it, in the organisation's zone, and for machines."""
    there = value.astimezone(portal().settings.zone)
    day = format_date(there, "medium", texts.locale())
    text = f"{day}, {format_time(there, 'HH:mm', locale=texts.locale())}"
    return Markup('<time datetime="{}">{}</time>').format(
        value.isoformat(timespec="seconds"), text.replace(" ", "\u00a0")
    )


def last_day(until: datetime) -> Markup:
    """The end of a period: its last day where it ends with that day, else the instant."""
    zone = portal().settings.zone
    day = moments.last_day(until, zone)
    if moments.moment(day.isoformat(), zone, is_end=True) != until:
        return instant(until)
    text = format_date(day, "medium", texts.locale()).replace(" ", "\u00a0")
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), text)


def day(value: datetime) -> Markup:
    """The day on which an instant falls in the organisation's zone."""
    there = value.astimezone(portal().settings.zone).date()
    text = format_date(there, "medium", texts.locale()).replace(" ", "\u00a0")
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(), text)


def number(value: int) -> str:
    """A number with the separators of the reader's language."""
    return format_decimal(value, locale=texts.locale())


def sorted_name(card: Card) -> tuple[str, str]:
    """The name in two parts: what the list is ordered by, and the rest."""
    if card.kind is ContactKind.PERSON and card.family:
        return card.family, " ".join(part for part in (card.given, card.additional) if part)
    return card.shown_name() or texts.gettext("(no name)"), ""


def best_phone(card: Card) -> Point | None:
    """The number to call first: the preferred one, else a mobile, else whatever is first."""
    callable_ones = [point for point in card.phones if tel(point.value)]
    ranked = sorted(callable_ones, key=lambda point: (not point.preferred, point.label != "cell"))
    return next(iter(ranked), None)


def monogram(card: Card) -> str:
    """One or two initials."""
    words = [card.given, card.family] if card.given and card.family else card.shown_name().split()
    letters = [next((char for char in word if char.isalnum()), "") for word in words]
    return "".join(letters)[:2].upper()


def icon(name: str) -> Markup:
    """An icon of the sprite; it is decoration, so a word always stands beside it."""
    if name not in ICONS:
        raise LookupError(f"icon {name!r} is not in the sprite")
    if "sprite" not in g:
        g.sprite = static("icons.svg")
    return _icon(g.sprite, name)


def static(path: str) -> str:
    """The address of a file under static/, which changes with its contents."""
    return url_for("files.static", path=path, v=_stamp(path))


def theme() -> str:
    """Light, dark, or as the system says."""
    chosen = cookies.read(Cookie.THEME)
    return chosen if chosen in THEMES else THEMES[0]


def install(app: Flask) -> None:
    """Register filters and what every template needs."""
    app.jinja_env.filters.update(
        tel=tel,
        mailto=mailto,
        program_name=program_name,
        point_label=point_label,
        instant=instant,
        last_day=last_day,
        day=day,
        clipped=pictures.clipped,
        number=number,
        sorted_name=sorted_name,
        monogram=monogram,
        best_phone=best_phone,
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(icon=icon, static=static, later=texts.later)
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, Any]:
    return {
        "visit": access.visit(),
        "heard": notices.heard,
        "language": texts.language(),
        "languages": texts.NAMES,
        "theme": theme(),
        "form_token": access.form_token,
        "zone": portal().settings.timezone,
    }


@cache
def _icon(sprite: str, name: str) -> Markup:
    return Markup(
        '<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false">'
        '<use href="{}#tabler-{}"></use></svg>'
    ).format(sprite, name)


@cache
def _stamp(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
