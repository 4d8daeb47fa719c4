"""Addresses of numbered rows, for lists with several links a row.

Django needs 20 times as long to build each of them from its route.
"""

from functools import cache

from django.urls import get_script_prefix, get_urlconf, reverse

# No route contains it.
_ANY = 987_654_321_987_654_321


def numbered(route: str, number: int) -> str:
    """Return the address of a route with one number, as `reverse` does."""
    before, after = _around_number(route, get_urlconf(), get_script_prefix())
    return f"{before}{number}{after}"


@cache
def _around_number(route: str, urlconf: str | None, _prefix: str) -> tuple[str, str]:
    """Return what is before and after the number in the addresses of a route."""
    before, _any, after = reverse(route, urlconf, args=[_ANY]).partition(str(_ANY))
    return before, after
