"""A receipt has the fields of ISO/IEC TS 27560, says what is recorded, and names nobody else."""

import json
from typing import Any

import pytest

from app.db import FOREVER
from app.models import ConsentEvent, NoticeVersion, Organisation
from app.models.consent_kinds import ConsentType
from app.policy.consents import ConsentState
from app.queries import receipts as readers
from app.queries.receipts import Receipt
from tests.portal import BASE_URL, Portal
from tests.rooms import receipts as rooms
from tests.rooms.public import WORDS, link
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in

PARTY = dict.fromkeys(
    ("party_id", "party_name", "party_address", "party_email", "party_phone", "party_type"), str
)
EVENT = dict.fromkeys(
    (
        "event_time", "event_time_precision", "recorded_time", "validity_duration", "entity_id",
        "event_type", "event_state",
    ), str,
)  # fmt: skip
PROCESSING: dict[str, Any] = {
    **dict.fromkeys(
        (
            "purpose", "purpose_name", "purpose_type", "lawful_basis", "pii_information",
            "storage_locations", "retention_period", "jurisdiction", "withdrawal_method",
        ), str,
    ),
    "media": [str],
    "pii_controllers": [str],
    "recipient_third_parties": [str],
    "privacy_rights": [str],
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    **dict.fromkeys(
        (
            "schema_version", "receipt_id", "record_id", "pii_principal_id", "created_at",
            "language", "consent_type", "statement", "collection_method",
        ), str,
    ),
    "privacy_notice": {"name": str, "address": str, "sha256": str},
    "processing": [PROCESSING],
    "parties": [PARTY],
    "events": [EVENT],
    "consent_status": [{"purpose": str, "medium": str, "state": str}],
}  # fmt: skip
"""Header, processing, party and event of the standard, and what it lets one add."""


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def misfits(said: Any, shape: Any, where: str = "") -> list[str]:
    """Where a document is not of this shape; every field of it has to be there, and no other."""
    if isinstance(shape, dict):
        if not isinstance(said, dict) or set(said) != set(shape):
            return [f"{where}: {sorted(said) if isinstance(said, dict) else said}"]
        return [
            found for key, of in shape.items() for found in misfits(said[key], of, f"{where}.{key}")
        ]
    if isinstance(shape, list):
        if not isinstance(said, list):
            return [f"{where}: {said}"]
        return [found for one in said for found in misfits(one, shape[0], f"{where}[]")]
    return [] if isinstance(said, shape) else [f"{where}: {said}"]


def receipt(world: World) -> Receipt:
    with world.portal.sessions.read() as session:
        found = readers.of_event(session, rooms.first(world), BASE_URL, world.at)
    assert found is not None
    return found


def test_a_receipt_has_the_fields_of_the_standard_and_says_what_is_recorded(world: World) -> None:
    address = rooms.for_staff(world)
    doc = signed_in(world.portal, world.olga).open("GET", f"{address}.json").json
    assert doc is not None
    assert misfits(doc, SCHEMA) == []
    with world.portal.sessions.read() as session:
        row = session.query(ConsentEvent).filter_by(public_id=doc["record_id"]).one()
        notice = session.get_one(NoticeVersion, row.notice_version_id)
        assert doc["schema_version"] == "ISO/IEC TS 27560:2023"
        assert (doc["receipt_id"], doc["statement"]) == (row.public_id, WORDS)
        assert (doc["language"], doc["collection_method"]) == (row.language, row.expression.value)
        assert doc["privacy_notice"] == {
            "name": "news/en/1",
            "address": f"{BASE_URL}/p/notices/news/en/1",
            "sha256": notice.sha256,
        }
        processing = doc["processing"][0]
        assert (processing["purpose"], processing["media"]) == ("news", ["email", "sms"])
        assert processing["purpose_name"] == "News from our projects"
        assert (processing["retention_period"], processing["lawful_basis"]) == (
            "P2Y",
            "eu-gdpr:A6-1-a",
        )
        organisation = session.query(Organisation).one()
        assert doc["parties"][0]["party_name"] == organisation.name
        given, withdrawn = doc["events"]
        assert given["event_time"] == row.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert given["validity_duration"].endswith(row.valid_until.strftime("/%Y-%m-%dT%H:%M:%SZ"))
        assert row.valid_until < FOREVER
    assert (given["event_state"], given["entity_id"]) == ("dpv:ConsentGiven", "pii-principal")
    assert (withdrawn["event_state"], withdrawn["entity_id"]) == (
        "dpv:ConsentWithdrawn",
        "controller",
    )
    assert [one["state"] for one in doc["consent_status"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]


def test_a_receipt_names_no_colleague(world: World) -> None:
    rooms.for_staff(world)
    said = json.dumps(receipt(world).document, ensure_ascii=False)
    for who in (world.olga, world.portal.eva, world.portal.jan):
        assert who.name not in said
        assert who.email not in said
    assert "pořadač 3" not in said


def test_a_person_gets_his_own_receipts_and_nobody_elses(world: World) -> None:
    own = rooms.for_person(world)
    page = Browser(world.portal).get(own)
    assert "This is what we have recorded." in page.text
    record = own.rpartition("/")[2]
    other = link(world, [world.portal.contacts[1].id])
    Browser(world.portal).get(f"{other}/receipts/{record}", 404)
    assert Browser(world.portal).open("GET", f"{other}/receipts/{record}.json").status_code == 404


def test_every_state_and_every_event_has_its_term() -> None:
    assert set(readers._STATES) == set(ConsentState)
    assert set(readers._OF_EVENTS) == set(ConsentType)
