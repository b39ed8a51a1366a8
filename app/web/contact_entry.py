"""A contact entered by hand, and corrected; two who correct one at a time lose nothing."""

import re
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.cards.card import ContactKind, Draft
from app.policy import Action, Channel
from app.queries import contacts as cards
from app.queries import history, standing
from app.queries.one_contact import Sheet
from app.queries.standing import InDirectory
from app.services import contacts, corrections
from app.services.bases import Fit, Ground
from app.services.contact_values import NAMES, State, Value, composed, text_of
from app.services.contacts import EDITABLE, NewContact
from app.services.corrections import Overtaken
from app.web import contact_words, notices
from app.web.access import actor, allowed, signed_in, viewer, visit
from app.web.contact_access import remember, sheet_for
from app.web.contact_forms import MOST_ROWS, ROWS, ContactForm, as_typed
from app.web.contact_typed import split_name
from app.web.forms import text_argument
from app.web.portal import portal
from app.web.texts import gettext, later

_ONLY_NEW = ("name", "source")
_NOT_FIRST = ("full_name", "seen")
_NUMBER = re.compile(r"[0-9]{1,18}")


@allowed(Action.EDIT)
def new() -> str:
    """In which directory, then who; the directory decides why the contact may be kept."""
    home = _home()
    if home is None:
        return render_template("contact/directories.html", homes=_homes())
    form = ContactForm(None, {}, _NOT_FIRST)
    return _entry_page(form, home)


@allowed(Action.EDIT)
def enter() -> Response | tuple[str, int]:
    """Enter it, and say what became of its basis."""
    home = _home()
    if home is None:
        abort(400)
    form = ContactForm(request.form, {}, _NOT_FIRST)
    if not form.validate():
        return _entry_page(form, home), 422
    with portal().sessions.write() as session:
        entered = contacts.add(session, actor(), home.id, _new_contact(form), visit().at)
        contact = entered.contact.public_id
    there = url_for("contact.new", directory=home.slug)
    return _said_of(entered.ground, redirect(_place(contact, there), code=303))


@signed_in
def edit(contact: str) -> str:
    """The form with what the contact says now, as far as the viewer may read it."""
    found = sheet_for(contact, Action.EDIT)
    remember(contact)
    form = _form(found, None)
    form.seen.data = _newest(contact)
    return _edit_page(found, form)


@signed_in
def save(contact: str) -> Response | tuple[str, int]:
    """Change what was changed; where somebody was faster with the same field, ask which it is."""
    found = sheet_for(contact, Action.EDIT)
    form = _form(found, request.form)
    if not form.validate():
        return _edit_page(found, form), 422
    changes = _changes(found, form)
    try:
        with portal().sessions.write() as session:
            moved = corrections.correct(
                session, actor(), contact, changes, _number(form.seen.data or ""), visit().at
            )
            is_one = contacts.say_sole_trader(
                session, actor(), contact, visit().at, is_one=form.is_sole_trader.data
            )
    except Overtaken as error:
        return _collision_page(found, changes, error.fields), 409
    response = redirect(_place(contact, url_for("contacts.index")), code=303)
    if not moved:
        said = later("Saved.") if is_one else later("Nothing was changed.")
        return notices.say(response, said)
    return notices.say(response, later("Saved."), undo=url_for("contact.history", contact=contact))


def _home() -> InDirectory | None:
    """The directory that the address names; None where it names none and there is a choice."""
    slug = text_argument("directory")
    if not slug:
        homes = _homes()
        return homes[0] if len(homes) == 1 else None
    with portal().sessions.read() as session:
        found = standing.in_directory(session, viewer(), slug, visit().at)
    if found is None:
        abort(404)
    if Action.EDIT not in found.may:
        abort(403)
    return found


def _homes() -> list[InDirectory]:
    with portal().sessions.read() as session:
        known = standing.directories(session, viewer(), visit().at)
    return [home for home in known if Action.EDIT in home.may]


def _entry_page(form: ContactForm, home: InDirectory) -> str:
    several = len(_homes()) > 1
    return render_template(
        "contact/new.html", form=form, home=home, several=several, words=contact_words
    )


def _edit_page(found: Sheet, form: ContactForm) -> str:
    return render_template(
        "contact/edit.html", form=form, sheet=found, card=found.card, words=contact_words
    )


def _collision_page(found: Sheet, changes: State, fields: frozenset[str]) -> str:
    contact, now = found.card.public_id, _state(found)
    both = [
        (
            name,
            contact_words.spelled(name, history.said(name, text_of(changes[name]))),
            contact_words.spelled(name, history.said(name, text_of(now[name]))),
        )
        for name in contact_words.FIELDS
        if name in fields
    ]
    unsent = {"csrf_token", "seen", *(f"take-{name}" for name in fields)}
    return render_template(
        "contact/collision.html",
        sheet=found,
        card=found.card,
        both=both,
        typed=[(name, value) for name, value in request.form.items() if name not in unsent],
        seen=_newest(contact),
        words=contact_words,
    )


def _new_contact(form: ContactForm) -> NewContact:
    said: dict[str, Any] = form.said()
    numbers = {name: said.pop(name, "") for name in ("registration_number", "tax_number")}
    said["kind"] = ContactKind(form.kind.data)
    said["categories"] = tuple(said.get("categories", "").splitlines())
    if said["kind"] is ContactKind.ORGANISATION:
        said.setdefault("organisation", form["name"].data)
    elif not {"given", "family"} & said.keys():
        said = {**split_name(form["name"].data), **said}
    return NewContact(
        Draft(**said),
        source=form.source.data or "",
        is_sole_trader=form.is_sole_trader.data,
        **numbers,
    )


def _state(found: Sheet) -> dict[str, Value]:
    """What the contact says, as far as the viewer may read it."""
    card = found.card
    state: dict[str, Value] = {
        name: getattr(card, name) for name in found.fields & EDITABLE if hasattr(card, name)
    }
    if "categories" in state:
        state["categories"] = "\n".join(card.categories)
    for name in {"registration_number", "tax_number"} & found.fields:
        state[name] = getattr(found, name)
    return state | {"kind": card.kind.value}


def _typed(found: Sheet) -> dict[str, Any]:
    return as_typed(_state(found)) | {"is_sole_trader": found.is_sole_trader}


def _form(found: Sheet, typed: MultiDict[str, str] | None) -> ContactForm:
    state = _state(found)
    absent = [*_ONLY_NEW, *sorted(EDITABLE - state.keys())]
    if _is_derived(state):
        absent.append("full_name")
    absent += [name for name in ROWS if len(state.get(name, ())) >= MOST_ROWS]
    return ContactForm(typed, _typed(found), absent)


def _is_derived(state: State) -> bool:
    """Whether the name that is shown is made of others, and follows them."""
    parts = composed({name: state[name] for name in NAMES})
    firm = state["organisation"] if state["kind"] == ContactKind.ORGANISATION else ""
    return state["full_name"] in {"", parts, firm}


def _changes(found: Sheet, form: ContactForm) -> dict[str, Value]:
    """What was typed and is to be kept; of what collided before, what was chosen."""
    said = form.said()
    state = _state(found)
    firm = state["organisation"] if state["kind"] == ContactKind.ORGANISATION else ""
    if firm and state["full_name"] == firm and "organisation" in said:
        said["full_name"] = said["organisation"]
    return {
        name: value
        for name, value in said.items()
        if request.form.get(f"take-{name}", "") != "theirs"
    }


def _number(sent: str) -> int:
    """The number in a hidden field; 0 for what we never wrote there."""
    return int(sent) if _NUMBER.fullmatch(sent) else 0


def _newest(contact: str) -> str:
    """The number of the newest change that the viewer may read."""
    with portal().sessions.read() as session:
        read = history.of_contact(session, viewer(), contact, visit().at)
    return str(max((step.id for step in read.changes), default=0))


def _place(contact: str, otherwise: str) -> str:
    """The contact's page, or another one where it is hidden for want of a basis."""
    with portal().sessions.read() as session:
        found = cards.find(session, viewer(), Channel.PORTAL, contact, visit().at)
    return url_for("contact.show", contact=contact) if found else otherwise


def _said_of(ground: Ground, response: Response) -> Response:
    if ground.fit is Fit.NO_CONSENT:
        said = later("Saved, but hidden for now: no consent of this person is recorded yet.")
        return notices.say(response, said)
    if ground.fit is Fit.NONE:
        said = later(
            "Saved, but hidden for now: the directory names no reason that covers a firm's contact."
        )
        return notices.say(response, said)
    if ground.fit is Fit.OTHER and ground.kind:
        said = later("Saved. A firm's contact person is kept for this reason: %(basis)s.")
        return notices.say(response, said, basis=gettext(contact_words.BASES[ground.kind.value]))
    return notices.say(response, later("Saved."))
