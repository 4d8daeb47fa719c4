"""Addresses of numbered rows."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from jasper_inventory.lib.routes import numbered


@pytest.mark.parametrize("number", [1, 10054, 9_223_372_036_854_775_807])
def test_an_address_is_that_of_the_route(number):
    for route in ("licenses:order_edit", "people:person_list", "renewals:renewal_request"):
        assert numbered(route, number) == reverse(route, args=[number])
    route = "people:person_remove"
    assert numbered(route, number, 8) == reverse(route, args=[number, 8])


def test_an_address_begins_where_the_site_is_mounted():
    before = numbered("licenses:order_edit", 7)
    set_script_prefix("/site/")
    try:
        assert numbered("licenses:order_edit", 7) == f"/site{before}"
    finally:
        set_script_prefix("/")


def test_an_unknown_route_is_an_error():
    with pytest.raises(NoReverseMatch):
        numbered("licenses:nowhere", 7)
