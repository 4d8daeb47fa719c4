"""The subject and the plain-text part of an email, derived from its HTML."""

from collections.abc import Iterator
from textwrap import indent

from lxml.html import HtmlElement, document_fromstring


def subject_and_text(html: str) -> tuple[str, str]:
    """Return the title of an email's HTML in one line, and what its body says as plain text.

    A row of a table is "Label: value", a link is its text and its address. A paragraph is one
    line: mail programs wrap it to the reader's screen.
    """
    page = document_fromstring(html)
    (title,), (body,) = page.iter("title"), page.iter("body")
    return " ".join(_lines(title).split()), "\n\n".join(_blocks(body)) + "\n"


def _blocks(parent: HtmlElement) -> Iterator[str]:
    """Yield the blocks of an element, a heading together with the block that follows it."""
    heading = ""
    for child in parent:
        if child.tag == "div":
            yield from _blocks(child)
        elif child.tag == "h2":
            heading = f"{_lines(child)}:\n"
        else:
            yield heading + _block(child)
            heading = ""


def _block(element: HtmlElement) -> str:
    match element.tag:
        case "hr":
            return "--"
        case "table":
            return "\n".join(_fact(row) for row in element.iter("tr"))
        case "ul":
            return "\n".join(f"- {_lines(item)}" for item in element)
        case "blockquote":
            # So that what a person typed is never taken for a sentence of ours.
            return "\n".join(f"> {line}".rstrip() for line in _lines(element).split("\n"))
        case _:
            return _lines(element)


def _fact(row: HtmlElement) -> str:
    return indent(": ".join(_lines(cell) for cell in row), "  ").lstrip()


def _lines(element: HtmlElement) -> str:
    """Return the text of an element as a browser shows it: only <br> starts a new line."""
    lines = "".join(_pieces(element)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _pieces(element: HtmlElement) -> Iterator[str]:
    yield _in_one_line(element.text)
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif child.tag == "a":
            yield _link(_lines(child), child.get("href"))
        else:
            yield from _pieces(child)
        yield _in_one_line(child.tail)


def _in_one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _link(text: str, address: str) -> str:
    return address if text == address else f"{text}: {address}"
