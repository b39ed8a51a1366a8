"""Forms before they are opened: what is missing is said, and keeps them closed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import NotFound, Refused
from app.models import Organisation
from app.queries import form_views, forms
from app.services import collecting, form_words, purposes
from app.services.collecting import NewPoint, Terms
from tests.services.forming import NOON, OPERATOR, form

HOUR = timedelta(hours=1)


@pytest.fixture
def session(sqlite: Sessions) -> Iterator[Session]:
    with sqlite.write() as opened:
        form(opened)
        yield opened


def prepared(session: Session, *slugs: str, notice: str = "") -> int:
    names = slugs or (known(session),)
    new = NewPoint("next", "Next", notice or known(session), names, is_open=False)
    return collecting.add(session, OPERATOR, new, NOON).id


def known(session: Session) -> str:
    """The purpose that the notice is about."""
    return forms.get(session, "news").notice_key


def reached(session: Session) -> None:
    session.add(Organisation(name="Stavby", portal_url="", rights_email="udaje@example.org"))
    session.flush()


def codes(session: Session, point: int) -> set[str]:
    return {one.code for one in form_words.findings(session, point) if one.is_blocking}


def state(session: Session) -> str:
    line = form_views.one(session, "next")
    assert line is not None
    return line.state


def test_a_prepared_form_asks_nobody_until_it_is_opened(session: Session) -> None:
    reached(session)
    point = prepared(session)
    assert state(session) == "new"
    assert forms.asking(session, forms.get(session, "next"), ("cs",)) is None
    collecting.reopen(session, OPERATOR, point, NOON)
    assert state(session) == "open"
    asked = forms.asking(session, forms.get(session, "next"), ("cs",))
    seen = form_words.preview(session, point, "cs")
    assert asked is not None
    assert seen is not None
    assert [box.label for box in asked.boxes] == [box.label for box in seen.boxes]
    collecting.close(session, OPERATOR, point, NOON + HOUR)
    assert state(session) == "closed"
    collecting.reopen(session, OPERATOR, point, NOON + 2 * HOUR)
    assert state(session) == "open"


def test_it_stays_closed_while_nobody_says_who_asks(session: Session) -> None:
    point = prepared(session)
    assert codes(session, point) == {"controller"}
    with pytest.raises(Refused, match="controller"):
        collecting.reopen(session, OPERATOR, point, NOON)
    assert state(session) == "new"


def test_it_stays_closed_while_the_notice_does_not_name_a_purpose(session: Session) -> None:
    reached(session)
    purposes.add(session, OPERATOR, "raffle", "Raffle", NOON)
    point = prepared(session, known(session), "raffle")
    assert codes(session, point) == {"unnamed"}
    assert not form_words.can_ask(session, point, ["raffle"])
    assert form_words.offered(session, point) == {}
    collecting.change(session, OPERATOR, point, Terms("Next", [known(session)]), NOON)
    assert codes(session, point) == set()


def test_it_stays_closed_without_a_notice(session: Session) -> None:
    reached(session)
    point = prepared(session, known(session), notice="none")
    assert codes(session, point) == {"notice"}
    assert not form_words.can_ask(session, point, [known(session)])
    assert form_words.preview(session, point, "cs") is None


def test_an_open_form_gets_its_new_words_at_once(session: Session) -> None:
    point = forms.get(session, "news")
    before = forms.asking(session, point, ("cs",))
    terms = Terms("News", [known(session)], None, ["https://shop.example.org"], double_opt_in=False)
    collecting.change(session, OPERATOR, point.id, terms, NOON + HOUR)
    after = forms.get(session, "news")
    assert after.origins == ("https://shop.example.org",)
    assert not after.double_opt_in
    words = forms.asking(session, after, ("cs",))
    assert words is not None
    assert before is not None
    assert words.form_sha256 == before.form_sha256
    with pytest.raises(NotFound):
        collecting.change(session, OPERATOR, point.id, Terms("News", ["none"]), NOON)


def test_what_is_not_there_is_not_found(session: Session) -> None:
    for ask in (form_words.findings, form_words.told_languages, form_words.offered):
        with pytest.raises(NotFound):
            ask(session, 999)
