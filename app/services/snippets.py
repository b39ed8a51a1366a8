"""A form as HTML for another website: no script, nothing loaded, only what is sent here.

Its token says which words stand in it, and serves everybody until the notice is replaced; so
what comes from it is always confirmed by the mailbox.
"""

from datetime import datetime

from markupsafe import Markup

from app.keys import KeyRing
from app.queries.forms import Asking
from app.services import render_tokens

_WORDS = {
    "cs": ("E-mail", "Telefon", "Odeslat", "Jak s údaji nakládáme"),
    "en": ("E-mail", "Phone", "Send", "What we do with your data"),
    "pl": ("E-mail", "Telefon", "Wyślij", "Jak przetwarzamy dane"),
    "bg": ("Имейл", "Телефон", "Изпращане", "Как обработваме данните"),
}


def html(keys: KeyRing, form: Asking, base_url: str, at: datetime) -> str:
    """The snippet; no box in it is ticked."""
    mail, number, send, more = _WORDS[form.language]
    token = render_tokens.made(keys, form, at, is_pasted=True)
    key, notice = form.point.key, form.notice
    address = f"{base_url}/p/notices/{notice.key}/{notice.language}/{notice.version}"
    lines = [
        Markup('<form method="post" action="{}/p/f/{}?lang={}">').format(
            base_url, key, form.language
        ),
        Markup('  <input type="hidden" name="token" value="{}">').format(token),
        *(
            Markup(
                '  <p><label><input type="checkbox" name="box" value="{}"> {}</label></p>'
            ).format(box.name, box.label)
            for box in form.boxes
        ),
        _field(mail, "email", "required", "email"),
        *([_field(number, "tel", "", "phone")] if form.needs_number else []),
        Markup('  <p><a href="{}">{}</a></p>').format(address, more),
        Markup('  <p><button type="submit">{}</button></p>').format(send),
        Markup("</form>"),
    ]
    return "\n".join(lines)


def _field(label: str, kind: str, more: str, name: str) -> Markup:
    return Markup(
        '  <p><label>{} <input type="{}" name="{}" autocomplete="{}" {}></label></p>'
    ).format(label, kind, name, kind, more)
