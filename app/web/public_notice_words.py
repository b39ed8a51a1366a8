"""The parts of a notice, headed in the language of those who are told."""

from app.catalogues import catalogue
from app.web.texts import later

PARTS = {
    "controller": later("Who we are"),
    "officer": later("Who watches over personal data"),
    "purposes": later("What we use the data for"),
    "basis": later("Why we may"),
    "data": later("Which data"),
    "source": later("Where we have them from"),
    "recipients": later("Who else gets them"),
    "transfers": later("Where they are"),
    "period": later("For how long"),
    "rights": later("Your rights"),
    "withdrawal": later("How to take a consent back"),
    "complaint": later("Where to complain"),
    "obligation": later("Whether you must give them"),
    "automated": later("Decisions by machines"),
}
"""The parts of GDPR Art. 13 and 14, as a notice heads them."""


def headings(language: str) -> dict[str, str]:
    """The headings of the parts in the language of a notice."""
    found = catalogue(language)
    return {name: found.gettext(text) for name, text in PARTS.items()}
