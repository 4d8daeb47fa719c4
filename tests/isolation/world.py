"""Organizations with secrets planted everywhere, and the readers who may know them."""

from dataclasses import dataclass, field

from django.db import connection

from jasper_inventory.accounts.models import Level, Role
from jasper_inventory.accounts.services.invitations import invite
from licenses.models import Order
from licenses.services.enrollments import enroll_teacher
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import reject_request
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES

# Each organization's level, and the organization above it.
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
# The organizations of people who are or were no administrators.
SEATS = {"teacher": "C1", "student": "C1", "removed": "H1"}
FIRST_NUMBER = 77_000_001
FIRST_KEY = 66_000_001


def above(key):
    """The organization and those above it, which see its orders."""
    return {key} | (above(TREE[key][1]) if TREE[key][1] else set())


@dataclass
class World:
    """Organizations with all their secrets, and the readers who may know each of them."""

    organizations: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    # {organization: {kind: order number}}
    numbers: dict = field(default_factory=dict)
    # {secret: personas that may know it}
    secrets: dict = field(default_factory=dict)

    def plant(self, what, key, *others):
        """A text that can be searched for; only organizations above and some others may know it."""
        secret = f"Z{what}{key}z"
        self.secrets[secret] = above(key) | set(others)
        return secret

    def hide(self, text, key, *others):
        self.secrets[str(text)] = above(key) | set(others)

    def unknown_to(self, persona):
        return {secret for secret, known_to in self.secrets.items() if persona not in known_to}

    def leaks(self, persona, text):
        return sorted(secret for secret in self.unknown_to(persona) if secret in text)

    def near(self, persona):
        """Numbers of orders to ask for: all of the persona's own, and one of each kind of those

        above it, those below it, and all others (in turn: its siblings, cousins, strangers).
        """
        mine = SEATS.get(persona, persona)
        rest = [key for key in TREE if key != mine]
        groups = (
            [mine],
            [key for key in rest if key in above(mine)],
            [key for key in rest if mine in above(key)],
            [key for key in rest if key not in above(mine) and mine not in above(key)],
        )
        found = []
        for group in groups:
            for at, kind in enumerate(("own", "allocated", "codes", "requested", "refused")):
                of_kind = [self.numbers[key][kind] for key in group if kind in self.numbers[key]]
                found += [of_kind[at % len(of_kind)]] if of_kind else []
        return found


def build():
    """The tree of organizations, filled with rows."""
    made = World()
    with connection.cursor() as cursor:
        # Tests look for keys in pages, where one of a single digit is part of "utf-8".
        cursor.execute(
            "SELECT setval(name, greatest(nextval(name), %s))"
            " FROM pg_get_serial_sequence('accounts_organization', 'id') AS name",
            [FIRST_KEY],
        )
    staff = factories.staff(last_name="Zstaffz")
    mix = factories.products(2)
    for key, (level, parent) in TREE.items():
        children = [child for child, (_level, its) in TREE.items() if its == key]
        # A child knows its supplier; teachers and students there know the name.
        also = ("teacher", "student") if key == "C1" else ()
        name = made.plant("name", key, *children, *also)
        made.organizations[key] = factories.organization(
            name, level=level, parent=parent and made.organizations[parent]
        )
        # The organization that allocates is named to the receiver.
        person = factories.person(last_name=made.plant("person", key, *children))
        made.people[key] = factories.member(made.organizations[key], user=person)
    for key in TREE:
        _fill(made, key, mix, staff)
    made.people["teacher"] = teacher = factories.member(made.organizations["C1"], Role.TEACHER)
    taught = Order.objects.get(number=made.numbers["C1"]["own"])
    enroll_teacher(order=taught, user=teacher.user, by=staff)
    # Teachers on a license may know its number, which is in the address of its pages.
    made.secrets[str(taught.number)] |= {"teacher"}
    made.people["student"] = factories.member(made.organizations["C1"], Role.STUDENT)
    made.people["nobody"] = factories.person()
    _plant_twin(made)
    made.people["removed"] = factories.member(made.organizations["H1"])
    return made


def _plant_twin(world):
    """A person of two organizations that may not know of each other: each sees its own part."""
    twin = factories.person(last_name="Ztwinz", email="")
    world.secrets["Ztwinz"] = above("C1") | above("X")
    for key in ("C1", "X"):
        organization = world.organizations[key]
        factories.member(organization, Role.STUDENT, user=twin)
        order = factories.order(CODES, assigned_to=organization, number_of_codes=1, notify=True)
        (code,) = factories.codes(order)
        factories.redemption(code, user=twin)
        for secret in (order.number, order.teacher_code, code):
            world.hide(secret, key)


def _fill(world, key, mix, staff):
    """Orders, codes, requests, transfers, suspensions of one organization, each with secrets."""
    organization, who = world.organizations[key], world.people[key]
    supplier = TREE[key][1]
    orders = {}
    orders["own"] = factories.order(
        notify=True,
        assigned_to=organization,
        by=staff,
        product_mix=mix,
        number=None if world.numbers else FIRST_NUMBER,
        purchase_order=world.plant("purchase", key),
        comments=world.plant("comment", key),
    )
    if supplier:
        orders["allocated"] = _allocated(world, key, supplier, mix)
    orders["codes"] = codes = factories.order(
        CODES, assigned_to=organization, by=staff, product_mix=mix, number_of_codes=1, notify=True
    )
    (code,) = factories.codes(codes, by=staff)
    world.hide(code, key)
    pupil = factories.person(last_name=world.plant("pupil", key), email="")
    factories.redemption(code, user=pupil)
    orders["requested"] = factories.license_request(
        membership=who, product_mix=mix, comments=world.plant("requested", key)
    )
    orders["refused"] = factories.license_request(membership=who, product_mix=mix)
    reject_request(request=orders["refused"], by=staff, comments=world.plant("refused", key))
    factories.renewal_request(orders["own"], membership=who, comments=world.plant("renewal", key))
    invited = f"zinvited{key.lower()}z@example.com"
    invite(organization=organization, role=Role.TEACHER, email=invited, by=who.user)
    world.hide(invited, key)
    factories.list_export(who, file_name=world.plant("export", key))
    for order in orders.values():
        order.refresh_from_db()
        world.hide(order.number, key)
        if order.teacher_code:
            world.hide(order.teacher_code, key)
    world.numbers[key] = {kind: order.number for kind, order in orders.items()}


def _allocated(world, key, supplier, mix):
    """An order allocated from the supplier's own, partly reclaimed, and suspended."""
    giver = world.people[supplier].user
    allocated = factories.order(
        notify=True,
        assigned_to=world.organizations[key],
        by=giver,
        product_mix=mix,
        parent=Order.objects.get(number=world.numbers[supplier]["own"]),
        students=7,
        purchase_order=world.plant("bought", key),
        comments=world.plant("allocated", key),
    )
    reclaim_seats(order=allocated, number=2, by=giver, reason=world.plant("back", key))
    suspend_order(order=allocated, by=giver, reason=world.plant("stopped", key))
    return allocated
