"""Nobody reads data of others: secrets are planted everywhere, and every address is requested."""

import re

import pytest

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.email_delivery import worded
from jasper_inventory.accounts.models import Notice, User
from jasper_inventory.lib.code_format import formatted
from licenses.models import Order
from tests import factories
from tests.factories import CODES
from tests.isolation.responses import addresses, get, revealed, session_of, without
from tests.isolation.world import PERSONAS, TREE, above

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("persona", ["D", "H1", "C1", "X", "teacher", "student", "removed"])
def test_no_address_reveals_secrets_to_its_reader(world, persona):
    client = session_of(world, persona)
    found, shown = {}, set()
    numbers = world.near(persona) if persona in TREE else world.numbers["C1"].values()
    for address in addresses(list(numbers), opened=True):
        # Only the reader's own input may be echoed: the number in the address.
        text = without(get(client, address), address)
        # People still see the organization where they acted, after they lost its role.
        if persona == "removed" and address in ("/me/activity/", "/me/download/"):
            text = text.replace(world.organizations["H1"].name, "")
        if secrets := world.leaks(persona, text):
            found[address] = secrets
        shown |= {secret for secret in world.secrets if secret in text}
    assert found == {}
    if persona in TREE:
        # Readers see their own data; otherwise no check here could fail.
        planted = re.compile(f"z[a-z]+{persona}z(@example.com)?", re.IGNORECASE)
        own = {secret for secret in world.secrets if planted.fullmatch(secret)}
        assert len(own) > 8 and own <= shown


@pytest.mark.parametrize("persona", ["H1", "C1"])
def test_hidden_pages_answer_like_missing_ones(world, persona):
    client = session_of(world, persona)
    nothing = 88_888_888
    # The supplier's and another organization's.
    foreign = [world.numbers[key]["own"] for key in (TREE[persona][1], "X")]
    visited = [(a, number) for a in addresses(foreign) for number in foreign if f"/{number}/" in a]
    assert len(visited) > 50 and {str(number) for number in foreign} <= world.unknown_to(persona)
    for address, number in visited:
        other = address.replace(str(number), str(nothing))
        for method in ("get", "post"):
            one, two = (getattr(client, method)(each) for each in (address, other))
            assert one.status_code == two.status_code, address
            assert without(revealed(one), number) == without(revealed(two), nothing), address


def code_of(order):
    """An activation code of the order's holder."""
    return ActivationCode.objects.filter(order__assigned_to=order.assigned_to).first().code


# In a search: the field, another organization's value, and a similar value that doesn't exist.
PROBES = [
    ("/inventory/", "number", lambda order: order.number, "88888888"),
    ("/inventory/", "purchase_order", lambda order: order.purchase_order, "Znowherez"),
    ("/inventory/", "license_code", lambda order: str(order.teacher_code), "ZZZZZ-ZZZZ-ZZZZ"),
    ("/inventory/", "holder", lambda order: order.assigned_to.name, "Znowherez"),
    ("/inventory/", "holder", lambda order: order.assigned_to.pk, "88888888"),
    ("/transfers/", "order", lambda order: order.number, "88888888"),
    ("/transfers/", "organization", lambda order: order.assigned_to.name, "Znowherez"),
    ("/transfers/", "organization", lambda order: order.assigned_to.pk, "88888888"),
    ("/transfers/download/", "order", lambda order: order.number, "88888888"),
    ("/transfers/download/", "organization", lambda order: order.assigned_to.pk, "88888888"),
    ("/organizations/find/", "q", lambda order: order.assigned_to.name, "Znowherez"),
]
# The same for searches by POST, since no code is in an address.
SENT_PROBES = [
    ("/people/", "typed", lambda order: f"person{order.assigned_to.name[5:]}", "Znowherez"),
    ("/people/", "typed", code_of, "22222222222CD"),
    ("/why/", "code", code_of, "22222222222CD"),
    ("/why/", "code", lambda order: order.teacher_code.code, "22222222222BK"),
]


@pytest.mark.parametrize("persona", ["H1", "C3"])
def test_no_search_reveals_whether_something_exists(world, persona):
    client = session_of(world, persona)
    order = Order.objects.get(number=world.numbers["X"]["own"])
    for address, name, secret_of, nothing in PROBES:
        secret = str(secret_of(order))
        one = get(client, f"{address}?{name}={secret}")
        two = get(client, f"{address}?{name}={nothing}")
        if not address.endswith("/download/"):
            # A page echoes the input, a workbook doesn't.
            one, two = without(one, secret), without(two, nothing)
        assert one == two, (address, name)
    for address, name, secret_of, nothing in SENT_PROBES:
        secret = secret_of(order)
        one, two = (
            revealed(client.post(address, {name: typed}, follow=True))
            for typed in (secret, nothing)
        )
        one, two = (
            without(one, secret, formatted(secret)),
            without(two, nothing, formatted(nothing)),
        )
        assert one == two, (address, name)


@pytest.mark.parametrize("persona", ["H1", "C1"])
def test_no_count_total_or_choice_moves_with_what_others_do(world, persona):
    client = session_of(world, persona)
    before = {}
    # A person's own downloads of codes are in the history and in the person's data: first here,
    # last there.
    visited = addresses(world.near(persona), opened=True)
    for address in sorted(visited, key=lambda each: not each.endswith("/codes/download/")):
        response = client.get(address)
        if response.status_code == 200:
            before[address] = revealed(response)
    assert len(before) > 50

    staff = User.objects.get(last_name="Zstaffz")
    mix = list(Order.objects.first().products.all())
    # Orders and requests of organizations out of scope, and those that organizations above hold.
    for key in TREE:
        if persona not in above(key):
            holder, member = world.organizations[key], world.people[key]
            factories.order(assigned_to=holder, by=staff, product_mix=mix)
            factories.order(CODES, assigned_to=holder, by=staff, product_mix=mix)
            factories.license_request(membership=member, product_mix=mix)
    factories.organization("More", parent=world.organizations["H2"])

    # The reader's own downloads and visits, just now, are in these. The scope of the activity log
    # is tested in tests/accounts/test_log_entries.py.
    own = re.compile(r"/(activity-log|me/activity|me/download|me/sessions)/")
    again = [address for address in reversed(before) if not own.match(address)]
    assert [address for address in again if get(client, address) != before[address]] == []


def test_no_email_reveals_secrets_to_its_reader(world):
    personas = {}
    for key in PERSONAS:
        who = world.people[key]
        personas[getattr(who, "user", who).email] = key
    notices = [notice for notice in Notice.objects.all() if notice.address in personas]
    assert len({notice.kind for notice in notices}) > 5
    for notice, texts in zip(notices, worded(notices), strict=True):
        text = texts.subject + texts.text + texts.html
        assert world.leaks(personas[notice.address], text) == [], (notice.kind, notice.address)
