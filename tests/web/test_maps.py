"""The geometry of pictures in three columns."""

import re
from itertools import pairwise

from app.web import maps
from app.web.maps import LIMIT, Link, Node, Picture


def nodes(*keys: str) -> list[Node]:
    return [Node(key, key.upper(), "note") for key in keys]


def order(picture: Picture, x: int) -> list[str]:
    return [box.node.key for box in sorted(picture.boxes, key=lambda b: b.y) if box.x == x]


def test_boxes_stay_within_the_picture_and_apart() -> None:
    picture = maps.draw((nodes("a"), nodes("b", "c", "d"), nodes("e", "f")), [])
    for box in picture.boxes:
        assert box.x >= 0
        assert box.x + box.width <= picture.width
        assert box.y >= 0
        assert box.y + box.height <= picture.height
    for x in picture.headings:
        column = sorted((box.y, box.y + box.height) for box in picture.boxes if box.x == x)
        assert all(end < start for (_, end), (start, _) in pairwise(column))


def test_a_line_runs_from_the_middle_of_one_edge_to_that_of_the_next() -> None:
    picture = maps.draw((nodes("a"), nodes("b", "c"), []), [Link("a", "c", "owing")])
    (curve,) = picture.curves
    numbers = [int(found) for found in re.findall(r"\d+", curve.path)]
    box = {box.node.key: box for box in picture.boxes}
    a, c = box["a"], box["c"]
    assert numbers[:2] == [a.x + a.width, a.y + a.height // 2]
    assert numbers[-2:] == [c.x, c.y + c.height // 2]
    assert curve.look == "owing"


def test_a_column_takes_the_order_of_what_stands_before_it() -> None:
    links = [Link("a", "z"), Link("b", "y"), Link("z", "q"), Link("y", "p")]
    picture = maps.draw((nodes("a", "b"), nodes("y", "x", "z"), nodes("p", "q")), links)
    who, where = picture.headings[1:]
    assert order(picture, who) == ["z", "y", "x"]
    assert order(picture, where) == ["q", "p"]


def test_a_line_to_what_is_not_drawn_is_left_out() -> None:
    assert maps.draw((nodes("a"), [], []), [Link("a", "b")]).curves == ()


def test_the_bar_stands_in_the_first_gap() -> None:
    picture = maps.draw((nodes("a"), nodes("b"), nodes("c")), [])
    why, who = (next(box for box in picture.boxes if box.node.key == key) for key in "ab")
    assert why.x + why.width < picture.gap < who.x


def test_a_text_that_is_too_long_is_cut() -> None:
    (box,) = maps.draw(([Node("a", "x" * 100)], [], []), []).boxes
    assert box.title.endswith("x…")
    assert len(box.title) < 35


def together(name: str, members: list[Node]) -> Node:
    return Node(f"group {name}", name, str(len(members)))


def test_as_many_as_fit_are_not_folded() -> None:
    people = nodes(*(f"n{number}" for number in range(LIMIT)))
    assert maps.fold(people, [], {}, together) == (people, [])


def test_too_many_are_folded_by_their_group_and_who_is_alone_stays() -> None:
    people = nodes(*(f"n{number}" for number in range(LIMIT + 1)))
    groups = dict.fromkeys((node.key for node in people[:-1]), "sales") | {"n12": "yard"}
    links = [
        Link("a", "n0"),
        Link("a", "n1"),
        Link("a", "n12"),
        Link("n0", "p"),
        Link("n1", "p", "owing"),
    ]
    folded, lines = maps.fold(people, links, groups, together)
    assert [(node.key, node.note) for node in folded] == [("group sales", "12"), ("n12", "note")]
    assert lines == [
        Link("a", "group sales"),
        Link("a", "n12"),
        Link("group sales", "p", "owing"),
    ]
