"""What the columns of consents and requests say about a person, and what erasing him does to each.

A new column has to take its place here before the tests let it in.
"""

from enum import StrEnum

from app.models.guards import ASKED, BLANKABLE


class Fate(StrEnum):
    """What becomes of a column when the person is erased; both kinds are handed out to him.

    EMPTIED loses its value. PROOF stays while claims may be raised (GDPR Art. 17(3)(e)): it
    says what happened, and nobody can be found by it without the key or the contact.
    """

    EMPTIED = "emptied"
    PROOF = "proof"


REGISTRY: dict[str, dict[str, Fate]] = {
    "consent_subject": dict.fromkeys(("id", "ref", "contact_id", "created_at"), Fate.PROOF),
    "consent_event": {
        **dict.fromkeys(BLANKABLE, Fate.EMPTIED),
        **dict.fromkeys(
            (
                *("id", "public_id", "subject_id", "purpose_id", "type", "covers", "media"),
                *("refers_to_id", "occurred_at", "precision", "recorded_at", "valid_until"),
                *("actor_kind", "actor_id", "expression", "collection_point_id"),
                *("notice_version_id", "form_id", "form_sha256", "statement", "language"),
                *("rendered_at", "nonce", "origin", "point_kind", "point_mac", "point_key_id"),
            ),
            Fate.PROOF,
        ),
    },
    "suppression": dict.fromkeys(
        (
            *("id", "public_id", "subject_id", "point_kind", "point_mac", "point_key_id"),
            *("scope", "purpose_id", "media", "ground", "authority", "event_id", "closed"),
            *("begun_at", "recorded_at", "valid_until", "ended_at", "ended_why"),
        ),
        Fate.PROOF,
    ),
    "subject_request": {
        **dict.fromkeys((*ASKED, "wanted"), Fate.EMPTIED),
        **dict.fromkeys(
            (
                *("id", "number", "kind", "way", "subject_id", "received_at", "recorded_at"),
                *("user_id", "language"),
            ),
            Fate.PROOF,
        ),
    },
    "request_step": dict.fromkeys(
        ("id", "request_id", "at", "user_id", "kind", "value", "words"), Fate.PROOF
    ),
    "event_evidence": dict.fromkeys(("event_id", "evidence_id"), Fate.PROOF),
}
