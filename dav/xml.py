"""Reading XML that strangers send: no DTD, no deep nesting, no flood of elements."""

from xml.etree.ElementTree import Element
from xml.parsers import expat

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

MAX_DEPTH = 32
MAX_ELEMENTS = 5_000
MAX_HREFS = 10_000

DAV = "{DAV:}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"
MULTIGET = f"{CARDDAV}addressbook-multiget"


class BadXml(ValueError):
    """The body cannot be used; the message says why."""


def parse(body: bytes) -> Element:
    """The root of a request's body.

    Raises BadXml for what is not well-formed, has a DTD, nests deeper than 32 or holds more
    than 5 000 elements, in a multiget 10 000 more; counted before a tree is built.
    """
    _count(body)
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, SyntaxError, ValueError) as error:
        raise BadXml("the body is not well-formed XML") from error
    return root


def _count(body: bytes) -> None:
    depth = elements = 0
    most = MAX_ELEMENTS

    def start(name: str, _attributes: object) -> None:
        nonlocal depth, elements, most
        if not elements and f"{{{name}" == MULTIGET:
            most += MAX_HREFS
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > most:
            raise BadXml(f"more than {MAX_DEPTH} levels or {most} elements")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_args: object) -> None:
        raise BadXml("a document type declaration is not accepted")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, BadXml):
            raise
        raise BadXml("the body is not well-formed XML") from error
