"""Links of people without an account: found by their token alone, each for one thing, and swept."""

from datetime import timedelta

from app.db import Sessions
from app.models import PublicToken, TokenKind
from app.queries import public_tokens as found
from app.services import public_tokens
from tests.factories import NOON


def test_a_link_opens_what_it_is_for_until_it_ends(sessions: Sessions) -> None:
    with sessions.write() as session:
        token = public_tokens.issue(
            session, TokenKind.PREFERENCES, None, NOON, scope={"contacts": [1]}
        )
        day = timedelta(hours=24)
        held = found.find(session, token, TokenKind.PREFERENCES, NOON)
        assert held is not None
        assert held.scope == {"contacts": [1]}
        assert held.valid_until == NOON + day
        assert found.find(session, token, TokenKind.WITHDRAW, NOON) is None
        assert found.find(session, token + "x", TokenKind.PREFERENCES, NOON) is None
        assert found.find(session, token, TokenKind.PREFERENCES, NOON + day) is None
        assert found.find_ended(session, token, TokenKind.PREFERENCES) is not None
        assert token not in str(session.get_one(PublicToken, held.id).__dict__)


def test_the_link_that_stops_works_for_two_years(sessions: Sessions) -> None:
    with sessions.write() as session:
        token = public_tokens.issue(session, TokenKind.WITHDRAW, None, NOON)
        late = NOON + timedelta(days=730)
        assert found.find(session, token, TokenKind.WITHDRAW, late) is not None


def test_the_first_use_counts(sessions: Sessions) -> None:
    with sessions.write() as session:
        token = public_tokens.issue(session, TokenKind.CONFIRM, None, NOON, term=timedelta(days=1))
        held = found.find(session, token, TokenKind.CONFIRM, NOON)
        assert held is not None
        public_tokens.use(session, held.id, NOON)
        public_tokens.use(session, held.id, NOON + timedelta(hours=1))
        again = found.find(session, token, TokenKind.CONFIRM, NOON)
        assert again is not None
        assert again.used_at == NOON


def test_links_that_are_long_over_are_swept(sessions: Sessions) -> None:
    with sessions.write() as session:
        public_tokens.issue(session, TokenKind.PREFERENCES, None, NOON)
        stop = public_tokens.issue(session, TokenKind.WITHDRAW, None, NOON)
        over = NOON + timedelta(hours=24)
        assert public_tokens.sweep(session, over + timedelta(days=89)) == 0
        assert public_tokens.sweep(session, over + timedelta(days=90)) == 1
        assert found.find(session, stop, TokenKind.WITHDRAW, over) is not None
