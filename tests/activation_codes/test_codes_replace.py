"""Replacing an activation code that leaked."""

import pytest
from django.urls import reverse

from activation_codes.models import ActivationCode
from activation_codes.services.codes import replace_code
from activation_codes.services.redemptions import (
    reclaim_redemption,
    redeem_code,
    restore_redemption,
)
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.support.integrity import differences
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, refusals, refused
from tests.pages import DIALOG, notifications, page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(center):
    """A code for three users, used by one of them."""
    order = factories.order(CODES, assigned_to=center, number_of_codes=2, users_per_code=3)
    code = factories.codes(order)[0]
    factories.redemption(code)
    code.refresh_from_db()
    return code


def address(code):
    return reverse("activation_codes:code_replace", args=[code.pk])


def test_the_new_code_has_the_uses_that_are_left(code, admin):
    new = replace_code(code=code, by=admin.user)

    code.refresh_from_db()
    assert (code.used, code.users, code.replaced_by) == (1, 1, admin.user)
    assert (new.used, new.users, code.replacement) == (0, 2, new)
    with pytest.raises(DomainError):
        redeem_code(code=code, user=factories.person())
    redeem_code(code=new, user=factories.person())
    assert differences() == []


def test_a_removed_student_returns_the_use_to_the_new_code(code, admin):
    new = replace_code(code=code, by=admin.user)
    newer = replace_code(code=new, by=admin.user)

    reclaim_redemption(redemption=code.redemptions.get(), by=admin.user)

    code.refresh_from_db()
    newer.refresh_from_db()
    assert (code.used, code.users, newer.users) == (0, 0, 3)
    with pytest.raises(DomainError):
        redeem_code(code=code, user=factories.person())
    assert differences() == []


def test_a_restored_student_takes_the_use_from_the_new_code(code, admin):
    new = replace_code(code=code, by=admin.user)
    redemption = code.redemptions.get()
    reclaim_redemption(redemption=redemption, by=admin.user)

    restore_redemption(redemption=code.redemptions.get(), by=admin.user)

    code.refresh_from_db()
    new.refresh_from_db()
    assert (code.used, code.users, new.users) == (1, 1, 2)
    assert differences() == []


def test_a_student_to_be_restored_needs_a_use_of_the_new_code(code, admin):
    new = replace_code(code=code, by=admin.user)
    reclaim_redemption(redemption=code.redemptions.get(), by=admin.user)
    for _number in range(3):
        redeem_code(code=new, user=factories.person())

    with pytest.raises(DomainError, match="no uses left"):
        restore_redemption(redemption=code.redemptions.get(), by=admin.user)
    assert differences() == []


def test_a_code_is_replaced_once_and_not_when_it_is_used_up(code, admin):
    replace_code(code=code, by=admin.user)
    with pytest.raises(DomainError, match="already replaced"):
        replace_code(code=code, by=admin.user)
    single = factories.codes(factories.order(CODES, assigned_to=code.order.assigned_to))[0]
    factories.redemption(single)
    with pytest.raises(DomainError, match="no uses left to replace"):
        replace_code(code=single, by=admin.user)


def test_only_the_holder_and_cci_may(code, hub_admin, foreign_admin, staff):
    for who in (hub_admin, foreign_admin):
        with pytest.raises(NotAllowed):
            replace_code(code=code, by=who.user)
    replace_code(code=code, by=staff)


def test_the_database_keeps_a_replaced_code_closed(code, admin):
    replace_code(code=code, by=admin.user)
    with refused("activation_codes_activationcode_replaced"):
        ActivationCode.objects.filter(pk=code.pk).update(users=3)


@pytest.mark.django_db(transaction=True)
def test_redeeming_and_replacing_at_once_lose_no_use(code, admin):
    results = at_once(
        lambda: redeem_code(code=code, user=factories.person()),
        lambda: replace_code(code=code, by=admin.user),
        lambda: replace_code(code=code, by=admin.user),
    )

    assert len(refusals(results)) in (1, 2)
    codes = ActivationCode.objects.filter(order=code.order)
    assert sum(each.users for each in codes) == 6
    assert differences() == []


@pytest.mark.parametrize("headers", [{}, DIALOG], ids=["page", "dialog"])
def test_the_window_asks_once_and_shows_the_new_code(sign_in, admin, code, headers):
    client = sign_in(admin)

    assert "1 of 3" in page_text(client.get(address(code), **headers))
    client.post(address(code), **headers)

    code.refresh_from_db()
    assert notifications(client.get("/inventory/")) == [
        f"The new code of order {code.order} is {code.replacement}. Give it to your students; the "
        "old one no longer works."
    ]


def test_a_code_of_others_is_not_there(sign_in, code, foreign_admin, hub_admin):
    for who in (foreign_admin, hub_admin):
        assert sign_in(who).post(address(code)).status_code == 404
    code.refresh_from_db()
    assert code.replacement is None


def test_the_workbook_leaves_out_a_code_that_nobody_used(sign_in, admin, code):
    unused = ActivationCode.objects.get(order=code.order, used=0)
    replace_code(code=unused, by=admin.user)

    listed = ActivationCode.objects.filter(order=code.order).downloaded()

    assert unused not in listed
    assert code in listed
    assert listed.count() == 2
