"""The icons of the site: `{% icon "name" %}` in every template, `icon("name")` in Python.

Templates don't load this library: it is a builtin one (settings.TEMPLATES). An icon repeats what
the text beside it says, so screen readers skip it. `python -m tests.icons` adds those used to
static/icons.svg.
"""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@cache
def icon(name: str) -> SafeString:
    """Return an icon as HTML: as large as the text beside it, and in its color."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


register.simple_tag(icon)
