"""Setting up a phone or a program, one address a step: what, how much, connect, wait, done."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf, InputRequired

from app import tokens
from app.errors import NotFound
from app.keys import KeyName
from app.queries import enrolment as readers
from app.queries.devices import OwnDevice
from app.queries.ledger import DeviceState
from app.services import devices, enrolment, throttle
from app.services.choices import DEVICE_KINDS, LEVELS
from app.services.throttle import Door
from app.web import fragments, once, profiles, qr
from app.web.access import actor, public, signed_in, user, viewer, visit
from app.web.devices import NameForm, free_name, mine, taken_names
from app.web.once import Secrets
from app.web.portal import portal
from app.web.texts import later

PATIENCE = timedelta(hours=1)
"""For how long the page that waits for a phone asks again by itself."""

NAMES = {
    "iphone": "iPhone",
    "android": "Android",
    "mac": "Mac",
    "thunderbird": "Thunderbird",
    "outlook": "Outlook",
}
"""What a new device of a kind is called until its owner says otherwise."""

pages = Blueprint("enrolment", __name__)


class DeviceForm(NameForm):
    """What a new device is called, how much it gets, and that its owner knows the rules."""

    fields = StringField(
        default="full",
        validators=[AnyOf(list(LEVELS), message=later("Choose how much goes there."))],
    )
    photos = BooleanField()
    read = BooleanField(validators=[InputRequired(later("Read the rules and tick the box."))])


@pages.get("/devices/new")
@signed_in
def what() -> str:
    """Step 1: what it is."""
    return render_template("enrolment/what.html")


@pages.get("/devices/new/<slug:kind>")
@signed_in
def options(kind: str) -> str:
    """Step 2: what it is called, what goes there, and by which rules."""
    name = NAMES.get(_known(kind), "")
    return _options(kind, DeviceForm(name=free_name(name, taken_names()) if name else ""))


@pages.post("/devices/new/<slug:kind>")
@signed_in
def enrol(kind: str) -> Response:
    """Enrol it with a fresh password, which the next page shows once."""
    kind, form = _known(kind), DeviceForm(request.form)
    form.taken = taken_names()
    if not form.validate():
        return make_response(_options(kind, form), 422)
    secrets = once.draw(visit().at)
    with portal().sessions.write() as session:
        rules = readers.phone_policy(session)
        device, _ = devices.enrol(
            *(session, actor(), user().user_id, form.name.data or "", portal().keys, visit().at),
            kind=DEVICE_KINDS[kind],
            fields=LEVELS[form.fields.data or ""],
            wants_photos=bool(form.photos.data),
            password=secrets.password,
            policy=tokens.digest(rules) if rules else "default",
        )
        enrolment.make_link(session, device.id, secrets.link, visit().at)
        public_id = device.public_id
    return _onward(public_id, secrets)


@pages.get("/devices/<public_id:device>/connect")
@signed_in
def connect(device: str) -> str:
    """Step 3: what to type where. The password is shown by the first answer alone."""
    found = mine(device)
    secrets = once.shown(visit().at)
    if secrets is not None:
        with portal().sessions.read() as session:
            fits = enrolment.is_password(session, found.id, secrets.password, portal().keys)
        secrets = secrets if fits else None
    return render_template("enrolment/connect.html", **_connection(found, secrets))


@pages.post("/devices/<public_id:device>/again")
@signed_in
def again(device: str) -> Response:
    """Start again: the same device with a fresh password; the former one ends now."""
    found = mine(device)
    if found.view.state is not DeviceState.NEVER_CONNECTED:
        abort(403)
    secrets = once.draw(visit().at)
    with portal().sessions.write() as session:
        what = (found.id, secrets.password, portal().keys)
        enrolment.renew(session, actor(), *what, visit().at)
        enrolment.make_link(session, found.id, secrets.link, visit().at)
    return _onward(device, secrets)


@pages.get("/devices/<public_id:device>/waiting")
@signed_in
def waiting(device: str) -> str:
    """Step 4: how far the phone has come; asks again by itself until it has everything."""
    found = mine(device)
    key = portal().keys.current(KeyName.APP_PASSWORD)
    tries = throttle.somewhere(key, Door.CARDDAV, user().email)
    with portal().sessions.read() as session:
        progress = readers.progress(session, found.id)
        wrong = throttle.failures(session, tries, visit().at)
    return fragments.render(
        *("enrolment/waiting.html", "enrolment/progress.html"),
        device=found.view,
        progress=progress,
        wrong=wrong,
        goes_on=not progress.is_done and visit().at - found.view.enrolled_at < PATIENCE,
    )


@pages.get("/devices/<public_id:device>/ready")
@signed_in
def ready(device: str) -> str:
    """Step 5: how often it looks, and how to check."""
    found = mine(device)
    with portal().sessions.read() as session:
        progress = readers.progress(session, found.id)
    return render_template("enrolment/ready.html", device=found.view, progress=progress)


@pages.get("/p/profile/<public_id:link>")
@public
def profile(link: str) -> Response:
    """What the link hands out; asking does not use it up."""
    with portal().sessions.read() as session:
        is_there = enrolment.is_link(session, link, visit().at)
    text = render_template("enrolment/profile.html", link=link, is_there=is_there)
    return make_response(text, 200 if is_there else 404)


@pages.post("/p/profile/<public_id:link>")
@public
def take_profile(link: str) -> Response:
    """The profile, once."""
    try:
        with portal().sessions.write() as session:
            found = enrolment.take_profile(session, link, visit().at)
    except NotFound:
        return make_response(
            render_template("enrolment/profile.html", link=link, is_there=False), 404
        )
    response = make_response(profiles.written(found, portal().settings.base_url))
    response.headers["Content-Type"] = profiles.MEDIA_TYPE
    response.headers["Content-Disposition"] = 'attachment; filename="kustod.mobileconfig"'
    return response


def _known(kind: str) -> str:
    if kind not in DEVICE_KINDS:
        abort(404)
    return kind


def _options(kind: str, form: DeviceForm) -> str:
    with portal().sessions.read() as session:
        counts = readers.for_new_device(session, viewer(), visit().at)
        kept_off = readers.kept_off(session, viewer(), visit().at)
        rules = readers.phone_policy(session)
    return render_template(
        "enrolment/options.html",
        kind=kind,
        form=form,
        counts=counts,
        kept_off=kept_off,
        rules=rules,
    )


def _onward(device: str, secrets: Secrets) -> Response:
    response = redirect(url_for("enrolment.connect", device=device), code=303)
    return once.hand_over(response, secrets)


def _connection(found: OwnDevice, secrets: Secrets | None) -> dict[str, object]:
    """What the page needs; links and codes only while the password is shown."""
    settings, view = portal().settings, found.view
    profile_url = davx5 = ""
    if secrets is not None:
        profile_url = f"{settings.base_url}/p/profile/{secrets.link}"
        davx5 = _davx5(view.public_id, secrets.password)
    return {
        "device": view,
        "host": settings.host,
        "address": f"{settings.base_url}/dav/{view.public_id}/",
        "login": user().email,
        "password": secrets.password if secrets else "",
        "profile_url": profile_url,
        "profile_qr": qr.code(profile_url) if profile_url else None,
        "until": visit().at + enrolment.LINK_TERM,
        "davx5": davx5,
        "davx5_qr": qr.code(davx5) if davx5 else None,
        "is_secure": settings.is_secure,
    }


def _davx5(device: str, password: str) -> str:
    """The link that opens DAVx5 with everything filled in (its LoginActivity reads it)."""
    address = urlsplit(portal().settings.base_url)
    scheme = "davx5" if address.scheme == "https" else "carddav"
    login = quote(user().email, safe="")
    return f"{scheme}://{login}:{quote(password, safe='')}@{address.netloc}/dav/{device}/"
