"""Helpers to use the admin as a browser does: fill in forms and send them."""

import lxml.html
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils.http import urlencode

from tests import pages


def url(model, page, *args, **query):
    """The address of a page of a model's admin."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=args) + ("?" + urlencode(query) if query else "")


def page(response):
    """The page, parsed. Django's own may hold data in a script element."""
    assert response.status_code == 200, response.status_code
    return lxml.html.fromstring(response.content.decode())


def form(response):
    """The page's main form."""
    forms = [f for f in page(response).forms if f.method == "POST" and f.get("id") != "logout-form"]
    return forms[0]


def form_values(response):
    """The data that the browser would send with the page's main form."""
    values = {}
    for name, value in form(response).form_values():
        values.setdefault(name, []).append(value)
    return values


def fill(client, address, **typed):
    """Open a form, fill it in and send it; return the answer after redirects."""
    values = form_values(client.get(address))
    for name, value in typed.items():
        values[name] = value if isinstance(value, list) else [value]
    values = {name: value for name, value in values.items() if value != [None]}
    return client.post(address, values, follow=True)


def approve(client, address, **typed):
    """Preview the approval of a request and approve it; return the answer after redirects."""
    previewed = fill(client, address, decision="preview", **typed)
    if "Result of approving" not in previewed.content.decode():
        return previewed
    return confirm(client, address, previewed, decision="approve")


def act(client, address, action, rows, **more):
    """Run an action of a list on rows; return the answer after redirects."""
    chosen = [row.pk for row in rows]
    data = {"action": action, ACTION_CHECKBOX_NAME: chosen, "index": 0, **more}
    return client.post(address, data, follow=True)


def confirm(client, address, response, **typed):
    """Send the confirmation page of an action by its last button."""
    button = form(response).cssselect("[type=submit]")[-1]
    pressed = {button.get("name"): [button.get("value")]} if button.get("name") else {}
    values = form_values(response) | pressed | {name: [value] for name, value in typed.items()}
    return client.post(address, values, follow=True)


def messages(response):
    """The messages on a page."""
    return [pages.text(line) for line in page(response).cssselect(".messagelist li")]


def errors(response):
    """The form's errors: {field: message}, with errors of the whole form under ""."""
    found = {}
    parsed = page(response)
    for line in parsed.cssselect("ul.errorlist.nonfield li"):
        found.setdefault("", pages.text(line))
    for row in parsed.cssselect(".form-row"):
        for box in row.cssselect(".fieldBox") or [row]:
            lines = box.cssselect("ul.errorlist li") or box.getparent().cssselect("ul.errorlist li")
            names = [c[6:] for c in box.get("class", "").split() if c.startswith("field-")]
            if lines and names:
                found[names[0]] = pages.text(lines[0])
    return found


def listed(response):
    """The rows of a list: {column class: text}."""
    rows = page(response).cssselect("#result_list tbody tr")
    return [
        {cell.get("class", "").split()[0][6:]: pages.text(cell) for cell in row.cssselect("th, td")}
        for row in rows
    ]
