"""Where the boxes and lines of a picture in three columns go: numbers only, no words, no markup.

Units are those of the picture's viewBox, which is WIDTH wide; the page scales it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

WIDTH = 920
LIMIT = 12
"""More boxes than this in a column are folded."""

_COLUMNS = ((8, 232), (344, 216), (664, 248))
"""Left edge and width of each column."""

_TOP, _BOX, _STEP, _BOTTOM = 44, 46, 58, 10
_LETTER = 7.6
_PADDING = 14


@dataclass(frozen=True, slots=True)
class Node:
    """What one box says: a title, a smaller line below, and the look of it."""

    key: str
    title: str
    note: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from a box to one in the next column; `look` as the style sheet has it."""

    start: str
    end: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place; texts are cut to what fits."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line with its path."""

    look: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn map; `gap` is where a bar across the first gap stands, in x."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    headings: tuple[int, ...]
    gap: int


def fold(
    nodes: Sequence[Node],
    links: Sequence[Link],
    group_of: Mapping[str, str],
    together: Callable[[str, list[Node]], Node],
) -> tuple[list[Node], list[Link]]:
    """One box for each group, where a column has too many; who is alone in his group stays.

    `together` makes the box of a group. Lines go to the new boxes, each once: of two looks the
    one that is not plain is kept.
    """
    if len(nodes) <= LIMIT:
        return list(nodes), list(links)
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        groups[group_of.get(node.key, "")].append(node)
    boxes = {
        group: members[0] if len(members) == 1 else together(group, members)
        for group, members in groups.items()
    }
    moved = {node.key: boxes[group].key for group, members in groups.items() for node in members}
    merged: dict[tuple[str, str], Link] = {}
    for link in links:
        new = replace(
            link, start=moved.get(link.start, link.start), end=moved.get(link.end, link.end)
        )
        known = merged.get((new.start, new.end))
        if known is None or not known.look:
            merged[new.start, new.end] = new
    return list(boxes.values()), list(merged.values())


def draw(columns: Sequence[Sequence[Node]], links: Sequence[Link]) -> Picture:
    """Place the boxes, each column once in the order that crosses the fewest lines."""
    ordered = [list(columns[0])]
    for column in columns[1:]:
        ordered.append(_untangled(ordered[-1], column, links))
    rows = max((len(column) for column in ordered), default=0)
    height = _TOP + max(rows, 1) * _STEP + _BOTTOM
    boxes = {
        box.node.key: box
        for place, column in enumerate(ordered)
        for box in _stacked(column, place, rows)
    }
    curves = (
        Curve(link.look, _path(boxes[link.start], boxes[link.end]))
        for link in links
        if link.start in boxes and link.end in boxes
    )
    (left, width), (right, _) = _COLUMNS[:2]
    return Picture(
        width=WIDTH,
        height=height,
        boxes=tuple(boxes.values()),
        curves=tuple(curves),
        headings=tuple(x for x, _ in _COLUMNS),
        gap=(left + width + right) // 2,
    )


def _untangled(before: Sequence[Node], column: Sequence[Node], links: Sequence[Link]) -> list[Node]:
    """The column by the mean place of its neighbours to the left; without any, at the end."""
    places = {node.key: place for place, node in enumerate(before)}
    near: dict[str, list[int]] = defaultdict(list)
    for link in links:
        if link.start in places:
            near[link.end].append(places[link.start])

    def middle(node: Node) -> float:
        found = near[node.key]
        return sum(found) / len(found) if found else len(before)

    return sorted(column, key=middle)


def _stacked(column: Sequence[Node], place: int, rows: int) -> list[Box]:
    x, width = _COLUMNS[place]
    first = _TOP + (rows - len(column)) * _STEP // 2
    room = int((width - 2 * _PADDING) / _LETTER)
    return [
        Box(
            node=node,
            x=x,
            y=first + row * _STEP,
            width=width,
            height=_BOX,
            title=_cut(node.title, room),
            note=_cut(node.note, room + 4),
        )
        for row, node in enumerate(column)
    ]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _path(start: Box, end: Box) -> str:
    x1, y1 = start.x + start.width, start.y + start.height // 2
    x2, y2 = end.x, end.y + end.height // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
