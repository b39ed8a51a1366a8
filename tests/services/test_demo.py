from app import keys
from app.db import Sessions
from app.models import Organisation
from app.policy import Channel, Viewer
from app.queries import accounts, contacts, ledger
from app.services import demo
from app.tokens import is_password
from tests.services.scene import DAY, NOON, acts, colleague

RING = keys.generate()


def _prepare(sessions: Sessions) -> None:
    with sessions.write() as session:
        session.add(Organisation(name="Kustod"))


def test_the_demonstration_is_a_small_organisation_at_work(sessions: Sessions) -> None:
    _prepare(sessions)
    with sessions.write() as session:
        loaded = demo.load(session, RING, NOON)
        assert loaded.is_new
        assert loaded.phone is not None
        jana, petr, zofie = (accounts.get_user(session, who.email) for who in loaded.logins)
        assert is_password(jana.password_hash, loaded.logins[0].password)
        assert len(contacts.for_operator(session, NOON)) == 12
        seen = {
            user.email: len(contacts.everything(session, Viewer(user.id), channel, NOON))
            for user, channel in (
                (jana, Channel.PORTAL),
                (petr, Channel.CARDDAV),
                (zofie, Channel.PORTAL),
            )
        }
        assert list(seen.values()) == [12, 7, 6]
        later = contacts.everything(session, Viewer(petr.id), Channel.CARDDAV, NOON + 90 * DAY)
        assert len(later) == 6
        assert [view.public_id for view in ledger.devices(session, NOON)] == [loaded.phone.id]
        assert loaded.phone.username == petr.email


def test_a_second_time_the_logins_are_named_without_passwords(sessions: Sessions) -> None:
    _prepare(sessions)
    with sessions.write() as session:
        demo.load(session, RING, NOON)
        before = acts(session)
        again = demo.load(session, RING, NOON)
        assert not again.is_new
        assert again.phone is None
        assert [login.password for login in again.logins] == ["", "", ""]
        assert acts(session) == before


def test_an_instance_in_use_stays_as_it_is(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        colleague(session)
        loaded = demo.load(session, RING, NOON)
        assert (loaded.is_new, loaded.logins) == (False, ())
        assert "in use" in loaded.message
