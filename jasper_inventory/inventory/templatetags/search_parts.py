"""Parts of a search form that are drawn once: those in which nothing was typed.

Drawing twelve fields takes as long as drawing 25 rows, and in most searches all but one are empty.
"""

from typing import Protocol

from django import forms, template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


class Search(Protocol):
    """A search whose form is drawn in parts."""

    @property
    def form(self) -> forms.Form: ...

    @property
    def form_kind(self) -> object:
        """What the fields depend on, besides the language and what was typed."""


@register.tag
def searchpart(parser: Parser, token: Token) -> "_Part":
    """Draw fields of a search: `{% searchpart search "number" "type" %} … {% endsearchpart %}`.

    While those named are empty, the content is the same for all readers with the same `form_kind`.
    It may depend on nothing else.
    """
    _name, search, *fields = token.split_contents()
    content = parser.parse(["endsearchpart"])
    parser.delete_first_token()
    return _Part(parser.compile_filter(search), [field.strip('"') for field in fields], content)


class _Part(template.Node):
    def __init__(self, search: FilterExpression, fields: list[str], content: NodeList) -> None:
        self.search, self.fields, self.nodelist = search, fields, content
        # By language and kind of form. Nodes live as long as their templates.
        self.drawn: dict[tuple[str | None, object], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        search: Search = self.search.resolve(context)
        if any(_is_used(search.form, name) for name in self.fields):
            return self.nodelist.render(context)
        key = get_language(), search.form_kind
        if key not in self.drawn:
            self.drawn[key] = self.nodelist.render(context)
        return self.drawn[key]


def _is_used(form: forms.Form, name: str) -> bool:
    return name in form.fields and bool(form[name].value() or name in form.errors)
