"""What a mail says: subject, plain text and HTML from templates, in the language of the reader."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.catalogues import OF_THE_PORTAL, catalogue, locale_of

_TEMPLATES = Path(__file__).parents[1] / "templates" / "mail"
_OF_THE_MESSAGES = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in one mail."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose behalf mail is written: it stands at the foot, with the address of the portal."""

    name: str
    portal: str
    help_email: str = ""
    help_phone: str = ""
    rights_email: str = ""
    rights_phone: str = ""
    authority: str = ""


def spoken(*wishes: str, among: Collection[str] = OF_THE_PORTAL) -> str:
    """The first of some languages that mails are written in, else English.

    Mails to people without an account are written in more of them (OF_THE_OUTSIDE).
    """
    return next((one for one in wishes if one in among), _OF_THE_MESSAGES)


def compose(template: str, language: str, sender: Sender, values: Mapping[str, object]) -> Letter:
    """The letter of this template. The first line of its plain text is the subject."""
    environment = _environment(language)
    said = {**values, "sender": sender, "language": language}
    subject, _, text = environment.get_template(f"{template}.txt").render(said).partition("\n")
    html = environment.get_template(f"{template}.html").render({**said, "subject": subject})
    return Letter(subject.strip(), text.strip() + "\n", html.strip() + "\n", language)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words, locale = catalogue(language), locale_of(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        words.gettext, words.ngettext, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True

    def day(value: date) -> str:
        return format_date(value, "medium", locale).replace(" ", "\u00a0")

    environment.filters.update(day=day, number=lambda n: format_decimal(n, locale=locale))
    return environment
