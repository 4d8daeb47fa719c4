"""Two simultaneous acts: the second was allowed before the first forbade it."""

import pytest

from activation_codes.services.redemptions import reclaim_redemption, restore_redemption
from jasper_inventory.accounts.models import Invitation, Role
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.exceptions import UnknownCode
from jasper_inventory.support.integrity import differences
from licenses.models import Enrollment, Order
from licenses.services.join_codes import replace_teacher_code
from licenses.services.joins import join_by_teacher_code
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, refusals
from tests.renewals.acts import approving

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_invites_once_the_role_was_revoked():
    by, center = factories.staff(), factories.organization()
    admin = factories.member(center)
    results = at_once(
        lambda: revoke_role(user=admin.user, organization=center, role=Role.ADMINISTRATOR, by=by),
        lambda: invite(
            organization=center, role=Role.TEACHER, email="rosa@example.com", by=admin.user
        ),
        hold=center,
    )
    assert refusals(results) == [results[1]]
    assert not Invitation.objects.exists()


def replacing(order, by):
    return lambda: replace_teacher_code(order=order, shown=order.teacher_code_id, by=by)


def test_a_teacher_types_a_code_that_is_being_replaced():
    by = factories.staff()
    order = factories.order(students=None, by=by)
    user, typed = factories.person(), str(order.teacher_code)
    _code, refusal = at_once(
        replacing(order, by),
        lambda: join_by_teacher_code(typed=typed, by=user),
        hold=order,
    )
    assert isinstance(refusal, UnknownCode)


@pytest.mark.parametrize("first", ["approve", "replace"])
def test_a_code_is_replaced_while_a_renewal_with_it_is_approved(first):
    by = factories.staff()
    old = factories.order(students=None, by=by)
    code = old.teacher_code
    renewal = factories.renewal_request(old, code_choice="existing")
    acts = [approving(renewal, by), replacing(old, by)]
    at_once(*(acts if first == "approve" else acts[::-1]), hold=old)
    # The old code, which leaked, no longer opens anything.
    assert not Order.objects.filter(teacher_code=code).exists()


def test_an_enrollment_that_was_followed_is_restored_once():
    by = factories.staff()
    order = factories.order(CODES, number_of_codes=5, users_per_code=2, by=by)
    code, other, *_more = factories.codes(order, by=by)
    user = factories.person()
    ended = factories.redemption(code, user=user)
    Enrollment.objects.filter(pk=ended.enrollment_id).update(ends_on=factories.days(-1))
    factories.redemption(other, user=user)
    ended = type(ended).objects.get(pk=ended.pk)
    reclaim_redemption(redemption=ended, by=by)
    results = at_once(
        *[lambda: restore_redemption(redemption=type(ended).objects.get(pk=ended.pk), by=by)] * 2,
        hold=order,
    )
    assert len(refusals(results)) == 1
    assert differences() == []
