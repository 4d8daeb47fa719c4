"""Nobody sees what is not theirs: secrets are planted everywhere, and every address is asked.

The addresses are those of the table in test_access.py, with each order and row there is; so a new
one is covered as soon as it stands there.
"""

import io
import re
from dataclasses import dataclass, field
from itertools import cycle

import lxml.html
import openpyxl
import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Level, Membership, Notice, Organization, Role, User
from jasper_inventory.accounts.services import revoke_role
from licenses import services
from licenses.models import Enrolment, Order
from renewals.models import RenewalRequest
from tests import factories
from tests.commands import contents
from tests.factories import CODES
from tests.pages import DIALOG
from tests.test_access import TABLE

pytestmark = pytest.mark.django_db

# Each organization's level, and who is above it.
TREE = {
    "D": (Level.DISTRIBUTOR, None),
    "H1": (Level.HUB, "D"),
    "C1": (Level.CENTER, "H1"),
    "C2": (Level.CENTER, "H1"),
    "H2": (Level.HUB, "D"),
    "C3": (Level.CENTER, "H2"),
    "X": (Level.CENTER, None),
}
PERSONAS = [*TREE, "teacher", "student", "nobody", "removed"]
FIRST_NUMBER = 77_000_001
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def above(key):
    """The organization and those above it: who sees what it holds."""
    return {key} | (above(TREE[key][1]) if TREE[key][1] else set())


@dataclass
class World:
    """Organizations with all that may be told of them, and who may know which secret."""

    organizations: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    # {secret: personas that may know it}
    secrets: dict = field(default_factory=dict)

    def plant(self, what, key, *others):
        """A text that is found again, for those above an organization and some others."""
        secret = f"Z{what}{key}z"
        self.secrets[secret] = above(key) | set(others)
        return secret

    def hide(self, text, key, *others):
        self.secrets[str(text)] = above(key) | set(others)

    def unknown_to(self, persona):
        return {secret for secret, known_to in self.secrets.items() if persona not in known_to}


@pytest.fixture
def world(db):
    made = World()
    staff = factories.staff(last_name="Zstaffz")
    mix = factories.products(2)
    for key, (level, parent) in TREE.items():
        children = [child for child, (_level, its) in TREE.items() if its == key]
        # A child knows its supplier; who teaches or learns there knows the name.
        also = ("teacher", "student") if key == "C1" else ()
        name = made.plant("name", key, *children, *also)
        made.organizations[key] = factories.organization(
            name, level=level, parent=parent and made.organizations[parent]
        )
        # Whoever gives is named to whom it gives.
        person = factories.person(last_name=made.plant("person", key, *children))
        made.people[key] = factories.member(made.organizations[key], user=person)
    for key in TREE:
        _fill(made, key, mix, staff)
    made.people["teacher"] = teacher = factories.member(made.organizations["C1"], Role.TEACHER)
    taught = Order.objects.approved().held_by(made.organizations["C1"]).first()
    services.enrol_teacher(order=taught, user=teacher.user, by=staff)
    # Who teaches on a license may know its number, by which its pages are called.
    made.secrets[str(taught.number)] |= {"teacher"}
    made.people["student"] = factories.member(made.organizations["C1"], Role.STUDENT)
    made.people["nobody"] = factories.person()
    made.people["removed"] = factories.member(made.organizations["H1"])
    return made


def _fill(world, key, mix, staff):
    """Orders, codes, requests, transfers, suspensions of one organization, each with secrets."""
    organization, who = world.organizations[key], world.people[key]
    supplier = TREE[key][1]
    number = None if Order.objects.exists() else FIRST_NUMBER
    own = factories.order(
        assigned_to=organization,
        by=staff,
        product_mix=mix,
        number=number,
        purchase_order=world.plant("purchase", key),
        comments=world.plant("comment", key),
    )
    orders = [own]
    if supplier:
        orders.append(_given(world, key, supplier, mix))
    codes = factories.order(CODES, assigned_to=organization, by=staff, product_mix=mix)
    code = factories.codes(codes, by=staff)[0]
    world.hide(code, key)
    factories.redemption(code, user=factories.person(last_name=world.plant("pupil", key)))
    asked = factories.license_request(
        membership=who, product_mix=mix, comments=world.plant("asked", key)
    )
    refused = factories.license_request(membership=who, product_mix=mix)
    services.reject_order(order=refused, by=staff, comments=world.plant("refused", key))
    factories.renewal_request(own, membership=who, comments=world.plant("renewal", key))
    for order in (*orders, codes, asked, refused):
        order.refresh_from_db()
        world.hide(order.number, key)
        if order.teacher_code:
            world.hide(order.teacher_code, key)


def _given(world, key, supplier, mix):
    """An order carved from the supplier's own, some of it taken back, and suspended."""
    giver = world.people[supplier].user
    source = Order.objects.approved().held_by(world.organizations[supplier]).order_by("pk")[0]
    given = factories.order(
        assigned_to=world.organizations[key],
        by=giver,
        product_mix=mix,
        source=source,
        students=7,
        purchase_order=world.plant("bought", key),
        comments=world.plant("given", key),
    )
    services.take_back(order=given, number=2, by=giver, reason=world.plant("back", key))
    services.suspend_order(order=given, by=giver, reason=world.plant("stopped", key))
    return given


# Asking every address


def addresses():
    """Every address of the table, with every order, and with rows of every kind."""
    names = {row[0] for row in TABLE}
    numbers = list(Order.objects.order_by("number").values_list("number", flat=True))
    models = (Membership, Enrolment, RenewalRequest, Organization, User)
    keys = {pk for model in models for pk in model.objects.values_list("pk", flat=True)[:8]}
    codes = [str(code) for code in ActivationCode.objects.all()[:3]]
    for name, converters in _routes(get_resolver("jasper_inventory.urls"), ""):
        if name not in names:
            continue
        pools = []
        for argument, converter in converters.items():
            is_number = type(converter).__name__ == "IntConverter"
            pools.append(numbers if argument == "number" else sorted(keys) if is_number else codes)
        if len(pools) > 1:
            # A row within an order: each row once, with the orders in turn.
            yield from _reversed(name, zip(cycle(pools[0]), *pools[1:], strict=False))
        else:
            yield from _reversed(name, [(value,) for value in pools[0]] if pools else [()])


def _reversed(name, argument_lists):
    for arguments in argument_lists:
        try:
            yield reverse(name, args=arguments)
        except NoReverseMatch:
            continue


def _routes(resolver, namespace):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield namespace + pattern.name, pattern.pattern.converters
        elif pattern.namespace != "admin":
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern, inner)


def told(response):
    """All that an answer tells: its text, or its workbook's cells, and its headers."""
    headers = "\n".join(
        f"{name}: {value}" for name, value in response.headers.items() if name != "Content-Length"
    )
    content = response.getvalue() if response.streaming else response.content
    if response.headers.get("Content-Type", "").startswith(SHEET):
        book = openpyxl.load_workbook(io.BytesIO(content))
        rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
        return headers + "\n".join(str(cell) for row in rows for cell in row)
    text = re.sub(r'<input type="hidden"[^>]*>', "", content.decode())
    return headers + text


def opened(client, address):
    """The answer, read to its end where it is a file."""
    response = client.get(address)
    if response.streaming:
        response.getvalue()
    return response


def get(client, address, **headers):
    return told(client.get(address, **headers))


def without(text, *typed):
    """The text without what the reader typed themselves, as it is echoed.

    A number only where it stands by itself, not within a longer one.
    """
    for one in map(str, typed):
        is_number = one.isdecimal()
        pattern = rf"(?<!\d){one}(?!\d)" if is_number else re.escape(one)
        text = re.sub(pattern, "…", text)
    return text


def session_of(world, persona):
    client = Client()
    who = world.people[persona]
    client.force_login(getattr(who, "user", who))
    if persona == "removed":
        assert client.get("/inventory/").status_code == 200
        staff = factories.staff()
        organization = world.organizations["H1"]
        revoke_role(user=who.user, organization=organization, role=Role.ADMINISTRATOR, by=staff)
    return client


def leaks(world, persona, text):
    return sorted(secret for secret in world.unknown_to(persona) if secret in text)


@pytest.mark.parametrize("persona", ["D", "H1", "C1", "C3", "X", "teacher", "student", "removed"])
def test_no_address_tells_what_the_reader_may_not_know(world, persona):
    client = session_of(world, persona)
    found, shown = {}, set()
    for address in addresses():
        response = client.get(address)
        texts = [told(response)]
        if response.status_code == 200 and "html" in response.headers["Content-Type"]:
            texts.append(get(client, address, **DIALOG))
        # Only what the reader typed may come back: the number in the address.
        text = without("".join(texts), address)
        if secrets := leaks(world, persona, text):
            found[address] = secrets
        shown |= {secret for secret in world.secrets if secret in text}
    assert found == {}
    if persona in TREE:
        # What is one's own is shown, else nothing here could fail.
        own = {secret for secret in world.secrets if secret.endswith(f"{persona}z")}
        assert own <= shown


@pytest.mark.parametrize("persona", ["C1", "removed"])
def test_no_refusal_tells_it_either(world, persona):
    """Forms are sent with others' keys and numbers in every field."""
    client = session_of(world, persona)
    names = _field_names(client)
    stranger = world.organizations["X"]
    order = Order.objects.held_by(stranger).approved().first()
    found = {}
    for value in (stranger.pk, order.number):
        forged = dict.fromkeys(names, str(value))
        for address in addresses():
            text = told(client.post(address, forged))
            if secrets := leaks(world, persona, without(text, address, value)):
                found[address] = secrets
    # The messages that were left.
    if secrets := leaks(world, persona, get(client, "/")):
        found["messages"] = secrets
    assert found == {}


def _field_names(client):
    """The names of every field on every page that the persona may open, and some it may guess."""
    names = {
        "source",
        "order",
        "organization",
        "assigned_to",
        "holder",
        "teacher",
        "user",
        "number",
    }
    for address in addresses():
        response = opened(client, address)
        if not response.streaming:
            names |= set(re.findall(r' name="([^"]+)"', response.content.decode()))
    return names - {"csrfmiddlewaretoken"}


@pytest.mark.parametrize("persona", ["H1", "C1"])
def test_what_one_may_not_see_answers_like_what_is_not_there(world, persona):
    client = session_of(world, persona)
    unknown, nothing = world.unknown_to(persona), 88_888_888
    foreign = [
        Order.objects.held_by(world.organizations[key]).first().number
        for key in TREE
        if persona not in above(key)
    ]
    asked = [(a, number) for a in addresses() for number in foreign if f"/{number}/" in a]
    assert len(asked) > 30 and str(foreign[0]) in unknown
    for address, number in asked:
        other = address.replace(str(number), str(nothing))
        for method in ("get", "post"):
            one, two = (getattr(client, method)(each) for each in (address, other))
            assert one.status_code == two.status_code, address
            assert without(told(one), number) == without(told(two), nothing), address


# In a search: the field, what is typed of a stranger's, and something like it that is nowhere.
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


@pytest.mark.parametrize("persona", ["H1", "C3"])
def test_no_search_tells_whether_something_is_there(world, persona):
    client = session_of(world, persona)
    stranger = world.organizations["X"]
    order = Order.objects.held_by(stranger).exclude(purchase_order="").get()
    for address, name, secret_of, nothing in PROBES:
        secret = str(secret_of(order))
        one = get(client, f"{address}?{name}={secret}")
        two = get(client, f"{address}?{name}={nothing}")
        if not address.endswith("/download/"):
            # A page shows what was typed, a workbook doesn't.
            one, two = without(one, secret), without(two, nothing)
        assert one == two, (address, name)


@pytest.mark.parametrize("persona", ["H1", "C1"])
def test_no_count_total_or_choice_moves_with_what_others_do(world, persona):
    client = session_of(world, persona)
    seen = [address for address in addresses() if opened(client, address).status_code == 200]
    before = {address: get(client, address) for address in seen}

    staff = User.objects.get(last_name="Zstaffz")
    mix = list(Order.objects.first().products.all())
    mine = "C1" if persona == "teacher" else persona
    # Strangers' orders and requests, and those that the ones above hold themselves.
    for key in TREE:
        if mine not in above(key):
            holder, member = world.organizations[key], world.people[key]
            factories.order(assigned_to=holder, by=staff, product_mix=mix)
            factories.order(CODES, assigned_to=holder, by=staff, product_mix=mix)
            factories.license_request(membership=member, product_mix=mix)
    factories.organization("More", parent=world.organizations["H2"])

    assert [address for address in seen if get(client, address) != before[address]] == []


def test_no_mail_tells_what_its_reader_may_not_know(world):
    personas = {}
    for key in PERSONAS:
        who = world.people[key]
        personas[getattr(who, "user", who).email] = key
    notices = [notice for notice in Notice.objects.all() if notice.address in personas]
    assert len({notice.kind for notice in notices}) > 5
    for notice in notices:
        text = notice.subject + notice.text + notice.html
        assert leaks(world, personas[notice.address], text) == [], (notice.kind, notice.address)


# A role that is taken away between opening a form and sending it

# Where a form is the person's own, whatever role they have.
PERSONAL = (
    *("/me/", "/email-alerts/", "/accounts/address/", "/activate/", "/link/", "/teach/"),
    *("/role/", "logout"),
)


def _opened(client):
    """Every form that can be sent, as the browser would send it: (address, values)."""
    for address in addresses():
        response = opened(client, address)
        if (
            response.status_code != 200
            or response.streaming
            or b'method="post"' not in response.content
        ):
            continue
        page = lxml.html.fromstring(response.content.decode())
        for form in page.forms:
            action = form.action or address
            if form.method == "POST" and not any(own in action for own in PERSONAL):
                yield action, dict(form.form_values())


@pytest.mark.parametrize("remaining", [None, "X"], ids=["no role left", "another role left"])
@pytest.mark.parametrize("key", ["H1", "C1"])
def test_a_form_sent_after_its_role_was_taken_away_changes_nothing(world, key, remaining):
    who = world.people[key]
    client = session_of(world, key)
    forms = list(_opened(client))
    assert len(forms) > 5
    if remaining:
        factories.member(world.organizations[remaining], user=who.user)
    staff = User.objects.get(last_name="Zstaffz")
    organization = world.organizations[key]
    revoke_role(user=who.user, organization=organization, role=Role.ADMINISTRATOR, by=staff)
    before = contents()

    for address, values in forms:
        response = client.post(address, values)
        assert response.status_code in (403, 404, 405) or remaining, address

    assert contents() == before
