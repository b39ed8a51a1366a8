"""What a form would ask if it were opened now, word by word, and what stands in its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogues import OF_THE_OUTSIDE
from app.errors import NotFound, Refused
from app.models import CollectionPoint, Purpose
from app.models.consent_kinds import Medium
from app.policy import consents as reading
from app.queries import consents as found
from app.queries import forms, notices
from app.queries.forms import Asking, Box
from app.queries.notices import Notice
from app.services import form_labels, notice_texts

LONGEST = 120
"""Nobody reads more words beside a box."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing, or that somebody should know.

    `code` is notice, unnamed, media, controller (these keep the form closed), language, parts,
    long or directory; `names` are the purposes, languages or parts that it is about.
    """

    code: str
    language: str = ""
    names: tuple[str, ...] = ()

    @property
    def is_blocking(self) -> bool:
        """Whether the form stays closed until it is mended."""
        return self.code in {"notice", "unnamed", "media", "controller"}


def told(session: Session, row: CollectionPoint) -> dict[str, Notice]:
    """The notices that people are shown beside the form today, by language."""
    versions = {one: notices.current(session, row.notice_key, one) for one in OF_THE_OUTSIDE}
    return {language: notice for language, notice in versions.items() if notice is not None}


def worded(session: Session, row: CollectionPoint) -> dict[str, dict[str, str]]:
    """The words of every box, by language, out of the notices that are published now.

    Raises Refused where nothing is published, a notice does not name a purpose of the form, or
    none of them reaches people in a way that a form can ask for.
    """
    there = told(session, row)
    if not there:
        words = ", ".join(OF_THE_OUTSIDE)
        raise Refused(f"no notice {row.notice_key} is published in one of {words}")
    above, who = found.tree(session), forms.controller(session).name
    labels = {}
    for language in form_labels.LANGUAGES:
        if language in there:
            notice = there[language]
            if _unnamed(row, notice):
                words = f"the notice {notice.name} does not name every purpose of this form"
                raise Refused(words)
            labels[language] = _labels(row, notice, above, who)
            if not labels[language]:
                raise Refused(
                    "none of its purposes reaches people in a way that a form can ask for"
                )
    return labels


def told_languages(session: Session, point_id: int) -> list[str]:
    """The languages in which the form could be had today. Raises NotFound."""
    return list(told(session, _got(session, point_id)))


def offered(session: Session, point_id: int) -> dict[str, dict[str, str]]:
    """The words of today as `worded` gives them; none where they cannot be had.

    Raises NotFound.
    """
    try:
        return worded(session, _got(session, point_id))
    except Refused:
        return {}


def can_ask(session: Session, point_id: int, slugs: Sequence[str]) -> bool:
    """Whether every notice beside the form names these purposes, with a box for one at least.

    Raises NotFound.
    """
    there = told(session, _got(session, point_id)).values()
    asked = {medium.value for medium in form_labels.ASKED}
    for notice in there:
        media = {one.slug: set(one.media) for one in notice.purposes}
        if not set(slugs) <= media.keys() or not any(media[slug] & asked for slug in slugs):
            return False
    return bool(there)


def preview(session: Session, point_id: int, language: str) -> Asking | None:
    """The form as it would stand there in a language; None where it cannot be had in it.

    Raises NotFound.
    """
    row = _got(session, point_id)
    there = told(session, row)
    if language not in there:
        return None
    above, who = found.tree(session), forms.controller(session).name
    labels = _labels(row, there[language], above, who)
    boxes = tuple(_box(name, words) for name, words in labels.items())
    point = forms.get(session, row.public_key)
    return Asking(point, 0, "", language, tuple(there), there[language], boxes)


def findings(session: Session, point_id: int) -> list[Finding]:
    """What is missing before it may be opened, and what should be looked at. Raises NotFound."""
    row = _got(session, point_id)
    who, there = forms.controller(session), told(session, row)
    listed = [] if who.name and (who.email or who.phone) else [Finding("controller")]
    if not there:
        return [*listed, Finding("notice")]
    above = found.tree(session)
    names = {p.id: p.name for p in session.scalars(select(Purpose))}
    for language, notice in there.items():
        unnamed = tuple(names[one] for one in _unnamed(row, notice))
        labels = _labels(row, notice, above, who.name)
        lacking = tuple(notice_texts.missing(notice.blocks))
        long = tuple(words for words in labels.values() if len(words.split()) > LONGEST)
        said = {"unnamed": unnamed, "parts": lacking, "long": long}
        listed += [Finding(code, language, about) for code, about in said.items() if about]
        listed += [] if labels or unnamed else [Finding("media", language)]
    others = tuple(one for one in OF_THE_OUTSIDE if one not in there)
    listed += [Finding("language", names=others)] if others else []
    return listed + ([Finding("directory")] if row.directory_id is None else [])


def _got(session: Session, point_id: int) -> CollectionPoint:
    row = session.get(CollectionPoint, point_id)
    if row is None:
        raise NotFound("there is no such form")
    return row


def _unnamed(row: CollectionPoint, notice: Notice) -> list[int]:
    named = {one.id for one in notice.purposes}
    return [purpose for purpose in row.purpose_ids if purpose not in named]


def _labels(
    row: CollectionPoint, notice: Notice, above: Mapping[int, int | None], who: str
) -> dict[str, str]:
    """The words of each box, in the order of the purposes; those of a parent say what it covers."""
    named = {one.id: one for one in notice.purposes}
    labels = {}
    for purpose in row.purpose_ids:
        if purpose not in named:
            continue
        below = [n for n in notice.purposes if n.id != purpose]
        below = [n for n in below if reading.is_below(above, n.id, purpose)]
        for medium in map(Medium, named[purpose].media):
            covers = [n.label for n in below if medium.value in n.media]
            if medium in form_labels.ASKED:
                labels[f"{purpose}:{medium.value}"] = form_labels.label(
                    notice.language, medium, named[purpose].label, who, covers
                )
    return labels


def _box(name: str, words: str) -> Box:
    purpose, _, medium = name.partition(":")
    return Box(name, int(purpose), medium, words)
