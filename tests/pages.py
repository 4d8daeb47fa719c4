"""Helpers to read a page as its user sees it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import lxml.html

DIALOG = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}


def parsed(response):
    """The page, checked for things no page of ours may have: inline script or style, raw tags."""
    html = response.content.decode()
    for wrong in ("{{", "{%", "style=", "<style", "javascript:"):
        assert wrong not in html, wrong
    assert not re.search(r"\son[a-z]+=", html), "inline event handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", html), "inline script"
    return lxml.html.fromstring(html)


def text(element):
    """An element's text, white space folded."""
    return " ".join(element.text_content().split())


def page_text(response):
    return text(parsed(response))


def in_words(day):
    """A date as the students' pages write it, such as October 21, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def facts(response):
    """The window's facts: {label: value}."""
    page = parsed(response)
    return {text(term).rstrip(":"): text(term.getnext()) for term in page.cssselect("dl.facts dt")}


def rows(response):
    """The inventory table's rows: {column: text}, as in its header cells."""
    page = parsed(response)
    heads = [text(cell) for cell in page.cssselect("table.inventory thead th")]
    return [
        dict(zip(heads, map(text, row.cssselect("th, td")), strict=True))
        for row in page.cssselect("table.inventory tbody tr")
    ]


def query_without_key(address, parameter="search"):
    """The parameters of the URL of a search: what was typed is kept, and has a random key there.

    The key is taken out by its shape: a random text can contain any short word.
    """
    query = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    key = query.pop(parameter, None)
    assert key is None or re.fullmatch(r"[\w-]{12}", key), key
    return query


def notifications(response):
    """The notification bars on a page."""
    return [text(bar) for bar in parsed(response).cssselect(".notification")]


def field_errors(response):
    """The messages next to their fields: {field id: message}."""
    return {
        element.get("id").removeprefix("id_").removeprefix("search_").removesuffix("_error"): text(
            element
        )
        for element in parsed(response).cssselect('[id$="_error"]')
    }


def owner_of(response):
    """The fields of the page's form that name its person and role."""
    return parsed(response).cssselect("main [name=form_owner]")[0].get("value")


def press_continue(site, refused):
    """Press "Continue as …" or "Open as …"; return the next page."""
    form = parsed(refused).cssselect("main form")[0]
    assert form.get("action").startswith("/role/")
    return site.post(form.get("action"), dict(form.form_values()), follow=True)


def window_values(response):
    """The data that a browser would send with the longest form of a page: {name: values}."""
    form = max(parsed(response).forms, key=lambda form: len(form.fields))
    values = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return values


def offered(site, typed):
    """The suggestions of the box of organizations."""
    return unescape(site.get("/organizations/find/", {"q": typed}).content.decode())


def numbers(response):
    return [int(row["Order Number"]) for row in rows(response)]
