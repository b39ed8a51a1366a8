"""What stands beside the boxes of a form, word by word, in the languages of public pages.

Written by hand for each language: these words are what people agree to, and the proof of it.
"""

from collections.abc import Mapping, Sequence

from app.models.consent_kinds import Medium

LANGUAGES = ("cs", "en", "pl", "bg")
"""The languages of public pages."""

ASKED = (Medium.EMAIL, Medium.SMS, Medium.PHONE, Medium.USE)
"""What an electronic form can ask for; by post nobody is reached without a postal address."""

_WORDS: Mapping[str, Mapping[Medium, str]] = {
    "cs": {
        Medium.EMAIL: "Souhlasím se zasíláním e-mailů na téma „{what}“. Odesílatel: {who}.",
        Medium.SMS: "Souhlasím se zasíláním SMS na téma „{what}“. Odesílatel: {who}.",
        Medium.PHONE: "Souhlasím s telefonickým oslovením na téma „{what}“. Volající: {who}.",
        Medium.USE: "Souhlasím s použitím svých údajů pro účel „{what}“. Správce: {who}.",
    },
    "en": {
        Medium.EMAIL: "I agree to get e-mails about “{what}”. Sender: {who}.",
        Medium.SMS: "I agree to get text messages about “{what}”. Sender: {who}.",
        Medium.PHONE: "I agree to be called about “{what}”. Caller: {who}.",
        Medium.USE: "I agree that my data are used for “{what}”. Controller: {who}.",
    },
    "pl": {
        Medium.EMAIL: "Zgadzam się na otrzymywanie e-maili na temat „{what}”. Nadawca: {who}.",
        Medium.SMS: "Zgadzam się na otrzymywanie SMS-ów na temat „{what}”. Nadawca: {who}.",
        Medium.PHONE: "Zgadzam się na kontakt telefoniczny na temat „{what}”. Dzwoni: {who}.",
        Medium.USE: "Zgadzam się na użycie moich danych w celu „{what}”. Administrator: {who}.",
    },
    "bg": {
        Medium.EMAIL: "Давам съгласие да получавам имейли на тема „{what}“. Подател: {who}.",
        Medium.SMS: "Давам съгласие да получавам SMS на тема „{what}“. Подател: {who}.",
        Medium.PHONE: "Давам съгласие да ми се обаждат на тема „{what}“. Обажда се: {who}.",
        Medium.USE: "Давам съгласие данните ми да се ползват за „{what}“. Администратор: {who}.",
    },
}
_COVERS = {
    "cs": "Zahrnuje také: {names}.",
    "en": "This also covers: {names}.",
    "pl": "Obejmuje również: {names}.",
    "bg": "Обхваща също: {names}.",
}


def label(language: str, medium: Medium, what: str, who: str, below: Sequence[str]) -> str:
    """The words beside one box; `below` are the names of all that the purpose covers."""
    said = _WORDS[language][medium].format(what=what, who=who)
    return f"{said} {_COVERS[language].format(names=', '.join(below))}" if below else said
