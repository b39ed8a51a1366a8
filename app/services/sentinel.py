"""The card that keeps a book from ever being empty."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Card, ContactKind, Point
from app.models import Organisation
from app.services import books


def card(session: Session) -> Card:
    """The card that keeps a book from being empty: who manages it and where to get help."""
    row = session.scalars(select(Organisation)).first()
    name = row.name if row else "Kustod"
    return Card(
        public_id=books.SENTINEL,
        version=row.version if row else 0,
        profile=0,
        kind=ContactKind.ORGANISATION,
        full_name=f"{name} (Kustod)",
        organisation=f"{name} (Kustod)",
        note=f"Tyto kontakty spravuje: {name}. / These contacts are managed by: {name}.",
        phones=_points(row.help_phone if row else ""),
        emails=_points(row.help_email if row else ""),
        urls=_points(row.portal_url if row else ""),
    )


def _points(value: str) -> tuple[Point, ...]:
    return (Point(value, "work"),) if value else ()
