"""Forms: typed, each with the hidden proof that it was ours; and what may stand in an address."""

import re

from flask import current_app, request
from typing_extensions import override
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import Form, PasswordField, StringField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, ValidationError

from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.tokens import PASSWORD_MAX, PASSWORD_MIN
from app.web import access
from app.web.csrf import FIELD
from app.web.texts import later

SEARCH_LENGTH = 200
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COUNT = re.compile(r"[0-9]{1,6}")
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*")


class SessionCsrf(CSRF):
    """The proof that is bound to the session, or to the visitor's form cookie."""

    @override
    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """The value for this browser."""
        return access.form_token()

    @override
    def validate_csrf_token(self, form: BaseForm, field: CSRFTokenField) -> None:
        """Refuse what was not handed out to this browser."""
        if not access.is_own_form(field.data or ""):
            raise ValidationError(later("This form is too old. Please send it again."))


class OurForm(Form):
    """What every form of the portal has in common."""

    class Meta(DefaultMeta):
        """WTForms' own settings; messages are translated where they are shown."""

        csrf = True
        csrf_class = SessionCsrf
        csrf_field_name = FIELD
        locales = False


class SignInForm(OurForm):
    """Who, and how he proves it."""

    email = StringField(
        filters=[lambda typed: xml_safe(typed or "")],
        validators=[InputRequired(later("Write your e-mail address."))],
    )
    password = PasswordField(validators=[InputRequired(later("Write your password."))])


def is_address(_form: OurForm, field: StringField) -> None:
    """A validator: what was typed is an e-mail address."""
    if not email_norm(xml_safe(field.data or "")):
        raise ValidationError(later("This is not an e-mail address."))


def is_long_enough(_form: OurForm, field: PasswordField) -> None:
    """A validator: what was typed can be a password."""
    length = len((field.data or "").encode("utf-8", "surrogatepass"))
    if length < PASSWORD_MIN:
        raise ValidationError(later("The new password is too short: take at least 12 characters."))
    if length > PASSWORD_MAX:
        raise ValidationError(later("The new password is too long."))


def text_argument(name: str, length: int = SEARCH_LENGTH) -> str:
    """A value of the address: without what no database can store, cut to a sensible length."""
    return xml_safe(request.args.get(name, ""))[:length].strip()


def id_argument(name: str) -> str:
    """A public id of the address, or "" where it cannot be one."""
    value = request.args.get(name, "")
    return value if PUBLIC_ID.fullmatch(value) else ""


def number_argument(name: str, otherwise: int = 0) -> int:
    """A count of the address, or `otherwise` where it cannot be one."""
    value = request.args.get(name, "")
    return int(value) if _COUNT.fullmatch(value) else otherwise


def own_page(address: str, otherwise: str) -> str:
    r"""The address where it names a page of ours that can be opened, else `otherwise`.

    Browsers read `//host`, `/\host` and tabs in between as another site.
    """
    if not _LOCAL.fullmatch(address):
        return otherwise
    router = current_app.url_map.bind("portal.invalid")
    try:
        router.match(address.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return otherwise
    return address
