"""The fixed words of a blank on paper, written by hand in the languages of public pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a blank around its boxes."""

    heading: str
    free: str
    given: str
    family: str
    email: str
    phone: str
    day: str
    signature: str
    notice: str
    code: str


WORDS: dict[str, Words] = {
    "cs": Words(
        heading="Souhlas se zpracováním osobních údajů",
        free=(
            "Souhlas je dobrovolný. Zaškrtněte jen to, s čím souhlasíte. "
            "Odvolat jej můžete kdykoli, bez udání důvodu:"
        ),
        given="Jméno",
        family="Příjmení",
        email="E-mail",
        phone="Telefon",
        day="Datum",
        signature="Podpis",
        notice="Informace o zpracování",
        code="Číslo formuláře; čtverec vede na tyto informace",
    ),
    "en": Words(
        heading="Consent to the processing of personal data",
        free=(
            "Your consent is voluntary. Tick only what you agree to. "
            "You can withdraw it at any time, without a reason:"
        ),
        given="First name",
        family="Family name",
        email="E-mail",
        phone="Phone",
        day="Date",
        signature="Signature",
        notice="What you should know",
        code="Number of this form; the square leads to this information",
    ),
    "pl": Words(
        heading="Zgoda na przetwarzanie danych osobowych",
        free=(
            "Zgoda jest dobrowolna. Prosimy zaznaczyć tylko to, na co się zgadzasz. "
            "Można ją wycofać w każdej chwili, bez podania przyczyny:"
        ),
        given="Imię",
        family="Nazwisko",
        email="E-mail",
        phone="Telefon",
        day="Data",
        signature="Podpis",
        notice="Informacje o przetwarzaniu",
        code="Numer formularza; kwadrat prowadzi do tych informacji",
    ),
    "bg": Words(
        heading="Съгласие за обработване на лични данни",
        free=(
            "Съгласието е доброволно. Отбележете само това, с което сте съгласни. "
            "Можете да го оттеглите по всяко време, без да посочвате причина:"
        ),
        given="Име",
        family="Фамилия",
        email="Имейл",
        phone="Телефон",
        day="Дата",
        signature="Подпис",
        notice="Информация за обработването",
        code="Номер на формуляра; квадратът води към тази информация",
    ),
}
