"""The components that pages are built from, as template tags: `{% card title %} … {% endcard %}`.

Every template can use them without `{% load %}`. The HTML of each is in templates/components/;
/styleguide/ shows all of them, with those that are included files (templates/includes/).
"""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


def _drawn(name: str, **values: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", values)


@register.simple_block_tag
def captured(content: SafeString) -> SafeString:
    """Keep what is inside for another component: `{% captured as lead %}`."""
    return mark_safe(content.strip())


@register.simple_block_tag
def page_head(content: SafeString, title: str, about: str = "", lead: str = "") -> SafeString:
    """Draw a page's title, what it is about, a sentence, and what can be done (content)."""
    return _drawn("page_head", content=content.strip(), title=title, about=about, lead=lead)


@register.simple_block_tag
def card(content: SafeString, title: str = "", id: str = "", kind: str = "") -> SafeString:
    """Draw a part of a page in a frame. A card with a title needs an id."""
    return _drawn("card", content=content, title=title, id=id, kind=kind)


@register.simple_block_tag
def facts(content: SafeString) -> SafeString:
    """Draw a list of facts: labels and values."""
    return _drawn("facts", content=content)


@register.simple_block_tag
def fact(content: SafeString, label: str, kind: str = "") -> SafeString:
    """Draw one fact of a list; a dash if it has no value."""
    return _drawn("fact", content=content, label=label, kind=kind, is_empty=not content.strip())


@register.simple_block_tag(takes_context=True)
def search_form(
    context: template.RequestContext, content: SafeString, label: str, clear: str, more: str = ""
) -> SafeString:
    """Draw the search of a list, folded on phones. Content: its fields; `more`: further links."""
    is_open = bool(context["request"].GET)
    return _drawn(
        "search_form", content=content, label=label, clear=clear, more=more, is_open=is_open
    )


@register.simple_block_tag
def table(content: SafeString, kind: str, caption: str) -> SafeString:
    """Draw a table, whose rows are cards on phones. Content: its head and body."""
    return _drawn("table", content=content, kind=kind, caption=caption)


@register.simple_block_tag
def nothing_found(content: SafeString, icon: str, title: str) -> SafeString:
    """Draw what a list shows if it is empty: why (title), and what to do next (content)."""
    return _drawn("nothing_found", content=content, icon=icon, title=title)


@register.simple_block_tag
def menu(
    content: SafeString, label: str, value: str = "", kind: str = "", icon: str = ""
) -> SafeString:
    """Draw a button that opens a menu. The value, if any, is what is chosen in it."""
    return _drawn("menu", content=content, label=label, value=value, kind=kind, icon=icon)


@register.simple_block_tag(takes_context=True)
def window(
    context: template.RequestContext,
    content: SafeString,
    title: str,
    about: str = "",
    kind: str = "",
    back: str = "",
) -> SafeString:
    """Draw a window: its title, what it is about, and the way back to the page below it."""
    back_url = back or context["back_url"]
    return _drawn("window", content=content, title=title, about=about, kind=kind, back_url=back_url)


@register.simple_block_tag(takes_context=True)
def window_actions(
    context: template.RequestContext, content: SafeString, leave: str = "", back: str = ""
) -> SafeString:
    """Draw the buttons of a window (content), beside the one that leaves without saving."""
    return _drawn(
        "window_actions", content=content, leave=leave, back_url=back or context["back_url"]
    )


@register.simple_tag
def badge(status: str, label: str) -> SafeString:
    """Draw the status of something: its color, a sign and its name."""
    return _drawn("badge", status=status, label=label)


@register.simple_tag
def capacity(taken: int, seats: int | None, is_nearly_full: bool = False) -> SafeString:
    """Draw how many seats are taken; nothing for an unlimited license."""
    return _drawn("capacity", taken=taken, seats=seats, is_nearly_full=is_nearly_full)
