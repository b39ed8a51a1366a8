import pytest

from app.services.slugs import made_from


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Dodavatelé dřeva", "dodavatele-dreva"),
        ("  Žluťoučký - kůň & spol. ", "zlutoucky-kun-spol"),
        ("Łódź / Øresund", "lodz-oresund"),
        ("Поставщики", "directory"),
        ("!?", "directory"),
        ("x" * 100, "x" * 40),
        (("x" * 39) + " yz", "x" * 39),
    ],
)
def test_a_name_becomes_letters_of_an_address(name: str, slug: str) -> None:
    assert made_from(name, set(), "directory") == slug


def test_a_slug_that_is_taken_is_numbered() -> None:
    assert made_from("Firmy", {"firmy", "firmy-2"}, "directory") == "firmy-3"
