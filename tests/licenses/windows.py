"""The Edit Order window, and what its form would send."""

from tests.pages import parsed


def address(order):
    return f"/inventory/{order.number}/edit/"


def form_of(response):
    """What the window's form would send as it is, like a browser: {name: value or list}."""
    form = next(parsed(response).cssselect("#panel-first")[0].iterancestors("form"))
    data = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return data
