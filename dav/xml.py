"""Reading XML that strangers send: no DTD, no deep nesting, no flood of elements."""

from xml.etree.ElementTree import Element
from xml.parsers import expat

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

MAX_DEPTH = 32
MAX_ELEMENTS = 5_000

DAV = "{DAV:}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"


class BadXml(ValueError):
    """The body cannot be used; the message says why."""


def parse(body: bytes) -> Element:
    """The root of a request's body.

    Raises BadXml for what is not well-formed, has a DTD, nests deeper than 32 or holds more
    than 5 000 elements; counted before a tree is built.
    """
    _count(body)
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, SyntaxError, ValueError) as error:
        raise BadXml("the body is not well-formed XML") from error
    return root


def _count(body: bytes) -> None:
    depth = elements = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise BadXml(f"more than {MAX_DEPTH} levels or {MAX_ELEMENTS} elements")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_args: object) -> None:
        raise BadXml("a document type declaration is not accepted")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, BadXml):
            raise
        raise BadXml("the body is not well-formed XML") from error
