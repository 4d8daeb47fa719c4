"""Loading a large inventory: all or nothing, in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone

from activation_codes.models import ActivationCode, CodeBatch, Redemption
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    Level,
    Membership,
    Organization,
    User,
    memberships,
)
from jasper_inventory.demo.large import people, rows
from jasper_inventory.demo.large.history import write_history
from jasper_inventory.demo.large.orders import FAMILIES, Orders
from jasper_inventory.demo.large.seats import Seats
from jasper_inventory.demo.large.tables import (
    model_defaults,
    without_indexes,
    write,
    write_with_copies,
)
from jasper_inventory.demo.large.tree import Tree, grow
from jasper_inventory.lib.code_format import random_characters
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.bootstrap import set_up_site
from licenses.models import (
    Activity,
    Alert,
    Enrollment,
    GroupKey,
    Order,
    OrderProduct,
    Product,
    ProductFamily,
    TeacherCode,
    Transfer,
    enrollments,
)
from licenses.models.totals import COUNTED, INSERT
from renewals.models import RenewalRequest

FAMILY_NAMES = ("Office 2016", "Office 2019", "Microsoft 365 Apps")
PRODUCT_NAMES = (
    *("Word Core", "Excel Core", "PowerPoint Core", "Outlook Core", "Access Core"),
    *("Word Expert", "Excel Expert"),
)
# The products of a mix; the first is that of suppliers' stocks.
MIXES = (range(7), range(3), range(1), range(1, 2), (0, 1, 5, 6), (1, 6))
TABLES: tuple[type[Model], ...] = (
    *(Organization, User, Membership, TeacherCode, GroupKey, Order, OrderProduct),
    *(RenewalRequest, Transfer, Activity, Alert, ActivationCode, CodeBatch),
    *(Enrollment, Redemption),
)
COPIES = {Membership: memberships.COPIES, Enrollment: enrollments.COPIES}


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is loaded. Students are people: a renewal may keep them, on a second order."""

    organizations: int
    orders: int
    codes: int
    students: int


@dataclass
class Account:
    """An account to sign in with, once it has a password."""

    username: str
    description: str


def load(size: Size, *, seed: int) -> list[Account]:
    """Load a large inventory into a database without orders; return its accounts.

    The same size and seed load the same data on the same day. Raise DomainError if there are
    orders.
    """
    with transaction.atomic():
        set_up_site()
        Organization.objects.select_for_update().get(level=Level.VENDOR)
        if Order.objects.exists():
            raise DomainError("This database has orders. Load into one without any.")
        random = Random(seed)
        plan = _planned(size, random)
        accounts = _accounts(plan)
        taken = User.objects.filter(username__in=accounts.values())
        if name := taken.values_list("username", flat=True).first():
            raise DomainError(f"The username {name} is in use.")
        _number(plan)
        with without_indexes(TABLES), model_defaults(TABLES), connection.cursor() as cursor:
            for model, columns, lines in _tables(plan, accounts):
                table = model._meta.db_table
                if copies := COPIES.get(model):
                    write_with_copies(cursor, table, columns, lines, copies)
                else:
                    write(cursor, table, columns, lines)
            _set_children(cursor, plan.tree)
            write_history(cursor)
            # As the triggers of orders would.
            cursor.execute(f"{INSERT} {COUNTED}")
        _set_sequences()
        Group.objects.get(name=STAFF_GROUP).user_set.add(plan.staff)
    with connection.cursor() as cursor:
        # Autovacuum does the rest: VACUUM of all these rows takes longer than a statement may.
        cursor.execute("ANALYZE")
    return [Account(name, DESCRIPTIONS[name]) for name in accounts.values()]


DESCRIPTIONS = {
    "cci.staff": "CCI staff, in the admin",
    "large.distributor": "administrator of the distributor with 45 % of the orders",
    "medium.distributor": "administrator of the distributor with 10 % of the orders",
    "large.hub": "administrator of a hub of the large distributor",
    "large.center": "administrator of a center with 50 orders",
    "large.campus": "administrator of a center whose only order has 5,000 students",
    "large.teacher": "teacher of the center with 50 orders",
}


def _accounts(plan: rows.Plan) -> dict[int, str]:
    tree = plan.tree
    nodes = (tree.largest, tree.medium, tree.hub, tree.center, tree.campus)
    pks = [plan.staff, *(node.administrator for node in nodes), tree.center.teachers[0]]
    return dict(zip(pks, DESCRIPTIONS, strict=True))


def _planned(size: Size, random: Random) -> rows.Plan:
    """Draw organizations, orders, people and codes."""
    vendor = Organization.objects.vendor()
    tree = grow(random, vendor, size.organizations, _after(Organization))
    staff = _after(User)
    first_student = _number_staff(tree, random, staff)
    today = timezone.localdate()
    lines = Orders(random, tree, size.orders, _after(Order), today).plan()
    seats = Seats(random, tree, lines, today.toordinal())
    seats.fill(students=size.students, codes=size.codes, first_student=first_student)
    return rows.Plan(tree, lines, today.toordinal(), staff, _mixes(), random.randbytes, random)


def _after(model: type[Model]) -> int:
    """Return the first key that is free."""
    highest: int | None = model._default_manager.aggregate(highest=Max("pk"))["highest"]
    return (highest or 0) + 1


def _number_staff(tree: Tree, random: Random, staff: int) -> int:
    """Give each organization its administrator and teachers; return the next key."""
    pk = staff + 1
    for node in tree.nodes:
        node.administrator, pk = pk, pk + 1
    for node in tree.nodes:
        if node.level == Level.CENTER:
            node.teachers = range(pk, pk + min(2 + int(random.paretovariate(1) / 2), 40))
            pk = node.teachers.stop
    return pk


def _mixes() -> list[list[list[int]]]:
    """Create the products, and return the keys of each family's mixes."""
    mixes = []
    for at, name in enumerate(FAMILY_NAMES[:FAMILIES]):
        family, _new = ProductFamily.objects.get_or_create(name=name, defaults={"position": at})
        pks = [
            Product.objects.get_or_create(family=family, name=name, defaults={"position": nth})[
                0
            ].pk
            for nth, name in enumerate(PRODUCT_NAMES)
        ]
        mixes.append([[pks[nth] for nth in mix] for mix in MIXES])
    return mixes


def _number(plan: rows.Plan) -> None:
    """Give each order the keys of its teacher code, group keys, enrollments and codes."""
    teacher_code, group_key = _after(TeacherCode), _after(GroupKey)
    enrollment, code = _after(Enrollment), _after(ActivationCode)
    for line in plan.approved():
        if line.code_of is line:
            line.teacher_code, line.first_group_key = teacher_code, group_key
            teacher_code, group_key = teacher_code + 1, group_key + len(line.teachers)
        line.first_enrollment, line.first_code = enrollment, code
        enrollment, code = enrollment + people.people_on(line), code + people.codes_on(line)


def _tables(
    plan: rows.Plan, named: dict[int, str]
) -> Iterator[tuple[type[Model], str, Iterable[str]]]:
    """Yield each table with its columns and lines, in the order in which they draw numbers."""

    def characters(number: int) -> str:
        return random_characters(number, plan.draw)[:number]

    def keyed(
        model: type[Model], lines: Callable[[rows.Plan, Iterator[int]], Iterator[str]]
    ) -> Iterator[str]:
        return lines(plan, count(_after(model)))

    yield Organization, "id path depth numchild name level", people.organizations(plan.tree.nodes)
    yield User, people.USER, people.users(plan, named)
    yield (
        Membership,
        "id user_id organization_id role created_at",
        keyed(Membership, people.memberships),
    )
    yield TeacherCode, "id code created_at", rows.teacher_codes(plan, characters)
    yield GroupKey, "id key created_at", people.group_keys(plan, characters)
    yield Order, rows.ORDER, rows.orders(plan, _first_number())
    yield OrderProduct, "id order_id product_id", keyed(OrderProduct, rows.order_products)
    yield RenewalRequest, rows.RENEWAL, keyed(RenewalRequest, rows.renewal_requests)
    yield Transfer, rows.TRANSFER, keyed(Transfer, rows.transfers)
    acts = "id at kind reason changes organization_id person_id order_id"
    yield Activity, acts, keyed(Activity, rows.activity)
    alert = "id order_id kind mark students raised_at"
    yield Alert, alert, keyed(Alert, rows.alerts)
    yield ActivationCode, people.CODE, people.codes(plan)
    batch = "id order_id number_of_codes created_by_id created_at"
    yield CodeBatch, batch, keyed(CodeBatch, people.batches)
    yield Enrollment, people.ENROLLMENT, people.enrollments(plan)
    redemption = "id code_id enrollment_id redeemed_at"
    yield Redemption, redemption, keyed(Redemption, people.redemptions)


def _first_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('licenses_order_number')")
        number: int = cursor.fetchone()[0]
    return number


def _set_children(cursor: Any, tree: Tree) -> None:
    cursor.execute(
        "UPDATE accounts_organization SET numchild = %s WHERE id = %s",
        [tree.vendor.children, tree.vendor.pk],
    )


def _set_sequences() -> None:
    """Let new rows continue after the loaded ones."""
    with connection.cursor() as cursor:
        for model in TABLES:
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                " HAVING max(id) IS NOT NULL"
            )
        cursor.execute("SELECT setval('licenses_order_number', max(number)) FROM licenses_order")
