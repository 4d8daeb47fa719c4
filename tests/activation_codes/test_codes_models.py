"""Activation codes and redemptions: the refusals of the database, and the scope of readers."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from activation_codes.code_check import generate
from activation_codes.models import ActivationCode, CodeBatch, Redemption
from jasper_inventory.accounts.models import Role
from licenses.models import Enrollment, EnrollmentRole
from tests import factories
from tests.factories import CODES

pytestmark = pytest.mark.django_db


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def codes_of(organization, number=2, **values):
    order = factories.order(CODES, assigned_to=organization, number_of_codes=number, **values)
    return factories.codes(order)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "BCDFGHJKMNPQ",
        "BCDFGHJKMNPQ2",
        "ACDFGHJKMNPQR",
        "LCDFGHJKMNPQR",
        "0CDFGHJKMNPQR",
        "1CDFGHJKMNPQR",
        "bcdfghjkmnpqr",
    ],
)
def test_a_code_has_13_characters_of_the_alphabet_and_ends_in_a_letter(code):
    order = factories.order(CODES)
    with refused("activation_codes_activationcode_format"):
        ActivationCode.objects.create(order=order, code=code, users=1)


def test_all_characters_of_the_alphabet_are_accepted():
    order = factories.order(CODES)
    for code in generate(200):
        ActivationCode.objects.create(order=order, code=code, users=1)


def test_a_code_is_unique_over_all_orders():
    [code, *_] = codes_of(factories.organization())
    other = factories.order(CODES)
    with refused("activation_codes_activationcode_code"):
        ActivationCode.objects.create(order=other, code=code.code, users=1)


def test_a_code_is_never_used_more_often_than_it_has_users():
    [code, *_] = codes_of(factories.organization(), users_per_code=2)
    ActivationCode.objects.filter(pk=code.pk).update(used=2)
    for used in (3, -1):
        with refused("activationcode_used"), transaction.atomic():
            ActivationCode.objects.filter(pk=code.pk).update(used=used)


def test_a_new_code_is_unused_and_has_its_orders_users():
    [code, *_] = codes_of(factories.organization(), users_per_code=3)
    assert (code.used, code.users) == (0, 3)


def test_a_code_reads_as_5_4_4():
    assert str(ActivationCode(code="BCDFGHJKMNPQR")) == "BCDFG-HJKM-NPQR"


def test_an_empty_batch_is_refused():
    order = factories.order(CODES)
    with refused("activation_codes_codebatch_not_empty"):
        CodeBatch.objects.create(order=order, number_of_codes=0, created_by=order.reviewed_by)


def test_an_enrollment_comes_from_one_redemption():
    one, two = codes_of(factories.organization())
    redemption = factories.redemption(one)
    with refused("enrollment_id"):
        Redemption.objects.create(code=two, enrollment=redemption.enrollment)


# Scope


@pytest.fixture
def codes(hub, center, foreign_admin):
    return {
        name: set(codes_of(organization))
        for name, organization in [
            ("hub", hub),
            ("center", center),
            ("foreign", foreign_admin.organization),
        ]
    }


def test_a_center_sees_and_manages_its_own_codes(codes, admin):
    assert set(ActivationCode.objects.visible_to(admin)) == codes["center"]
    assert set(ActivationCode.objects.manageable_by(admin)) == codes["center"]


def test_a_hub_looks_at_those_of_its_scope_and_manages_its_own(codes, hub_admin):
    assert set(ActivationCode.objects.visible_to(hub_admin)) == codes["hub"] | codes["center"]
    assert set(ActivationCode.objects.manageable_by(hub_admin)) == codes["hub"]


def test_a_foreign_center_sees_none_of_them(codes, foreign_admin):
    assert set(ActivationCode.objects.visible_to(foreign_admin)) == codes["foreign"]


def test_teachers_students_and_nobody_see_no_codes(codes, center, teacher):
    for code in codes["center"]:
        Enrollment.objects.create(order=code.order, user=teacher.user, role=EnrollmentRole.TEACHER)
        break
    for membership in (teacher, factories.member(center, Role.STUDENT), None):
        assert not ActivationCode.objects.visible_to(membership)
        assert not ActivationCode.objects.manageable_by(membership)


# People who redeemed


def test_people_who_redeemed_a_code_are_named_in_the_order_of_redeeming(django_assert_num_queries):
    one, two = codes_of(factories.organization(), users_per_code=3)
    sue = factories.person("sue", first_name="Sue", last_name="Wong")
    tom = factories.person("tom", first_name="Tom", last_name="Abel")
    gone = factories.person("gone")
    factories.redemption(one, user=sue)
    leaving = factories.redemption(one, user=gone)
    factories.redemption(one, user=tom)
    Enrollment.objects.filter(pk=leaving.enrollment_id).update(removed_at=timezone.now())
    with django_assert_num_queries(1):
        first, second = ActivationCode.objects.with_redeemers()
    assert (first.first_names, first.last_names) == ("Sue; Tom", "Wong; Abel")
    assert first.emails == "sue@example.com; tom@example.com"
    assert (second.first_names, second.last_names, second.emails) == (None, None, None)
