"""Filters that every template can use without `{% load %}`."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def possessive(name: Any) -> str:
    """Return a name in the possessive: Harbour Hub's, Tolano Adventures'."""
    text = str(name)
    return f"{text}'" if text.endswith(("s", "S")) else f"{text}'s"
