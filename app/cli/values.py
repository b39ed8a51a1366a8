"""The values of a contact as options of a command."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from app.cards.card import Address, Point
from app.cli.shell import Answer

TEXTS = {
    "--name": "full_name",
    "--given": "given",
    "--family": "family",
    "--additional": "additional",
    "--prefix": "prefix",
    "--suffix": "suffix",
    "--nickname": "nickname",
    "--organisation": "organisation",
    "--department": "department",
    "--title": "title",
    "--function": "role",
    "--birthday": "birthday",
    "--note": "note",
    "--registration-number": "registration_number",
    "--tax-number": "tax_number",
}
POINTS = {"--phone": "phones", "--email": "emails", "--url": "urls", "--im": "ims"}
NUMBER = click.IntRange(1, 2**31 - 1)
"""The id of a row, as a database can hold it."""
KINDS = ("person", "organisation")

_LABELLED = re.compile(r"([^\W\d_][\w ]{0,30})=(.+)", re.DOTALL)
_ADDRESS = ("street", "locality", "postcode", "country")


def valued(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command an option for every value of a contact, and itself what was said."""

    @wraps(command)
    def asked(*args: object, **options: Any) -> Answer:  # noqa: ANN401 - click's interface
        said = _said({name: options.pop(name) for name in _NAMES})
        return command(*args, said=said, **options)

    for option, name in TEXTS.items():
        asked = click.option(option, name)(asked)
    for option, name in POINTS.items():
        text = "May be repeated; LABEL=VALUE says what it is for."
        asked = click.option(option, name, multiple=True, help=text)(asked)
    text = "STREET; LOCALITY; POSTCODE; COUNTRY. May be repeated."
    asked = click.option("--address", "addresses", multiple=True, help=text)(asked)
    return click.option("--category", "categories", multiple=True, help="May be repeated.")(asked)


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were given; an empty one takes away what is there."""
    said = {name: options[name] for name in TEXTS.values() if options[name] is not None}
    for name, make in _LISTS.items():
        if options[name]:
            said[name] = tuple(make(text) for text in options[name] if text.strip())
    return said


def _point(text: str) -> Point:
    labelled = _LABELLED.fullmatch(text)
    return Point(labelled[2], labelled[1]) if labelled else Point(text)


def _address(text: str) -> Address:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) > len(_ADDRESS):
        raise click.UsageError(f"{text!r} has more parts than {'; '.join(_ADDRESS)}")
    return Address(**dict(zip(_ADDRESS, parts, strict=False)))


_LISTS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(POINTS.values(), _point),
    "addresses": _address,
    "categories": str.strip,
}
_NAMES = (*TEXTS.values(), *_LISTS)
