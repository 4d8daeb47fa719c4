"""Acts at once that meet on several rows wait for each other, and never lock each other out."""

import pytest

from activation_codes.services import redeem_code
from jasper_inventory.accounts.models import Level, Membership
from jasper_inventory.inventory.counters import differences
from jasper_inventory.inventory.moving import edit_organization
from licenses import services
from tests import factories
from tests.factories import CENTER, CODES
from tests.helpers import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by():
    return factories.staff()


@pytest.fixture
def hub(by):
    return factories.organization("Harbour Hub", level=Level.HUB)


@pytest.fixture
def center(hub):
    return factories.organization("Tolano Adventures", parent=hub)


def carved(center, kind, by):
    """An order of the center's hub, and what the center has of it."""
    mix = factories.products()
    source = factories.order(kind, assigned_to=center.supplier, product_mix=mix, by=by)
    size = {"number_of_codes": 2} if kind == CODES else {"students": 20}
    factories.order(kind, assigned_to=center, source=source, product_mix=mix, by=by, **size)
    return source


def moving(center, by):
    to = factories.organization("North Hub", level=Level.HUB)
    return lambda: edit_organization(
        organization=center, name=center.name, level=center.level, parent=to, by=by
    )


def enrolling_teacher(source, by):
    return lambda: services.enrol_teacher(order=source, user=factories.person(), by=by)


def enrolling_student(source, by):
    return lambda: services.enrol_student(order=source, user=factories.person(), by=by)


def typing_the_teacher_code(source, by):
    typed, user = str(source.teacher_code), factories.person()
    return lambda: services.join_by_teacher_code(typed=typed, by=user)


def typing_a_group_key(source, by):
    teacher = services.enrol_teacher(order=source, user=factories.person(), by=by).enrolment
    typed, user = str(teacher.group_key), factories.person()
    return lambda: services.join_by_group_key(typed=typed, by=user)


def redeeming(source, by):
    code, user = factories.codes(source, by=by)[0], factories.person()
    return lambda: redeem_code(code=code, user=user)


@pytest.mark.parametrize(
    "kind, joining",
    [
        (CENTER, enrolling_teacher),
        (CENTER, enrolling_student),
        (CENTER, typing_the_teacher_code),
        (CENTER, typing_a_group_key),
        (CODES, redeeming),
    ],
)
@pytest.mark.parametrize("first", ["join", "move"])
def test_somebody_joins_a_source_while_a_holder_of_its_places_moves(
    center, by, kind, joining, first
):
    source = carved(center, kind, by)
    acts = [joining(source, by), moving(center, by)]
    roles = Membership.objects.count()
    results = at_once(*(acts if first == "join" else acts[::-1]), hold=source)
    # What was carved from it hasn't ended.
    [refusal] = refusals(results)
    assert "was carved from an order" in str(refusal)
    assert Membership.objects.count() == roles + 1
    assert differences() == []
