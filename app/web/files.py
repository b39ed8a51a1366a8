"""The static files: immutable under an address that changes with them, compressed once."""

import gzip
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request
from werkzeug.security import safe_join

from app.web.access import public
from app.web.templating import STATIC

pages = Blueprint("files", __name__)
_TEXT = frozenset({".css", ".js", ".svg", ".txt"})
_YEAR = "public, max-age=31536000, immutable"


@pages.get("/static/<path:path>", endpoint="static")
@public
def static_file(path: str) -> Response:
    """One file; compressed where the browser takes it."""
    place = safe_join(str(STATIC), path)
    if place is None or not _is_file(place):
        abort(404)
    file = Path(place)
    is_text = file.suffix in _TEXT
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(_packed(file) if is_text and takes_gzip else file.read_bytes())
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response.headers["Content-Type"] = f"{kind}; charset=utf-8" if is_text else kind
    if is_text:
        response.vary.add("Accept-Encoding")
        if takes_gzip:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = _YEAR if request.args.get("v") else "no-cache"
    return response


def _is_file(place: str) -> bool:
    """Whether there is such a file; a name longer than the disk can hold is none."""
    try:
        return Path(place).is_file()
    except OSError:
        return False


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
