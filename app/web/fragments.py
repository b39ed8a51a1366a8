"""Parts of pages for htmx: the same addresses, less of the page; without a script, the whole."""

from flask import Flask, render_template, request
from werkzeug.wrappers import Response


def wants_part() -> bool:
    """Whether the page is there already and only a part of it is to be replaced."""
    return request.headers.get("HX-Request-Type", "") == "partial"


def render(page: str, part: str, **values: object) -> str:
    """The part where htmx asks for it, else the page, which includes the same part."""
    return render_template(part if wants_part() else page, **values)


def install(app: Flask) -> None:
    """Let no cache give a part for a page."""
    app.after_request(_vary)


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add("HX-Request-Type")
    return response
