"""A processing notice in nine parts with its contents, written from what the registers say today.

It is a text to be read, corrected and published by a person; it marks every part that
app.services.notice_texts demands. Nothing in it is a promise of ours: what the registers do not
know is marked with three dots.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models import Directory, Organisation, Purpose
from app.models.consent_kinds import Medium
from app.models.kinds import BasisKind
from app.queries import consents, processors
from app.queries.processors import ProcessorLine
from app.services.nine_words import WORDS

LANGUAGES = tuple(WORDS)
"""The languages in which it can be written."""

_BLANK = "…"


def text(session: Session, slug: str, language: str, at: datetime) -> str:
    """The notice for a purpose and what stands below it.

    Raises NotFound for an unknown purpose, Invalid for a language that it cannot be written in.
    """
    if language not in WORDS:
        raise Invalid("language", f"{language!r} is none of {', '.join(LANGUAGES)}")
    root = session.scalar(select(Purpose).where(Purpose.slug == slug))
    if root is None:
        raise NotFound(f"there is no purpose {slug}")
    words = WORDS[language]
    ids = consents.purposes_below(session, root.id)
    purposes = session.scalars(select(Purpose).where(Purpose.id.in_(ids)).order_by(Purpose.id))
    homes = session.scalars(select(Directory).where(Directory.purpose_id.in_(ids))).all()
    said = {
        **_parties(session.scalar(select(Organisation).limit(1))),
        **_purposes(words, purposes.all()),
        **_directories(words, homes),
        **_processors(words, processors.present(session, at)),
    }
    headings = [words[f"h{number}"] for number in range(1, 10)]
    contents = "\n".join(f"{number}. {one}" for number, one in enumerate(headings, 1))
    return f"{contents}\n\n{words['body'].format(**words, **said)}\n"


def _parties(own: Organisation | None) -> dict[str, str]:
    if own is None:
        return dict.fromkeys(("name", "reach", "authority"), _BLANK)
    email, phone = own.rights_email or own.help_email, own.rights_phone or own.help_phone
    reach = ", ".join(one for one in (email, phone) if one)
    authority = ", ".join(own.authority.splitlines())
    return {"name": own.name or _BLANK, "reach": reach or _BLANK, "authority": authority or _BLANK}


def _purposes(words: Mapping[str, str], rows: Sequence[Purpose]) -> dict[str, str]:
    lines, recipients, periods = [], [], []
    for row in rows:
        media = ", ".join(words[f"by_{one.value}"] for one in consents.media_of(row))
        lines.append(
            f"{row.name} ({media})" if Medium.USE not in consents.media_of(row) else row.name
        )
        recipients += row.recipients.splitlines()
        if row.validity:
            periods.append(f"{row.name}: {row.validity.removeprefix('P')}")
    return {
        "purposes": "; ".join(lines),
        "recipients": "; ".join(dict.fromkeys(recipients)) or words["nobody"],
        "validity": "; ".join(periods) or words["until_withdrawn"],
    }


def _directories(words: Mapping[str, str], homes: Sequence[Directory]) -> dict[str, str]:
    kinds = dict.fromkeys([BasisKind.CONSENT, *(home.basis for home in homes)])
    months = max((home.retention_months for home in homes), default=0)
    return {
        "bases": "; ".join(words[f"basis_{kind.value}"] for kind in kinds),
        "retention": words["months"].format(months=months) if months else _BLANK,
    }


def _processors(words: Mapping[str, str], found: Sequence[ProcessorLine]) -> dict[str, str]:
    lines = [f"{one.name}: {one.task} ({one.place})" for one in found]
    abroad = [f"{one.name} ({one.place}): {one.transfer}" for one in found if one.transfer]
    return {
        "processors": "\n".join(lines) or words["nobody"],
        "transfers": "\n".join(abroad) or words["no_transfer"],
    }
