"""The truth table of consents, row by row, for the reading; and what the rows leave open."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from app.db import FOREVER
from app.models.consent_kinds import ConsentType, Medium, Precision
from app.policy.consents import (
    REASONS,
    ConsentState,
    Event,
    Tree,
    closes,
    holds_until,
    is_below,
    read,
)

T0 = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
P, C1, C2, C3, OTHER = range(1, 6)
TREE: Tree = {P: None, C1: P, C2: P, C3: P, OTHER: None}
MAIL, SMS, POST = Medium.EMAIL, Medium.SMS, Medium.POST
NAMED = {P: (P, C1, C2)}
"""What P's form names: C3 came later."""


@dataclass
class Story:
    """Events an hour apart, unless said otherwise."""

    events: list[Event] = field(default_factory=list)
    now: datetime = T0

    def add(self, kind: ConsentType, purpose: int, *media: Medium, **more: object) -> Event:
        self.now += HOUR
        opens = kind in {*_OPENING, ConsentType.REQUESTED}
        over = media or (MAIL, SMS)
        values: dict[str, object] = {
            "occurred_at": self.now,
            "recorded_at": self.now,
            "is_proven": opens and kind is not ConsentType.REQUESTED,
            "media": frozenset() if opens else frozenset(media),
            "covers": frozenset(
                (of, m) for of in NAMED.get(purpose, (purpose,)) for m in over if opens
            ),
        }
        event = Event(len(self.events) + 1, kind, purpose, **{**values, **more})  # type: ignore[arg-type]
        self.events.append(event)
        return event

    def holds(self, medium: Medium = MAIL, after: timedelta = HOUR) -> str:
        """P, C1, C2, C3: a + for what holds."""
        at = self.now + after
        found = [read(self.events, TREE, of, medium, at).holds for of in (P, C1, C2, C3)]
        return "".join("+" if holds else "-" for holds in found)

    def state(self, purpose: int = P, medium: Medium = MAIL) -> ConsentState:
        return read(self.events, TREE, purpose, medium, self.now + HOUR).state


_OPENING = (
    ConsentType.GIVEN,
    ConsentType.CONFIRMED,
    ConsentType.RENEWED,
    ConsentType.IMPORTED,
)
GIVEN, WITHDRAWN, REQUESTED = ConsentType.GIVEN, ConsentType.WITHDRAWN, ConsentType.REQUESTED
CONFIRMED, IMPORTED, OBJECTED = ConsentType.CONFIRMED, ConsentType.IMPORTED, ConsentType.OBJECTED


@pytest.fixture
def story() -> Story:
    return Story()


def test_row_1_what_is_given_covers_what_was_named(story: Story) -> None:
    story.add(GIVEN, P)
    assert story.holds() == "+++-"


def test_row_2_a_child_opens_no_parent(story: Story) -> None:
    story.add(GIVEN, C1)
    assert story.holds() == "-+--"


def test_row_3_a_child_is_withdrawn_alone(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(WITHDRAWN, C1)
    assert story.holds() == "+-+-"


def test_row_4_withdrawing_the_parent_closes_all(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(WITHDRAWN, P)
    assert story.holds() == "----"


def test_row_5_also_what_was_given_by_itself(story: Story) -> None:
    story.add(GIVEN, C1)
    story.add(GIVEN, P)
    story.add(WITHDRAWN, P)
    assert story.holds() == "----"


def test_row_6_given_again_by_name(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(WITHDRAWN, C1)
    story.add(GIVEN, P)
    assert story.holds() == "+++-"


def test_row_7_a_child_given_after_the_parent_was_withdrawn(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(WITHDRAWN, P)
    story.add(GIVEN, C2)
    assert story.holds() == "--+-"


def test_row_8_its_time_is_over_without_any_event(story: Story) -> None:
    story.add(GIVEN, P, valid_until=T0 + 3 * HOUR)
    assert story.holds() == "+++-"
    assert story.holds(after=2 * HOUR) == "----"
    story.now += 2 * HOUR
    assert story.state() is ConsentState.EXPIRED


def test_row_9_a_request_waits_for_its_confirmation(story: Story) -> None:
    asked = story.add(REQUESTED, P)
    assert (story.holds(), story.state()) == ("----", ConsentState.REQUESTED)
    story.add(CONFIRMED, P, since_at=asked.occurred_at)
    assert story.holds() == "+++-"


def test_row_10_the_old_link_after_a_withdrawal(story: Story) -> None:
    asked = story.add(REQUESTED, P)
    story.add(WITHDRAWN, P)
    story.add(CONFIRMED, P, since_at=asked.occurred_at)
    assert (story.holds(), story.state()) == ("----", ConsentState.WITHDRAWN)


def test_row_11_another_medium_was_not_asked_for(story: Story) -> None:
    story.add(GIVEN, P, MAIL)
    assert (story.holds(MAIL), story.holds(SMS)) == ("+++-", "----")


def test_row_12_one_medium_is_withdrawn(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(WITHDRAWN, P, SMS)
    assert (story.holds(MAIL), story.holds(SMS)) == ("+++-", "----")


def test_row_13_what_was_imported_holds_when_its_proof_comes(story: Story) -> None:
    imported = story.add(IMPORTED, P, is_proven=False)
    assert (story.holds(), story.state()) == ("----", ConsentState.IMPORTED)
    story.add(CONFIRMED, P, since_at=imported.occurred_at)
    assert story.holds() == "+++-"


def test_row_14_an_objection_until_the_person_acts_again(story: Story) -> None:
    story.add(GIVEN, P)
    story.add(OBJECTED, P)
    assert (story.holds(), story.state()) == ("----", ConsentState.OBJECTED)
    story.add(GIVEN, P)
    assert story.holds() == "+++-"


def test_row_15_a_change_of_the_processing_asks_anew(story: Story) -> None:
    story.add(GIVEN, P, renew_at={C1: T0 + 3 * HOUR})
    assert story.holds() == "+++-"
    assert story.holds(after=2 * HOUR) == "+-+-"
    story.now += 2 * HOUR
    assert story.state(C1) is ConsentState.RENEWAL_NEEDED


@pytest.mark.parametrize("order", [(GIVEN, WITHDRAWN), (WITHDRAWN, GIVEN)])
def test_row_16_of_one_second_the_withdrawal_wins(
    story: Story, order: tuple[ConsentType, ConsentType]
) -> None:
    same = T0.replace(microsecond=900_000)
    for number, kind in enumerate(order):
        when = same + timedelta(microseconds=number)
        story.add(kind, P, occurred_at=when, recorded_at=when)
    assert story.holds() == "----"


def test_row_17_a_form_opened_before_the_last_withdrawal(story: Story) -> None:
    story.add(WITHDRAWN, P)
    opened = story.now + timedelta(minutes=1)
    story.add(WITHDRAWN, P)
    story.add(GIVEN, P, since_at=opened)
    assert (story.holds(), story.state()) == ("----", ConsentState.WITHDRAWN)
    story.add(GIVEN, P, since_at=story.now + timedelta(minutes=1))
    assert story.holds() == "+++-"


# --- What the rows leave open ---------------------------------------------------------------


def test_nothing_recorded_is_unknown(story: Story) -> None:
    reading = read([], TREE, P, MAIL, T0)
    assert (reading.state, reading.event, reading.holds) == (ConsentState.UNKNOWN, None, False)
    assert reading.reason == "Nothing is recorded."


def test_what_happens_later_decides_nothing_now(story: Story) -> None:
    story.add(GIVEN, P)
    assert read(story.events, TREE, P, MAIL, T0).state is ConsentState.UNKNOWN


def test_a_request_changes_nothing_while_something_holds(story: Story) -> None:
    given = story.add(GIVEN, P)
    story.add(REQUESTED, P)
    assert read(story.events, TREE, P, MAIL, story.now).event == given


def test_a_request_after_a_withdrawal_waits_and_lapses(story: Story) -> None:
    story.add(WITHDRAWN, P)
    story.add(REQUESTED, P, valid_until=T0 + 4 * HOUR)
    assert story.state() is ConsentState.REQUESTED
    story.now += HOUR
    assert story.state() is ConsentState.WITHDRAWN


def test_without_proof_it_was_only_asked_for(story: Story) -> None:
    story.add(GIVEN, P, is_proven=False)
    assert story.state() is ConsentState.REQUESTED


@pytest.mark.parametrize(
    "kind", [ConsentType.REFUSED, ConsentType.TERMINATED, ConsentType.INVALIDATED]
)
def test_everything_that_closes_closes_what_is_below(story: Story, kind: ConsentType) -> None:
    story.add(GIVEN, P)
    story.add(kind, P)
    assert story.holds() == "----"
    assert story.state(C2) == kind.value


def test_who_closes_covers_nothing_whatever_it_says(story: Story) -> None:
    story.add(ConsentType.REFUSED, C1, covers=frozenset({(P, MAIL)}))
    assert story.state(P) is ConsentState.UNKNOWN


@pytest.mark.parametrize(("precision", "length"), [(Precision.DAY, 24), (Precision.MONTH, 31 * 24)])
def test_a_withdrawal_of_a_day_counts_to_its_end(precision: Precision, length: int) -> None:
    recorded = T0 + timedelta(days=60)
    given = Event(
        1, GIVEN, P, T0 + 3 * HOUR, recorded, covers=frozenset({(P, MAIL)}), is_proven=True
    )
    closed = Event(2, WITHDRAWN, P, T0, recorded, precision)
    assert closed.moment == T0 + length * HOUR
    at = T0 + timedelta(days=50)
    assert read([given, closed], TREE, P, MAIL, at).state is ConsentState.WITHDRAWN


def test_a_withdrawal_of_today_counts_until_it_was_recorded() -> None:
    closed = Event(1, WITHDRAWN, P, T0, T0 + 2 * HOUR, Precision.DAY)
    assert closed.moment == T0 + 2 * HOUR


def test_a_paper_of_a_day_counts_from_its_beginning() -> None:
    given = Event(1, GIVEN, P, T0, T0 + 5 * HOUR, Precision.DAY)
    assert given.moment == T0


def test_a_purpose_is_below_itself_and_what_stands_above() -> None:
    assert is_below(TREE, C1, P)
    assert is_below(TREE, P, P)
    assert not is_below(TREE, P, C1)
    assert not is_below(TREE, OTHER, P)


def test_what_a_closing_event_is_about(story: Story) -> None:
    event = story.add(WITHDRAWN, P, SMS)
    assert closes(event, TREE, (C3, SMS))
    assert not closes(event, TREE, (C3, MAIL))
    assert not closes(event, TREE, (OTHER, SMS))


def test_until_when_it_holds_over_any_medium(story: Story) -> None:
    assert holds_until([], TREE, P, T0) is None
    story.add(GIVEN, P, MAIL, valid_until=T0 + 5 * HOUR)
    story.add(GIVEN, P, SMS, valid_until=T0 + 9 * HOUR)
    now = story.now + HOUR
    assert holds_until(story.events, TREE, P, now) == T0 + 9 * HOUR
    story.add(WITHDRAWN, P, SMS)
    assert holds_until(story.events, TREE, P, story.now) == T0 + 5 * HOUR
    story.add(GIVEN, P, POST)
    assert holds_until(story.events, TREE, P, story.now) == FOREVER
    story.add(WITHDRAWN, P)
    assert holds_until(story.events, TREE, P, story.now) is None


def test_every_state_has_a_sentence() -> None:
    assert set(REASONS) == set(ConsentState)
    assert all(sentence.endswith(".") for sentence in REASONS.values())
