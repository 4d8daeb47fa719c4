"""Suppliers see counts only: no name, username or email of teachers or students in their scope."""

from itertools import islice
from urllib.parse import urlencode

import pytest

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.email_delivery import SECRET_KINDS, worded
from jasper_inventory.accounts.models import Level, Notice, Role, User
from licenses.models import Order
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.suspensions import resume_order
from tests import factories
from tests.isolation.responses import addresses, get, revealed, session_of

pytestmark = pytest.mark.django_db
SUPPLIERS = ("D", "R", "H1")
# No code has vowels, so no random one holds it. Keys of browsers do, but are too short for it.
MARKER = "qoiqoiqoi"
ROLES = {"t": Role.TEACHER, "s": Role.STUDENT}


@pytest.fixture
def people(world):
    """Teachers and students of a center, each with names, username and email that are nowhere else.

    They have roles, licenses and codes; some were removed, and some are deactivated.
    """
    center = world.organizations["C1"]
    supplier = factories.organization(
        "Reseller", level=Level.RESELLER, parent=world.organizations["D"]
    )
    hub = world.organizations["H1"]
    type(hub).objects.move(type(hub).objects.get(pk=hub.pk), supplier, "last-child")
    hub.refresh_from_db()
    center.refresh_from_db()
    world.people["R"] = factories.member(supplier)
    staff = factories.staff()
    found = {}
    for key, role in ROLES.items():
        for at in range(3):
            mark = f"{MARKER}{key}{at}"
            user = factories.person(
                mark, first_name=f"F{mark}", last_name=f"L{mark}", email=f"{mark}@example.com"
            )
            factories.member(center, role, user=user)
            found[key, at] = user
    order = Order.objects.get(number=world.numbers["C1"]["allocated"])
    resume_order(order=order, by=staff)
    own = Order.objects.get(number=world.numbers["C1"]["own"])
    teaching = [
        enroll_teacher(order=own, user=found["t", at], by=staff).enrollment for at in range(3)
    ]
    learning = [
        enroll_student(order=own, user=found["s", at], by=staff, teacher=teaching[0]).enrollment
        for at in range(3)
    ]
    remove_enrollment(enrollment=teaching[2], by=staff)
    remove_enrollment(enrollment=learning[2], by=staff)
    codes = factories.order(factories.CODES, assigned_to=center, users_per_code=3, notify=True)
    for at, code in enumerate(factories.codes(codes)[:2]):
        factories.redemption(code, user=found["s", at])
    world.numbers["C1"]["redeemed"] = codes.number
    found["s", 1].is_active = False
    found["s", 1].save()
    return found, teaching, codes


def typed_texts(people):
    """Text that people may type to find a person, or because they have one of the codes."""
    found, teaching, codes = people
    for user in found.values():
        yield from (user.username, user.email, user.first_name, user.get_full_name())
    yield str(teaching[0].group_key)
    yield str(codes.teacher_code)
    yield str(teaching[0].order.teacher_code)
    for code in ActivationCode.objects.filter(order=codes)[:2]:
        yield str(code)


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_no_address_names_a_person_of_a_sub_organization(world, people, supplier):
    client = session_of(world, supplier)
    numbers = [*world.numbers["C1"].values(), *world.numbers["H1"].values()]
    named = {
        address
        for address in addresses(numbers, opened=True)
        if MARKER in get(client, address).lower()
    }
    assert named == set()


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_no_search_finds_a_person_of_a_sub_organization(world, people, supplier):
    client = session_of(world, supplier)
    lists = [f"/inventory/{world.numbers['C1'][kind]}/people/" for kind in ("own", "redeemed")]
    for typed in typed_texts(people):
        # Text that is no code is echoed there, as it was read.
        pages = ["/people/", *lists, *(["/why/"] if MARKER not in typed.lower() else [])]
        for address in pages:
            values = {"typed": typed, "code": typed, "name": typed}
            page = revealed(client.post(address, values, follow=True)).lower()
            assert MARKER not in page.replace(typed.lower(), ""), (address, typed)
        if f"l{MARKER}" in typed.lower():
            continue
        for page in ("/inventory/", "/requests/", "/transfers/", "/organizations/find/"):
            query = urlencode(dict.fromkeys(("q", "holder", "purchase_order", "order"), typed))
            # Every list that names a person has the last name.
            assert f"l{MARKER}" not in get(client, f"{page}?{query}").lower(), (page, typed)


def test_the_center_itself_is_shown_its_people(world, people):
    """Otherwise no check above could fail."""
    client = session_of(world, "C1")
    visited = addresses(list(world.numbers["C1"].values()), opened=True)
    pages = (get(client, address) for address in visited)
    assert len([*islice((page for page in pages if MARKER in page), 11)]) == 11
    page = revealed(client.post("/people/", {"typed": MARKER}, follow=True))
    assert page.count(f"L{MARKER}") >= len(people[0])


def test_no_email_to_a_supplier_names_a_person_of_a_sub_organization(world, people):
    suppliers = {world.people[key].user.email for key in SUPPLIERS}
    notices = Notice.objects.filter(address__in=suppliers)
    assert notices
    for notice, texts in zip(notices, worded(notices), strict=True):
        assert MARKER not in (texts.subject + texts.text + texts.html).lower(), notice.kind


def test_no_stored_email_holds_a_name_or_an_address_of_a_person(world):
    """Notices of all kinds refer to people, so that erasing one needs no search for the name."""
    notices = Notice.objects.exclude(kind__in=SECRET_KINDS)
    assert len({notice.kind for notice in notices}) > 5
    assert any(len(notice.people) > 1 for notice in notices)
    names = {text for user in User.objects.all() for text in (user.get_full_name(), user.email)}
    for notice in notices:
        stored = notice.subject + notice.text + notice.html
        assert [text for text in names if text and text in stored] == [], notice.kind
