from dataclasses import replace

import pytest
from sqlalchemy import select

from app.db import FOREVER, Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import Grant, Purpose
from app.models.kinds import BasisKind, SyncPolicy
from app.queries import directories as queries
from app.services import accounts, choices, directories, presets, purposes
from app.services.audit import OPERATOR
from app.services.directories import NewDirectory
from tests.services.scene import NOON, acting, acts, colleague, owner

FIRMS = NewDirectory("firms", "Firmy", "customers-firms")


def test_a_directory_comes_ready_from_its_preset(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga = owner(session)
        row = directories.add(session, OPERATOR, FIRMS, NOON)
        assert (row.basis, row.fallback_basis) == (BasisKind.CONTRACT, "legitimate-interest")
        assert row.basis_text == presets.preset("customers-firms").text
        assert (row.sync_policy, row.retention_months) == (SyncPolicy.ANY, 36)
        assert session.get_one(Purpose, row.purpose_id).slug == "firms"
        grant = session.scalars(select(Grant)).one()
        assert (grant.user_id, grant.valid_from, grant.valid_until) == (olga.id, NOON, FOREVER)
        held = {right for right in choices.RIGHTS if getattr(grant, f"can_{right}")}
        assert held == {"read", "edit", "manage"}
        assert acts(session, "directory.add") == 1


def test_what_is_said_wins_over_the_preset(sessions: Sessions) -> None:
    with sessions.write() as session:
        owner(session)
        eva = colleague(session)
        purpose = purposes.add(session, OPERATOR, "trade", "Obchod", NOON)
        new = NewDirectory("f", "F", "newsletter", "contract", "managed", purpose.id, eva.id)
        row = directories.add(session, OPERATOR, new, NOON)
        assert (row.basis, row.sync_policy) == (BasisKind.CONTRACT, SyncPolicy.MANAGED)
        assert "contract" in row.basis_text
        assert row.purpose_id == purpose.id
        assert session.scalars(select(Grant.user_id)).all() == [eva.id]


def test_a_preset_basis_named_again_keeps_its_text(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        owner(session)
        row = directories.add(
            session, OPERATOR, NewDirectory("m", "M", "members", "contract"), NOON
        )
        assert row.basis_text == presets.preset("members").text


def test_without_an_owner_there_is_no_directory(sessions: Sessions) -> None:
    with sessions.write() as session:
        colleague(session)
        with pytest.raises(Refused, match="no owner yet"):
            directories.add(session, OPERATOR, FIRMS, NOON)
        first = owner(session)
        owner(session, "otto@example.org")
        accounts.disable_user(session, OPERATOR, first.id, NOON)
        directories.add(session, OPERATOR, FIRMS, NOON)
        assert session.scalars(select(Grant.user_id)).all() == [first.id + 1]


@pytest.mark.parametrize(
    ("new", "refusal", "words"),
    [
        (FIRMS, Conflict, "directory firms is there already"),
        (NewDirectory("taken", "T", "suppliers"), Conflict, "purpose taken is there already"),
        (NewDirectory("Š", "S", "suppliers"), Invalid, "slug"),
        (NewDirectory("s", "", "suppliers"), Invalid, "name"),
        (NewDirectory("s", "S", "friends"), Invalid, "preset"),
        (NewDirectory("s", "S", "suppliers", "mood"), Invalid, "basis"),
        (NewDirectory("s", "S", "suppliers", "", "sometimes"), Invalid, "sync"),
        (NewDirectory("s", "S", "suppliers", purpose_id=99), NotFound, "purpose"),
        (NewDirectory("s", "S", "suppliers", owner_id=99), NotFound, "user"),
    ],
)
def test_why_a_directory_is_not_added(
    sqlite: Sessions, new: NewDirectory, refusal: type[Exception], words: str
) -> None:
    with sqlite.write() as session:
        owner(session)
        directories.add(session, OPERATOR, FIRMS, NOON)
        purposes.add(session, OPERATOR, "taken", "Taken", NOON)
        with pytest.raises(refusal, match=words):
            directories.add(session, OPERATOR, new, NOON)


def test_purposes_stand_in_a_tree(sessions: Sessions) -> None:
    with sessions.write() as session:
        top = purposes.add(session, OPERATOR, "news", "Novinky", NOON)
        purposes.add(session, OPERATOR, "news-roofs", "Střechy", NOON, parent_id=top.id)
        with pytest.raises(NotFound):
            purposes.add(session, OPERATOR, "x", "X", NOON, parent_id=99)
        with pytest.raises(Conflict):
            purposes.add(session, OPERATOR, "news", "X", NOON)
        found = [(row["slug"], row["parent"]) for row in queries.purposes(session)]
        assert found == [("news", None), ("news-roofs", "news")]
        assert acts(session, "purpose.add") == 2


def test_a_listed_directory_counts_who_is_there(sessions: Sessions) -> None:
    with sessions.write() as session:
        owner(session)
        row = directories.add(session, OPERATOR, FIRMS, NOON)
        found = queries.directories(session, NOON)
        assert [(d["slug"], d["contacts"], d["purpose"]) for d in found] == [("firms", 0, "firms")]
        assert queries.get_directory(session, "firms") is row
        assert queries.get_purpose(session, "firms").id == row.purpose_id
        for get in (queries.get_directory, queries.get_purpose):
            with pytest.raises(NotFound):
                get(session, "nothing")


def test_a_slug_is_made_where_none_is_said(sessions: Sessions) -> None:
    with sessions.write() as session:
        owner(session)
        purposes.add(session, OPERATOR, "firmy", "Firmy", NOON)
        made = [
            directories.add(session, OPERATOR, NewDirectory("", name, "suppliers"), NOON).slug
            for name in ("Firmy", "Firmy", "New")
        ]
        assert made == ["firmy-2", "firmy-3", "new-2"]


def test_a_country_is_kept_and_must_be_one(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        owner(session)
        new = NewDirectory("pl", "Firmy", "suppliers", country="PL")
        assert directories.add(session, OPERATOR, new, NOON).country == "PL"
        with pytest.raises(Invalid, match="no country"):
            directories.add(session, OPERATOR, replace(new, slug="x", country="Poland"), NOON)


def test_name_and_rule_for_phones_change_by_who_manages(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga = owner(session)
        eva = colleague(session)
        row = directories.add(session, OPERATOR, FIRMS, NOON)
        with pytest.raises(Refused, match="decide who has access"):
            directories.rename(session, acting(eva), row.id, "F", NOON)
        with pytest.raises(Refused, match="decide who has access"):
            directories.change_rule(session, acting(eva), row.id, "never", NOON)
        with pytest.raises(Invalid, match="sync"):
            directories.change_rule(session, acting(olga), row.id, "some", NOON)
        directories.rename(session, acting(olga), row.id, " Stavební  firmy ", NOON)
        directories.change_rule(session, acting(olga), row.id, "managed", NOON)
        assert (row.name, row.sync_policy) == ("Stavební firmy", SyncPolicy.MANAGED)
        assert acts(session, "directory.rename") == acts(session, "directory.change_rule") == 1
