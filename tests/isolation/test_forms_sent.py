"""No form reveals or changes data of others: forged ones, and roles revoked meanwhile."""

import re
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.urls import resolve

from jasper_inventory.accounts.form_roles import WITHOUT_ROLE
from jasper_inventory.accounts.models import Role, User
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.form_recovery import OWNER
from tests import factories
from tests.commands import contents
from tests.isolation.responses import addresses, get, opened, revealed, session_of, without

pytestmark = pytest.mark.django_db


def test_no_refusal_reveals_secrets_to_the_sender(world):
    """Forms are sent with others' keys and numbers in every field."""
    persona = "C1"
    client = session_of(world, persona)
    names = _field_names(world, persona, client)
    found = {}
    for value in (world.organizations["X"].pk, world.numbers["X"]["own"]):
        forged = dict.fromkeys(names, str(value))
        for address in addresses(world.near(persona)):
            text = revealed(client.post(address, forged))
            if secrets := world.leaks(persona, without(text, address, value)):
                found[address] = secrets
    # The remaining messages.
    if secrets := world.leaks(persona, get(client, "/")):
        found["messages"] = secrets
    assert found == {}


GUESSED = ("parent", "order", "organization", "assigned_to", "holder", "teacher", "user", "number")


def _field_names(world, persona, client):
    """The names of every field on every page that the persona may open, and some it may guess."""
    names = set(GUESSED)
    for address in addresses(world.near(persona), opened=True):
        response = opened(client, address)
        if not response.streaming:
            names |= set(re.findall(r' name="([^"]+)"', response.content.decode()))
    return names - {"csrfmiddlewaretoken"}


# A role that is revoked between opening a form and sending it


def _is_of_a_role(address):
    match = resolve(urlsplit(address).path)
    is_personal = getattr(match.func, "for_any_role", False)
    return not is_personal and match.app_name not in WITHOUT_ROLE


def _forms(world, persona, client):
    """Every form of a role that can be sent, as the browser would send it: (address, values)."""
    for address in addresses(world.near(persona), opened=True):
        response = opened(client, address)
        if (
            response.status_code != 200
            or response.streaming
            or b'method="post"' not in response.content
        ):
            continue
        page = lxml.html.fromstring(response.content.decode())
        for form in page.forms:
            # Without the person and role of the page, it isn't sent in the active one either.
            values = {OWNER: "", **dict(form.form_values())}
            # A form may leave its address to its buttons.
            buttons = {one.get("formaction") for one in form.cssselect("button")} or {None}
            for action in {one or form.action or address for one in buttons}:
                if form.method == "POST" and _is_of_a_role(action):
                    yield action, values


@pytest.mark.parametrize("key", ["H1", "C1"])
def test_a_form_sent_after_its_role_was_revoked_changes_nothing(world, key):
    who = world.people[key]
    client = session_of(world, key)
    forms = list(_forms(world, key, client))
    assert len(forms) > 5
    staff = User.objects.get(last_name="Zstaffz")
    organization = world.organizations[key]
    revoke_role(user=who.user, organization=organization, role=Role.ADMINISTRATOR, by=staff)
    before = contents()
    for address, values in forms:
        assert client.post(address, values).status_code in (403, 404, 405, 409), address
    assert contents() == before

    # Nor in the remaining role.
    factories.member(world.organizations["C3"], user=who.user)
    before = contents()
    for address, values in forms:
        assert client.post(address, values).status_code in (403, 404, 405, 409), address
    assert contents() == before
