"""Forms in which people are asked: made, looked at, opened, closed; keys of sites."""

from collections.abc import Callable

from app.queries import form_views, forms
from app.services import collecting, instances, purposes
from app.services.audit import OPERATOR
from app.services.collecting import NewPoint
from app.services.instances import Rights
from tests.rooms.public_forms import form as opened
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

LOOKS = "olga adam dora"
MAKES = "olga adam"


def reached(world: World) -> None:
    """The organisation says where it is reached, as a form needs."""
    with world.portal.sessions.write() as session:
        rights = Rights("udaje@example.org", "", "")
        instances.describe(session, OPERATOR, "Stavby Morava", world.at, rights=rights)


def one(world: World) -> str:
    """An open form."""
    reached(world)
    return f"/forms/{opened(world)}"


def prepared(world: World) -> str:
    """One that nobody could fill in yet, and to which nothing is missing."""
    opened(world)
    reached(world)
    with world.portal.sessions.write() as session:
        if forms.point(session, "next") is None:
            new = NewPoint("next", "Kolaudace a ohlédnutí", "news", is_open=False)
            collecting.add(session, OPERATOR, new, world.at)
    return "/forms/next"


def lacking(world: World) -> str:
    """One that asks for what no notice names, of an organisation that says little of itself."""
    opened(world)
    with world.portal.sessions.write() as session:
        instances.describe(session, OPERATOR, "Stavby Morava", world.at)
        if forms.point(session, "bare") is None:
            purposes.add(session, OPERATOR, "raffle", "Slosování o ceny", world.at)
            new = NewPoint("bare", "Zákazníci", "news", ("news", "raffle"), is_open=False)
            collecting.add(session, OPERATOR, new, world.at)
    return "/forms/bare"


def with_keys(world: World) -> str:
    """One with a key that works and one that was ended."""
    address = one(world)
    with world.portal.sessions.write() as session:
        point = forms.get(session, "news")
        for site in ("blog", "www"):
            key, _ = collecting.issue_key(session, OPERATOR, point.id, site, world.at)
            if site == "blog":
                collecting.end_key(session, OPERATOR, key.public_id, world.at)
    return address


def every_state(world: World) -> str:
    with_keys(world)
    prepared(world)
    opened(world, "old", name="Jarní dny otevřených dveří")
    with world.portal.sessions.write() as session:
        collecting.close(session, OPERATOR, forms.get(session, "old").id, world.at)
    return "/forms"


def _key(world: World) -> dict[str, str]:
    with world.portal.sessions.read() as session:
        point = forms.get(session, "news")
        return {"key": form_views.keys(session, point.id)[0].id}


def at(end: str, of: Callable[[World], str] = one) -> Callable[[World], str]:
    return lambda world: of(world) + end


CHANGED = {
    "name": "Novinky ze staveb",
    "purpose": "news",
    "directory": "",
    "origins": "https://www.example.org\nhttps://shop.example.org",
    "double_opt_in": "y",
}

ROOMS = [
    Room("form_builder.index", lambda _: "/forms", answers(LOOKS), "without a notice"),
    Room("form_builder.index", every_state, answers(LOOKS)),
    Room("form_builder.new", lambda w: (one(w), "/forms/new")[1], answers(MAKES)),
    Room("form_builder.show", with_keys, answers(LOOKS)),
    Room("form_builder.show", prepared, answers(LOOKS), "in preparation"),
    Room("form_builder.show", lacking, answers(LOOKS), "something missing"),
    Room("form_builder.ask_change", at("/change"), answers(MAKES, "dora")),
    Room("form_builder.ask_open", at("/open", prepared), answers(MAKES, "dora")),
    Room("form_builder.ask_open", at("/open", lacking), answers(MAKES, "dora"), "missing"),
    Room("form_builder.preview", at("/preview?lang=cs"), answers(LOOKS), is_page=False),
]
DEEDS = [
    Deed(
        "form_builder.add",
        lambda w: (one(w), "/forms/new")[1],
        lambda _: {"name": "Kolaudace", "notice": "news"},
        answers(MAKES, done=303),
    ),
    Deed(
        "form_builder.add",
        lambda w: (one(w), "/forms/new")[1],
        lambda _: {"name": "", "notice": "nothing"},
        answers(MAKES, done=422),
        "half",
    ),
    Deed(
        "form_builder.change",
        at("/change"),
        lambda _: CHANGED,
        answers(MAKES, "dora", done=303),
    ),
    Deed(
        "form_builder.change",
        at("/change"),
        lambda _: CHANGED | {"purpose": "", "origins": "www"},
        answers(MAKES, "dora", done=422),
        "half",
    ),
    Deed(
        "form_builder.open_",
        at("/open", prepared),
        lambda _: {},
        answers(MAKES, "dora", done=303),
    ),
    Deed(
        "form_builder.open_",
        at("/open", lacking),
        lambda _: {},
        answers(MAKES, "dora", done=422),
        "missing",
    ),
    Deed("form_builder.close", at("/close"), lambda _: {}, answers(MAKES, "dora", done=303)),
    Deed("form_builder.issue", at("/keys"), lambda _: {"site": "www"}, answers(MAKES, "dora")),
    Deed(
        "form_builder.issue",
        at("/keys"),
        lambda _: {"site": ""},
        answers(MAKES, "dora", done=422),
        "half",
    ),
    Deed(
        "form_builder.end_key", at("/keys/end", with_keys), _key, answers(MAKES, "dora", done=303)
    ),
]
