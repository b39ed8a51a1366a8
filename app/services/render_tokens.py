"""Signed tokens of forms: what a person was shown, where and when, as we handed it out.

Such a token goes out with each form and comes back with what was ticked. It is all that proves
which words stood beside the boxes, so what comes without it is worth nothing.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import tokens
from app.errors import Invalid
from app.keys import Key, KeyName, KeyRing
from app.queries.forms import Asking

LASTS = timedelta(hours=24)
"""How long a form may lie open. One pasted into a site lasts as long as its notice."""

_LENGTH = 4_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A form as it was handed out.

    `boxes` are `purpose id:medium`, `form_id` the version of its words. `is_pasted` where the
    form stands in a site, so that many people send the same token.
    """

    point_id: int
    form_id: int
    form_sha256: str
    notice_id: int
    language: str
    boxes: tuple[str, ...]
    rendered_at: datetime
    nonce: str
    is_pasted: bool = False

    def is_over(self, at: datetime) -> bool:
        """Whether it lay open for too long."""
        return not self.is_pasted and at - self.rendered_at > LASTS


def made(keys: KeyRing, form: Asking, at: datetime, *, is_pasted: bool = False) -> str:
    """The token of a form that is handed out at this instant."""
    rendered = Rendered(
        point_id=form.point.id,
        form_id=form.form_id,
        form_sha256=form.form_sha256,
        notice_id=form.notice.row_id,
        language=form.language,
        boxes=tuple(box.name for box in form.boxes),
        rendered_at=at,
        nonce=tokens.random_token(),
        is_pasted=is_pasted,
    )
    return sign(keys, rendered)


def sign(keys: KeyRing, form: Rendered) -> str:
    """The token of a form."""
    key = keys.current(KeyName.EVIDENCE)
    said = {
        "p": form.point_id,
        "f": form.form_id,
        "h": form.form_sha256,
        "n": form.notice_id,
        "l": form.language,
        "b": list(form.boxes),
        "t": form.rendered_at.isoformat(),
        "r": form.nonce,
        "s": int(form.is_pasted),
    }
    body = _packed(json.dumps(said, separators=(",", ":")).encode())
    return f"{key.id}.{body}.{_mac(key, body)}"


def read(keys: KeyRing, token: str) -> Rendered:
    """The form that a token stands for. Raises Invalid for whatever is not from here."""
    key_id, _, rest = token.partition(".")
    body, _, mac = rest.partition(".")
    key = keys.find(KeyName.EVIDENCE, key_id)
    is_text = token.isascii() and len(token) <= _LENGTH
    if key is None or not is_text or not hmac.compare_digest(mac, _mac(key, body)):
        raise Invalid("token", "this form did not come from here")
    return _read(json.loads(_unpacked(body)))


def _read(said: Mapping[str, Any]) -> Rendered:
    return Rendered(
        point_id=said["p"],
        form_id=said["f"],
        form_sha256=said["h"],
        notice_id=said["n"],
        language=said["l"],
        boxes=tuple(said["b"]),
        rendered_at=datetime.fromisoformat(said["t"]),
        nonce=said["r"],
        is_pasted=bool(said["s"]),
    )


def _mac(key: Key, body: str) -> str:
    return _packed(key.mac(f"consent form\0{body}".encode()))


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:  # pragma: no cover - the digest was ours
        raise Invalid("token", "this form did not come from here") from error
