"""The facts that clauses and cards are made of: one registry for triggers, journal and clock.

A fact whose change is not seen here would leave a card on a phone. From this table come the
triggers (app.models.triggers), the candidates of the narrow reconcile and the next instant at
which time alone changes something (app.services.ledger).
"""

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """Whose visibility a fact can change: one contact's, a directory's, ... everything's."""

    CONTACT = "contact"
    DIRECTORY = "directory"
    PROJECT = "project"
    USER = "user"
    DEVICE = "device"
    SENTINEL = "sentinel"
    ALL = "all"


@dataclass(frozen=True)
class Fact:
    """One table as far as policy and cards read it.

    `reach` and the column `ref` say what may change, `user` (a column) for whom alone.
    `columns` are all that is watched; `history` those whose earlier values are kept because a
    clause reads them; `values` those that stand on a card, so that their change draws a new
    version; `shapes` those of the history that decide which values may stand on it, and draw
    as well; `instants` those whose passing changes something without any write.
    """

    table: str
    reach: Reach
    ref: str
    history: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    instants: tuple[str, ...] = ()
    user: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every watched column."""
        return self.history + self.values

    @property
    def drawing(self) -> tuple[str, ...]:
        """Every column whose change draws a new version."""
        return self.values + self.shapes


_PERIOD = ("valid_from", "valid_until")

CONTACT_VALUES = (
    *("full_name", "family", "given", "additional", "prefix", "suffix", "nickname"),
    *("organisation", "department", "title", "role", "birthday", "note", "categories"),
    *("photo_sha256", "registration_number", "tax_number"),
)
POINT_VALUES = ("contact_id", "kind", "label", "value", "is_preferred", "position")
ADDRESS_VALUES = (
    *("contact_id", "label", "po_box", "extended", "street", "locality", "region"),
    *("postcode", "country", "position"),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        "contact",
        Reach.CONTACT,
        "id",
        history=("directory_id", "kind", "is_sole_trader", "erased_at", "merged_at"),
        values=CONTACT_VALUES,
        shapes=("kind", "is_sole_trader"),
        instants=("erased_at", "merged_at"),
    ),
    Fact("contact_point", Reach.CONTACT, "contact_id", values=POINT_VALUES),
    Fact("address", Reach.CONTACT, "contact_id", values=ADDRESS_VALUES),
    Fact("directory", Reach.DIRECTORY, "id", history=("purpose_id", "sync_policy")),
    Fact(
        "grant",
        Reach.DIRECTORY,
        "directory_id",
        history=(
            *("directory_id", "user_id", "team_id", "can_read", "can_sync", "can_export"),
            *("scope", "fields", *_PERIOD),
        ),
        instants=_PERIOD,
        user="user_id",
    ),
    Fact(
        "assignment",
        Reach.CONTACT,
        "contact_id",
        history=("contact_id", "user_id", *_PERIOD),
        instants=_PERIOD,
        user="user_id",
    ),
    Fact(
        "team_member",
        Reach.USER,
        "user_id",
        history=("team_id", "user_id", *_PERIOD),
        instants=_PERIOD,
    ),
    Fact(
        "project",
        Reach.PROJECT,
        "id",
        history=("allows_sync", "fields", "starts_at", "ends_at"),
        instants=("starts_at", "ends_at"),
    ),
    Fact(
        "project_member",
        Reach.PROJECT,
        "project_id",
        history=("project_id", "user_id", *_PERIOD),
        instants=_PERIOD,
        user="user_id",
    ),
    Fact(
        "participation",
        Reach.CONTACT,
        "contact_id",
        history=("project_id", "contact_id", *_PERIOD),
        instants=_PERIOD,
    ),
    Fact(
        "legal_basis",
        Reach.CONTACT,
        "contact_id",
        history=("contact_id", "purpose_id", *_PERIOD),
        instants=_PERIOD,
    ),
    Fact(
        "restriction",
        Reach.CONTACT,
        "contact_id",
        history=("contact_id", *_PERIOD),
        instants=_PERIOD,
    ),
    Fact(
        "suspension",
        Reach.USER,
        "user_id",
        history=("user_id", "kind", *_PERIOD),
        instants=_PERIOD,
    ),
    Fact(
        "device",
        Reach.DEVICE,
        "id",
        history=("user_id", "is_managed", "wants_photos", "fields", "enrolled_at", "stopped_at"),
        instants=("enrolled_at", "stopped_at"),
    ),
    Fact(
        "organisation",
        Reach.SENTINEL,
        "id",
        values=("name", "help_email", "help_phone", "portal_url"),
    ),
)
