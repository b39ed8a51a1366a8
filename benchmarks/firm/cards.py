"""The contacts: 30 % of them in one directory, the rest in all the others."""

import random
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.cards.text import sort_key
from app.db import FOREVER
from app.models import (
    Contact,
    ContactPoint,
    LegalBasis,
)
from app.models.kinds import BasisKind, PointKind
from firm.plan import BIG, FULL, KEPT, SHARED, Plan, Size, many


def contacts(session: Session, size: Size, plan: Plan, chance: random.Random) -> None:
    """The contacts: 30 % of them in one directory, the rest in all the others."""
    at, numbers = plan.at, range(1, size.contacts + 1)
    few = [home for place, home in enumerate(plan.homes) if place not in {BIG, FULL, SHARED}]
    big = size.contacts * 3 // 10
    sizes = (big, size.cards, 2 * KEPT)
    fixed = [home for home, count in zip(plan.homes, sizes, strict=False) for _ in range(count)]
    home_of = dict(zip(numbers, fixed, strict=False))
    home_of |= {n: chance.choice(few) for n in numbers[len(fixed) :]}
    for number, home in home_of.items():
        plan.contacts.setdefault(home, []).append(number)
    many(session, Contact, (card(n, home_of[n], at, chance) for n in numbers))
    many(
        session,
        ContactPoint,
        (
            {
                "contact_id": n,
                "kind": PointKind.PHONE,
                "value": f"+420 777 {n:06}",
                "norm": f"+420777{n:06}",
            }
            for n in numbers
        ),
    )
    many(
        session,
        LegalBasis,
        (
            {
                "contact_id": n,
                "purpose_id": plan.purposes[home_of[n]],
                "kind": BasisKind.LEGITIMATE_INTEREST,
                "text": "",
                "valid_from": at,
            }
            for n in numbers
            if n % 5 and n % 1_000 != 1
        ),
    )


def card(number: int, home: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    """One contact; every fifth is a firm."""
    family, is_firm = f"{chance.choice('BČDHKNŘŠVŽ')}ovák{number}", number % 5 == 0
    name = f"Stavby {family} s.r.o." if is_firm else f"Karel {family}"
    return {
        "id": number,
        "public_id": f"{chance.getrandbits(128):032x}",
        "directory_id": home,
        "source_id": 1,
        "kind": ContactKind.ORGANISATION if is_firm else ContactKind.PERSON,
        "full_name": name,
        "family": "" if is_firm else family,
        "given": "" if is_firm else "Karel",
        "organisation": name if is_firm else f"Beton {number % 700} s.r.o.",
        "version": number,
        "sort_key": sort_key(f"{family} Karel"),
        "search": f"karel {family.casefold()} 777{number:06}",
        "mail_search": "",
        "created_at": at,
        "erased_at": FOREVER,
        "merged_at": FOREVER,
    }
