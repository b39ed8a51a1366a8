"""The words of imports: fields, outcomes, and what readers and services say about a row."""

import re
from collections.abc import Iterable

from flask import request

from app.imports.columns import FIELDS, LABEL_OF_LAST, LABEL_OF_NEXT
from app.web.texts import gettext, later

OUTCOMES = {
    "created": later("new"),
    "updated": later("changed"),
    "unchanged": later("unchanged"),
    "suppressed": later("not brought back"),
    "invalid": later("cannot be used"),
    "kept": later("stays"),
}
ENCODINGS = {
    "utf-8-sig": later("Unicode (UTF-8)"),
    "utf-16": later("Unicode (UTF-16)"),
    "cp1250": later("Central European (Windows-1250)"),
    "iso8859_2": later("Central European (ISO 8859-2)"),
    "cp852": later("Central European (DOS 852)"),
    "cp1252": later("Western (Windows-1252)"),
    "cp1251": later("Cyrillic (Windows-1251)"),
}
SEPARATORS = {
    ";": later("semicolon ;"),
    ",": later("comma ,"),
    "\t": later("tabulator"),
    "|": later("vertical bar |"),
}
_TEXTS = {
    "full_name": later("Whole name"),
    "given": later("First name"),
    "additional": later("Middle name"),
    "family": later("Surname"),
    "prefix": later("Title before the name"),
    "suffix": later("Title behind the name"),
    "nickname": later("Nickname"),
    "organisation": later("Firm"),
    "department": later("Department"),
    "title": later("Position"),
    "role": later("Profession"),
    "registration_number": later("Registration number of the firm"),
    "tax_number": later("Tax number"),
    "birthday": later("Date of birth"),
    "note": later("Note"),
    "categories": later("Groups"),
    "kind": later("Person or organisation"),
    "source_uid": later("Identifier in the other program"),
    "photo_sha256": later("Picture"),
    "phones": later("Phones"),
    "emails": later("E-mails"),
    "urls": later("Web pages"),
    "ims": later("Chat addresses"),
    "addresses": later("Postal addresses"),
}
_POINTS = {
    "phones:cell": later("Mobile"),
    "phones:work": later("Phone at work"),
    "phones:home": later("Phone at home"),
    "phones:main": later("Main number"),
    "phones:work fax": later("Fax at work"),
    "phones:home fax": later("Fax at home"),
    "phones:fax": later("Fax number"),
    "phones:pager": later("Pager"),
    "phones:other": later("Another phone"),
    "phones:": later("Phone number"),
    "emails:": later("E-mail address"),
    "emails:work": later("E-mail at work"),
    "emails:home": later("E-mail at home"),
    "emails:other": later("Another e-mail"),
    "urls:": later("Web page"),
    "ims:": later("Chat address"),
    LABEL_OF_NEXT: later("What the next column is for"),
    LABEL_OF_LAST: later("What the column before is for"),
}
_PLACES = {
    "": later("Address"),
    "work": later("Address at work"),
    "home": later("Address at home"),
    "other": later("Another address"),
}
_PARTS = {
    "street": later("street and number"),
    "extended": later("more of the street"),
    "po_box": later("post-office box"),
    "locality": later("town"),
    "postcode": later("postcode"),
    "region": later("region"),
    "country": later("country"),
}
_ADDRESS = later("%(place)s: %(part)s")

_REFUSALS = {
    "it is empty": later("The file is empty."),
    "there is no contact in it": later("There is no contact in this file."),
    "there is no sheet with cells in it": later("There is no sheet with cells in this workbook."),
    "the workbook is damaged": later("The workbook is damaged. Save it once more and try again."),
    "it is locked with a password; save it without one": later(
        "The workbook is locked with a password. Save it without one."
    ),
    "it is of the old kind .xls; save it as .xlsx or .csv first": later(
        "This is an old Excel file (.xls). Open it and save it as .xlsx or .csv."
    ),
    "it is a LibreOffice file; save it as .xlsx or .csv first": later(
        "This is a LibreOffice file. Open it and save it as .xlsx or .csv."
    ),
    "it is a ZIP archive; unpack it first": later("This is a ZIP archive. Unpack it first."),
    "it is neither a vCard file nor a table": later(
        "This is neither a vCard file (.vcf) nor a table (.csv, .xlsx)."
    ),
    "it unpacks to more than 100 MB": later(
        "This workbook is too large when it is unpacked. Cut it into several."
    ),
    "it has more than 200 columns": later("The table has more than 200 columns."),
    "it has more contacts than can be uploaded at once": later(
        "The file has more than 5 000 contacts. Cut it into several, or ask an administrator to "
        "import it with the command."
    ),
}
_UNREADABLE = later("This file cannot be read.")

_REASONS = (
    later("These lines do not belong to any card."),
    later("The card is larger than 1 MB."),
    later("The card has more than 2 000 lines."),
    later("The card has more than 200 entries."),
    later("This is a group of contacts, not a contact."),
    later("The card holds no name, no firm, no phone and no e-mail."),
    later("A quotation mark of this row is never closed."),
    later("The beginning of the card is missing."),
    later("The end of the card is missing."),
    later("Left out: the card of another person inside this one (AGENT)."),
    later("Left out: a picture that is damaged, too large or of an unknown kind."),
    later("Left out: a picture that lies elsewhere; it is not fetched."),
    later("Left out, for there is no column for it: %(text)s"),
    later("Left out: %(text)s and %(number)s more."),
    later("Left out: %(text)s."),
    later("Not understood: %(text)s"),
    later("Too long, cut to %(number)s characters: %(text)s"),
    later("A remark beside a phone was left out: %(text)s"),
    later("A further firm was put into the note: %(text)s"),
    later("Not a date of birth: %(text)s"),
    later("The card at line %(number)s has the same UID."),
    later("The card at line %(number)s says the same."),
    later("The card at line %(number)s has the same name and the same phone or e-mail."),
    later("It has no name and no firm: its phone or e-mail stands for it."),
    later("This contact was erased here; an import does not bring it back."),
    later("Somebody with this e-mail or phone was erased here; an import does not bring him back."),
    later("Hidden: whoever has this e-mail or phone asked us to stop this."),
    later("Hidden: no consent is recorded for this person yet."),
    later("It was edited since."),
    later("It was given into somebody's charge since."),
    later("It was put into a project since."),
    later("Its use was restricted since."),
    later("It was connected with a person since."),
    later("It was connected with a firm since."),
    later("A legal basis was recorded for it since."),
    later("It was merged into another one since."),
    later("Another one was merged into it since."),
)
_REWORDED = (
    (
        re.compile("Hidden: .* does not cover .*"),
        later("Hidden: the directory names no legal basis for a firm's contact person."),
    ),
    (
        re.compile("Kept for .* does not cover .*"),
        later("Kept as a firm's contact person: the directory names a reason for these."),
    ),
    (
        re.compile("the directory .* does not let you .*"),
        later("The right to edit the directory has ended."),
    ),
)
_PATTERNS = tuple(
    (
        re.compile(
            re.escape(message)
            .replace(r"%\(text\)s", "(?P<text>.*)")
            .replace(r"%\(number\)s", "(?P<number>[0-9]+)"),
            re.DOTALL,
        ),
        message,
    )
    for message in _REASONS
)


def reason(text: str) -> str:
    """What is said about a row, in the reader's language; what is not known stays as it is."""
    for pattern, message in (*_PATTERNS, *_REWORDED):
        found = pattern.fullmatch(text)
        if found is not None:
            return gettext(message, **found.groupdict())
    return text


def refusal(message: str) -> str:
    """Why a file is not taken, to be translated where it is shown."""
    return _REFUSALS.get(message, _UNREADABLE)


def problem(text: str) -> str:
    """Why an import did not come to its end."""
    message = text.partition(": ")[2]
    return gettext(_REFUSALS[message]) if message in _REFUSALS else reason(text)


def outcome(name: str) -> str:
    """What became of a row."""
    return gettext(OUTCOMES[name])


def field(name: str) -> str:
    """What a column holds, or which field of a contact changes."""
    if name in _TEXTS or name in _POINTS:
        return gettext(_TEXTS.get(name) or _POINTS[name])
    _, place, part = name.split(":")
    return gettext(_ADDRESS, place=gettext(_PLACES[place]), part=gettext(_PARTS[part]))


def fields(names: Iterable[str]) -> list[str]:
    """The fields of a contact that change."""
    return [field(name) for name in names]


def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """All fields for a list to choose from, in groups that have a name."""
    groups = {
        gettext(later("Name and firm")): [name for name in FIELDS if name in _TEXTS],
        gettext(later("Phones and addresses of mail")): [n for n in FIELDS if n in _POINTS],
        gettext(later("Postal addresses")): [
            name for name in FIELDS if name.startswith("address:")
        ],
    }
    return [(title, [(n, field(n)) for n in names]) for title, names in groups.items()]


def outcome_argument() -> str:
    """The outcome that the address asks for, or "" for all."""
    wanted = request.args.get("outcome", "")
    return wanted if wanted in OUTCOMES else ""
