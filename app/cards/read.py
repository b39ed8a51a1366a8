"""vCard 2.1, 3.0 and 4.0 as programs really write them, into drafts: one record for each card.

Nothing raises and nothing is fetched; a bad card never costs the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.cards.card import ContactKind, Draft
from app.cards.dates import OMITTED_YEAR, birthday
from app.cards.lines import RawCard, cards
from app.cards.places import addresses, emails, ims, phones, picture, urls
from app.cards.sheet import Problem, Sheet, Unreadable, distinct

_UID_LENGTH = 255
_NAMED = 12
_ANDROID_NICKNAME = "vnd.android.cursor.item/nickname"
# WhatsApp's word for a firm.
_FIRMS = ("X-WA-BIZ-NAME",)
_REMARKS = ("NOTE", "X-WA-BIZ-DESCRIPTION")
_COMPANY = frozenset({"org", "organization", "organisation", "company"})


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one card.

    `line` is that of BEGIN:VCARD, from 1. Without a draft `problem` says why; `notes` name what
    was left out, cut or put elsewhere.
    """

    line: int
    draft: Draft | None
    problem: str
    notes: tuple[str, ...]


def read(data: bytes) -> Iterator[Record]:
    """A record for every card in a file, and for every run of lines outside the cards."""
    return map(_record, cards(data))


def _record(card: RawCard) -> Record:
    notes: list[str] = []
    try:
        draft = _draft(Sheet.of(card, notes))
    except Unreadable as refusal:
        return Record(card.line, None, str(refusal), tuple(notes))
    return Record(card.line, draft, "", tuple(notes))


def _draft(sheet: Sheet) -> Draft:
    declared = {value.lower() for value in sheet.lines("KIND", "X-ADDRESSBOOKSERVER-KIND")}
    if "group" in declared:
        raise Unreadable(Problem.GROUP)
    declared.update(value.lower() for value in sheet.lines("X-ABSHOWAS"))
    draft = _named(_affiliated(_reached(Draft(), sheet), sheet), sheet)
    draft = with_kind(draft, is_company=not declared.isdisjoint(_COMPANY))
    if not draft.full_name:
        raise Unreadable(Problem.EMPTY)
    if left_out := sheet.left_out():
        more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        sheet.notes.append(f"Left out: {', '.join(left_out[:_NAMED])}{more}.")
    return draft


def _reached(draft: Draft, sheet: Sheet) -> Draft:
    """The draft with all ways to reach somebody, and the picture."""
    return replace(
        draft,
        phones=phones(sheet),
        emails=emails(sheet),
        urls=urls(sheet),
        ims=ims(sheet),
        addresses=addresses(sheet),
        photo=picture(sheet),
    )


def _affiliated(draft: Draft, sheet: Sheet) -> Draft:
    """The draft with firm and function, texts, and the UID.

    There is room for one firm; Android writes several, and the others go to the note.
    """
    firms = distinct(_firm(sheet, item.components()) for item in sheet.all("ORG", *_FIRMS))
    organisation, _, department = next(iter(firms), "").partition("\n")
    others = [firm.replace("\n", ", ") for firm in firms[1:]]
    sheet.notes.extend(f"A further firm was put into the note: {firm}" for firm in others)
    remarks = [item.text for item in sheet.all(*_REMARKS)]
    return replace(
        draft,
        organisation=organisation,
        department=department,
        title=sheet.line(", ".join(sheet.lines("TITLE"))),
        role=sheet.line(", ".join(sheet.lines("ROLE"))),
        birthday=_birthday(sheet),
        note=sheet.limited("\n".join(distinct(iter([*remarks, *others])))),
        categories=_categories(sheet),
        source_uid=sheet.text("UID")[:_UID_LENGTH],
    )


def _firm(sheet: Sheet, parts: list[str]) -> str:
    """Firm and units, a line each."""
    organisation, *units = (sheet.line(part) for part in parts)
    department = ", ".join(distinct(iter(units)))
    return f"{organisation}\n{department}" if department else organisation


def _birthday(sheet: Sheet) -> str:
    item = next(iter(sheet.all("BDAY")), None)
    if item is None:
        return ""
    text = item.text
    if text[:4] in item.values("X-APPLE-OMIT-YEAR"):
        text = f"{OMITTED_YEAR}{text[4:]}"
    found = birthday(text)
    if not found:
        sheet.notes.append(f"Not a date of birth: {sheet.line(text)}")
    return found


def _categories(sheet: Sheet) -> tuple[str, ...]:
    items = sheet.all("CATEGORIES")
    return tuple(distinct(sheet.line(part) for item in items for part in item.components(",")))


def _named(draft: Draft, sheet: Sheet) -> Draft:
    """The draft with its names; of several FN or N the first counts, the others are nicknames."""
    structured = [parts for item in sheet.all("N") if any(parts := sheet.parts(item))]
    named: list[str] = next(iter(structured), [])
    family, given, additional, prefix, suffix = (*named, "", "", "", "", "")[:5]
    full_name, *further = [*sheet.lines("FN"), ""]
    further += [" ".join(filter(None, parts)) for parts in structured if parts != named]
    return replace(
        draft,
        full_name=full_name,
        family=family,
        given=given,
        additional=additional,
        prefix=prefix,
        suffix=suffix,
        nickname=sheet.line(", ".join(distinct(iter([*_nicknames(sheet), *further])))),
    )


def _nicknames(sheet: Sheet) -> list[str]:
    """NICKNAME, and what Android writes in its place."""
    custom = [(*item.components(), "") for item in sheet.all("X-ANDROID-CUSTOM")]
    android = [sheet.line(parts[1]) for parts in custom if parts[0] == _ANDROID_NICKNAME]
    return [*(" ".join(sheet.parts(item)) for item in sheet.all("NICKNAME")), *android]


def with_kind(draft: Draft, *, is_company: bool) -> Draft:
    """The draft with a kind, and with a name to show it by.

    A card that says nothing but a firm is the card of the firm, whoever wrote it.
    """
    is_nameless = not (draft.family or draft.given or draft.additional)
    only_firm = draft.full_name.casefold() in {"", draft.organisation.casefold()}
    if is_company or (draft.organisation and is_nameless and only_firm):
        name = draft.full_name or draft.organisation or draft.shown_name()
        return replace(
            draft,
            kind=ContactKind.ORGANISATION,
            full_name=name,
            organisation=draft.organisation or name,
        )
    return replace(draft, full_name=draft.shown_name())
