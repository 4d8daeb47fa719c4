"""Filters of templates: the possessive of a name."""

import pytest
from django.template import Context, Template


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Harbour Hub", "Harbour Hub's order"),
        ("Tolano Adventures", "Tolano Adventures' order"),
        ("ACME SCHOOLS", "ACME SCHOOLS' order"),
    ],
)
def test_a_name_that_ends_in_s_gets_only_an_apostrophe(name, shown):
    template = Template("{% autoescape off %}{{ name|possessive }} order{% endautoescape %}")

    assert template.render(Context({"name": name})) == shown
