"""A question to the public address that only this instance can answer, and nobody else may ask.

The doctor holds the keys, and so does the portal: the question carries a proof, the answer
another one. It says how the question reached the portal, which is what a proxy can get wrong.
"""

import hmac
import json
import re
from dataclasses import asdict, dataclass

from app import tokens
from app.keys import Key, KeyName, KeyRing

PATH = "/p/doctor/"
_HALF = 32
_QUESTION = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Seen:
    """How a request reached the portal, behind the guard."""

    scheme: str
    host: str
    peer: str


def ask(ring: KeyRing) -> str:
    """A fresh question, 64 hex digits: half of it random, half the proof that we may ask."""
    drawn = tokens.digest(tokens.random_token())[:_HALF]
    return drawn + _proof(ring.current(KeyName.SESSION), "ask", drawn)


def may_ask(ring: KeyRing, question: str) -> bool:
    """Whether somebody who holds the keys asks."""
    return _key_of(ring, question) is not None


def answer(ring: KeyRing, question: str, seen: Seen) -> str:
    """What the portal answers, as JSON; asked only where `may_ask` said yes."""
    said = json.dumps(asdict(seen), sort_keys=True)
    proof = _proof(ring.current(KeyName.SESSION), "tell", question + said)
    return json.dumps({"seen": said, "proof": proof})


def read(ring: KeyRing, question: str, body: bytes) -> Seen | None:
    """What an answer says; None where this instance did not give it."""
    try:
        document = json.loads(body)
        said, proof = str(document["seen"]), str(document["proof"])
        seen = Seen(**json.loads(said))
    except (ValueError, KeyError, TypeError):
        return None
    made = (_proof(key, "tell", question + said) for key in ring.all(KeyName.SESSION))
    return seen if any(_same(one, proof) for one in made) else None


def _key_of(ring: KeyRing, question: str) -> Key | None:
    if not _QUESTION.fullmatch(question):
        return None
    drawn, proof = question[:_HALF], question[_HALF:]
    for key in ring.all(KeyName.SESSION):
        if _same(_proof(key, "ask", drawn), proof):
            return key
    return None


def _proof(key: Key, what: str, text: str) -> str:
    return key.mac(f"doctor\0{what}\0{text}".encode()).hex()[:_HALF]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))
