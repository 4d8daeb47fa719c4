"""Filters that every template can use without `{% load %}`."""

import json
from typing import Any

from django import template
from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def possessive(name: Any) -> str:
    """Return a name in the possessive: Harbour Hub's, Tolano Adventures'."""
    text = str(name)
    return f"{text}'" if text.endswith(("s", "S")) else f"{text}'s"


@register.filter
def last_shown(page: Page[Any]) -> int:
    """Return the number of the last row of a page, also where not all rows were counted."""
    return page.start_index() + max(len(page.object_list), 1) - 1


@register.filter
def sizes(page: Page[Any]) -> tuple[int, ...]:
    """Return the sizes that a page offers, if the list has more rows than the smallest."""
    offered: tuple[int, ...] = getattr(page, "sizes", ())
    return offered if offered and page.paginator.count > offered[0] else ()


@register.filter
def is_paged(page: Page[Any]) -> bool:
    """Return whether a list has several pages, or would with another size."""
    return page.has_other_pages() or bool(sizes(page))


@register.filter
def as_json(value: Any) -> str:
    """Return a value as JSON, for an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)
