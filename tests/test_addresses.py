"""No address contains a person's name, email address or username, nor a code."""

import re
from html import unescape
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.urls import reverse

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import User
from licenses.models import GroupKey, TeacherCode
from tests.access_table import ANONYMOUS, CODES, PERSONAS, TABLE, admin_addresses

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'\s(?:href|action|formaction|src|data-hx-get|data-hx-post)="([^"]*)"')


def secrets():
    """What no address may contain: whole words, so that "sue" isn't found in "issue"."""
    people = User.objects.values_list("username", "email", "unconfirmed_email", "last_name")
    found = {text for row in people for text in row if len(text) > 3}
    for model, field in ((ActivationCode, "code"), (GroupKey, "key"), (TeacherCode, "code")):
        found |= set(model.objects.values_list(field, flat=True))
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(found))) + r")(?!\w)", re.I)


def addresses_in(response):
    """The addresses of links, forms and scripts of a page, and of a redirect."""
    yield response.headers.get("Location", "")
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return
    yield from map(unescape, ADDRESS.findall(response.content.decode()))


def test_no_page_links_or_redirects_to_an_address_that_names_someone_or_has_a_code(
    personas, addresses
):
    routes = [(addresses(route), method) for route, method, *_statuses in TABLE]
    routes += [(reverse(route), "get") for route in CODES]
    known, wrong = secrets(), set()
    for persona in PERSONAS:
        site = Client()
        if persona != ANONYMOUS:
            site.force_login(personas[persona])
        own = [(address, "get") for address in admin_addresses()] if persona == "staff" else []
        for address, method in [*routes, *own]:
            response = getattr(site, method)(address)
            if response.streaming:
                response.getvalue()
            for found in addresses_in(response):
                # mailto: and the like are no addresses of this site.
                if found.startswith(("/", "http", "?")) and known.search(unquote_plus(found)):
                    wrong.add((persona, address, found))
    assert wrong == set()
