"""A website outside of the portal, on a port of its own, for browsers of the tests to visit.

`/` shows the form as the portal printed it. `/own` shows a form of the site's own, which its
server hands on with its key, and then says what the portal answered.
"""

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from tests.serve.running import TIMEOUT

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Our site</title>
<link rel="icon" href="data:,"></head><body><h1>Our site</h1>{}</body></html>"""

_FORM = """<form method="post" action="/own">
<p><label><input type="checkbox" name="box" value="{box}"> {label}</label></p>
<p><label>E-mail <input type="email" name="email"></label></p>
<p><label>Attempt <input name="attempt" value="1"></label></p>
<p><label>Key <input name="key" value="{key}"></label></p>
<p><label>Token <input name="token" value="{token}"></label></p>
<p><label>Page <input name="page" value="{page}"></label></p>
<p><button>Sign up</button></p></form>"""


@dataclass
class Site:
    """Where the portal is, what it printed to be pasted, and the key that it gave once."""

    portal: str = ""
    pasted: str = ""
    key: str = ""

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/":
            body = self.pasted
        elif request.method == "POST":
            body = self._handed_on(request)
        else:
            body = self._own(request)
        return Response(_PAGE.format(body), content_type="text/html; charset=utf-8")(environ, start)

    def _own(self, request: Request) -> str:
        _, form = self._ask("GET", "/api/v1/forms/news?language=en")
        box = form["boxes"][0]
        values = {"box": box["name"], "label": box["label"], "token": form["token"]}
        values |= {"key": self.key, "page": request.url}
        return _FORM.format(**{name: escape(value) for name, value in values.items()})

    def _handed_on(self, request: Request) -> str:
        typed = request.form
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {typed['key']}",
            "Idempotency-Key": typed["attempt"],
        }
        said: dict[str, Any] = {name: typed[name] for name in ("email", "token", "page")}
        said["boxes"] = typed.getlist("box")
        status, answer = self._ask("POST", "/api/v1/consents", json.dumps(said), headers)
        words = answer.get("error") or answer["status"]
        return f"<p id='status'>{status}</p><p id='words'>{escape(words)}</p>"

    def _ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        line = http.client.HTTPConnection(urlsplit(self.portal).netloc, timeout=TIMEOUT)
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        said = json.loads(answer.read())
        line.close()
        return answer.status, said
