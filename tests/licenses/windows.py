"""The Edit Order window, and the data of its form."""

from tests.pages import parsed


def address(order):
    return f"/inventory/{order.number}/edit/"


def form_of(response):
    """The data that a browser would send with the window's form as it is: {name: value or list}."""
    form = next(parsed(response).cssselect("#panel-first")[0].iterancestors("form"))
    data = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return data
