"""Proof that a form was ours: a keyed digest of a secret that only this browser has.

For somebody signed in the secret is his session's token; for a visitor it is a cookie that
came with the form.
"""

import hmac

from app.keys import Key, KeyName, KeyRing

FIELD = "csrf_token"


def token(keys: KeyRing, secret: str) -> str:
    """The value of the hidden field."""
    key = keys.current(KeyName.SESSION)
    return f"{key.id}.{_mac(key, secret)}"


def is_valid(keys: KeyRing, secret: str, sent: str) -> bool:
    """Whether a form carries the value made for this secret, with any session key we know."""
    key_id, _, mac = sent.partition(".")
    key = keys.find(KeyName.SESSION, key_id)
    if key is None or not secret or not mac.isascii():
        return False
    return hmac.compare_digest(_mac(key, secret), mac)


def _mac(key: Key, secret: str) -> str:
    return key.mac(f"csrf\0{secret}".encode("utf-8", "surrogatepass")).hex()
