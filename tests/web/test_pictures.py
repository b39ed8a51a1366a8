"""Pictures as numbers: everybody has a place of his own, shares are shares, steps are true."""

import re
from datetime import UTC, datetime, timedelta

from app.web.pictures import CELL, CURVE_WIDTH, IN_A_LINE, ROW, bar, clipped, curve, figure

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_people_stand_under_each_other_and_devices_side_by_side() -> None:
    found = figure([("Eva", ["a", "b"], False), ("Jan", [], False)])
    eva, jan = found.rows
    assert (eva.line_y, jan.line_y, found.height) == (0, ROW, 2 * ROW)
    assert [cell.of for cell in eva.cells] == ["a", "b"]
    assert eva.cells[1].x - eva.cells[0].x == CELL
    assert eva.cells[0].y == eva.cells[1].y
    assert jan.cells == ()


def test_many_devices_take_another_line() -> None:
    (eva,) = figure([("Eva", list("abcd"), False)]).rows
    assert eva.cells[IN_A_LINE].y == eva.cells[0].y + ROW
    assert eva.cells[IN_A_LINE].x == eva.cells[0].x
    assert figure([("Eva", list("abcd"), False)]).height == 2 * ROW


def test_over_twelve_people_those_who_are_done_fold() -> None:
    people = [("Eva", ["x"], False)] + [(f"U{n}", ["a", "b"], True) for n in range(12)]
    found = figure(people)
    assert [row.name for row in found.rows] == ["Eva"]
    assert (found.folded_people, found.folded_devices) == (12, 24)
    assert found.height == 2 * ROW
    twelve = figure(people[:12])
    assert (len(twelve.rows), twelve.folded_people) == (12, 0)


def test_over_twelve_people_those_without_a_device_fold_into_a_line_of_their_own() -> None:
    people = [("Eva", ["x"], False), ("Jan", ["y"], True)] + [
        (f"U{n}", list[str](), False) for n in range(11)
    ]
    found = figure(people)
    assert [row.name for row in found.rows] == ["Eva"]
    assert (found.folded_people, found.bare_people) == (1, 11)
    assert found.bare_y - found.folded_y == ROW
    assert found.height == 3 * ROW
    assert figure(people[:12]).bare_people == 0


def test_a_bar_is_full_and_its_parts_are_in_proportion() -> None:
    parts = bar({"confirmed": 6, "told": 2, "unreachable": 1}, 920)
    assert [part.count for part in parts] == [6, 2, 1]
    assert parts[0].x == 0
    assert round(parts[-1].x + parts[-1].width) == 920
    assert parts[0].width > 2 * parts[1].width
    (tiny, _) = bar({"told": 1, "confirmed": 999}, 920)
    assert tiny.width >= 12
    assert bar({}) == ()


def test_a_curve_steps_at_each_confirmation() -> None:
    found = curve(NOON, [NOON + HOUR, NOON - HOUR], 4, NOON + timedelta(days=1))
    steps = re.findall(r"H([\d.]+)V([\d.]+)", found.path)
    assert [float(y) for _, y in steps] == [60, 40]
    assert float(steps[0][0]) == 0
    hour, day, week = found.ticks
    assert float(steps[1][0]) == hour.x
    assert found.now_x == day.x
    assert week.x == CURVE_WIDTH
    assert 0 < hour.x < day.x < week.x
    assert found.path.startswith("M0 80")
    assert found.path.endswith(f"H{day.x}")


def test_after_a_month_the_axis_is_a_month_long() -> None:
    found = curve(NOON, [], 1, NOON + timedelta(days=30))
    assert found.now_x == CURVE_WIDTH
    assert found.ticks[-1].x < CURVE_WIDTH


def test_a_long_name_is_cut() -> None:
    assert clipped("Eva", 5) == "Eva"
    assert clipped("Bartoloměj", 5) == "Bart…"
