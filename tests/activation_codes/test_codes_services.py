"""Saving the boxes, creating codes once, looking them up."""

import logging
import traceback
from contextlib import closing

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from activation_codes.code_check import generate
from activation_codes.code_lookup import Mistyped, Unknown, usable_code
from activation_codes.models import ActivationCode, CodeBatch
from activation_codes.services import codes as code_services
from activation_codes.services.codes import (
    create_codes,
    creators_of,
    save_settings,
    why_no_codes,
)
from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.lib.lost_database import is_unusable
from licenses.models import Order, OrderStatus
from licenses.models.code_settings import CODE_SETTINGS
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.factories import CODES
from tests.helpers import last_act
from tests.licenses.acts import edit

pytestmark = pytest.mark.django_db

ON, OFF = dict.fromkeys(CODE_SETTINGS, True), dict.fromkeys(CODE_SETTINGS, False)


def boxes_of(order):
    order = Order.objects.get(pk=order.pk)
    return {box: getattr(order, box) for box in CODE_SETTINGS}


@pytest.fixture
def order(center):
    """Five codes for two each, for thirty days."""
    return factories.order(
        CODES, assigned_to=center, number_of_codes=5, users_per_code=2, duration=30
    )


# The boxes


def test_three_boxes_are_on_at_first_and_the_teacher_box_is_off(order):
    assert boxes_of(order) == {**ON, "teacher_required": False}


def test_the_holder_saves_the_boxes(order, admin):
    save_settings(order=order, boxes=OFF, by=admin.user)
    assert boxes_of(order) == OFF
    assert last_act(order) == {"action": "code settings.saved", "user": admin.user.pk}
    save_settings(order=order, boxes=ON, by=admin.user)
    assert boxes_of(order) == ON


def test_boxes_are_saved_after_codes_were_created_too(order, admin):
    factories.codes(order)
    save_settings(order=order, boxes=OFF, by=admin.user)
    assert boxes_of(order) == OFF


def test_only_holder_and_cci_change_codes_and_boxes(order, hub_admin, foreign_admin, teacher):
    for by in (hub_admin.user, foreign_admin.user, teacher.user):
        with pytest.raises(NotAllowed):
            save_settings(order=order, boxes=OFF, by=by)
        with pytest.raises(NotAllowed):
            create_codes(order=order, by=by)
    assert not ActivationCode.objects.exists()


def test_a_center_license_has_no_codes(staff):
    order = factories.order()
    with pytest.raises(DomainError, match="has no user activation codes"):
        create_codes(order=order, by=staff)
    with pytest.raises(DomainError, match="has no user activation codes"):
        save_settings(order=order, boxes=OFF, by=staff)


def test_the_copy_reaches_down_the_chain_and_each_changes_alone(staff):
    reseller = factories.organization(level=Level.RESELLER)
    hub = factories.organization(level=Level.HUB, parent=reseller)
    center = factories.organization(parent=hub)
    mix = factories.products()
    top = factories.order(CODES, assigned_to=reseller, product_mix=mix)
    save_settings(order=top, boxes=OFF, by=staff)
    middle = factories.order(CODES, assigned_to=hub, parent=top, product_mix=mix)
    below = factories.order(CODES, assigned_to=center, parent=middle, product_mix=mix)
    save_settings(order=top, boxes=ON, by=staff)
    assert (boxes_of(middle), boxes_of(below)) == (OFF, OFF)
    save_settings(order=middle, boxes=ON, by=staff)
    assert boxes_of(below) == OFF
    save_settings(order=below, boxes=ON, by=staff)
    assert boxes_of(middle) == ON


# Creating


def test_all_codes_are_created(order, admin):
    assert create_codes(order=order, by=admin.user) == 5
    codes = order.activation_codes.all()
    assert len({code.code for code in codes}) == 5
    assert {(code.users, code.used) for code in codes} == {(2, 0)}
    order.refresh_from_db()
    assert (order.codes_created, order.codes_left) == (5, 0)
    batch = CodeBatch.objects.get()
    assert (batch.order, batch.number_of_codes, batch.created_by) == (order, 5, admin.user)
    assert last_act(batch) == {"action": "codes.created", "user": admin.user.pk}
    assert last_act(order)["action"] == "codes.created"


def test_creating_codes_takes_no_seat(order, admin):
    create_codes(order=order, by=admin.user)
    order.refresh_from_db()
    assert (order.enrolled, order.seats_available) == (0, 10)
    assert order.status_on(factories.today()) == OrderStatus.AVAILABLE


def test_creating_twice_is_creating_once(order, admin, staff):
    stale = Order.objects.get(pk=order.pk)
    assert create_codes(order=order, by=admin.user) == 5
    assert create_codes(order=stale, by=staff) == 0
    assert ActivationCode.objects.count() == 5
    assert CodeBatch.objects.count() == 1
    assert creators_of(order) == [admin.user]


def test_after_the_number_was_raised_just_the_rest_is_created(order, admin, staff):
    create_codes(order=order, by=admin.user)
    before = set(order.activation_codes.all())
    edit(order, staff, number_of_codes=8)
    assert create_codes(order=order, by=staff) == 3
    assert before < set(order.activation_codes.all())
    assert order.activation_codes.count() == 8
    assert creators_of(order) == [admin.user, staff]


def test_creating_saves_the_boxes_too(order, admin):
    create_codes(order=order, by=admin.user, boxes=OFF)
    assert boxes_of(order) == OFF


def test_without_boxes_those_saved_stay(order, admin):
    save_settings(order=order, boxes=OFF, by=admin.user)
    create_codes(order=order, by=admin.user)
    assert boxes_of(order) == OFF


def test_allocated_codes_are_not_created(hub, center, staff):
    parent = factories.order(CODES, assigned_to=hub, number_of_codes=5)
    mix = list(parent.products.all())
    child = factories.order(
        CODES, assigned_to=center, parent=parent, product_mix=mix, number_of_codes=2, by=staff
    )
    assert create_codes(order=parent, by=staff) == 3
    assert create_codes(order=child, by=staff) == 2


def test_if_all_codes_were_allocated_it_says_so(hub, center, staff):
    parent = factories.order(CODES, assigned_to=hub, number_of_codes=5)
    mix = list(parent.products.all())
    factories.order(
        CODES, assigned_to=center, parent=parent, product_mix=mix, number_of_codes=5, by=staff
    )
    with pytest.raises(DomainError, match="All codes of this order were allocated or reclaimed."):
        create_codes(order=parent, by=staff)


@pytest.mark.parametrize(
    ("start", "finish", "is_active", "why"),
    [
        (-9, -1, True, "The license ended on {finish}."),
        (1, 9, True, "The license starts on {start}."),
        (-9, 9, False, "The license is not active. Activate it under Edit first."),
    ],
)
def test_codes_of_an_order_not_in_force_are_not_created_and_it_says_why(
    staff, start, finish, is_active, why
):
    dates = {"start_date": factories.days(start), "finish_date": factories.days(finish)}
    why = why.format(start=dates["start_date"], finish=dates["finish_date"])
    order = factories.order(CODES, is_active=is_active, **dates)
    # The holder's other orders make no difference.
    factories.order(CODES, assigned_to=order.assigned_to)
    assert why_no_codes(order) == why
    with pytest.raises(DomainError) as refusal:
        create_codes(order=order, by=staff, boxes=OFF)
    assert str(refusal.value) == why
    assert not ActivationCode.objects.exists()
    assert boxes_of(order) == {**ON, "teacher_required": False}


def test_codes_of_a_suspended_order_are_not_created(order, admin, staff):
    stale = Order.objects.get(pk=order.pk)
    suspend_order(order=order, by=staff, reason="Unpaid")
    with pytest.raises(DomainError, match="The license is suspended."):
        create_codes(order=stale, by=admin.user)


def test_codes_of_a_request_are_not_created(admin):
    order = factories.license_request(CODES, membership=admin)
    with pytest.raises(DomainError, match="once the license is approved"):
        create_codes(order=order, by=admin.user)


def test_nothing_blocks_an_order_in_force(order):
    assert why_no_codes(order) == ""


def test_a_second_press_after_the_end_is_no_error(order, admin):
    create_codes(order=order, by=admin.user)
    Order.objects.filter(pk=order.pk).update(finish_date=factories.days(-1))
    assert create_codes(order=order, by=admin.user) == 0


def test_more_codes_than_one_read_of_the_copy_takes(staff):
    order = factories.order(CODES, number_of_codes=3_000)
    assert create_codes(order=order, by=staff) == 3_000
    assert order.activation_codes.count() == 3_000


# Codes that exist already, and secrets


def draws(monkeypatch, *batches):
    """Draw these batches next, and then real ones; return a list of the requested sizes."""
    sizes = []

    def drawn(count):
        sizes.append(count)
        return iter(batches[len(sizes) - 1] if len(sizes) <= len(batches) else generate(count))

    monkeypatch.setattr(code_services, "generate", drawn)
    return sizes


def test_a_code_that_exists_already_is_drawn_again(monkeypatch, order, staff):
    taken = factories.codes(order)[0].code
    other = factories.order(CODES, number_of_codes=3)
    fresh = list(generate(2))
    sizes = draws(monkeypatch, [fresh[0], taken, fresh[1]], [fresh[0]] * 3)
    assert create_codes(order=other, by=staff) == 3
    assert sizes == [3, 3, 3]
    assert other.activation_codes.count() == 3
    assert not other.activation_codes.filter(code=taken).exists()
    other.refresh_from_db()
    assert other.codes_created == 3
    assert CodeBatch.objects.filter(order=other).count() == 1


def test_no_code_is_in_a_log_line(monkeypatch, caplog, order, staff):
    taken = factories.codes(order)[0].code
    other = factories.order(CODES, number_of_codes=2)
    draws(monkeypatch, [taken, *generate(1)])
    with (
        caplog.at_level(logging.DEBUG),
        caplog.at_level(logging.DEBUG, logger="django.db.backends"),
        CaptureQueriesContext(connection),
    ):
        create_codes(order=other, by=staff)
    assert any(record.name == "django.db.backends" for record in caplog.records)
    for code in ActivationCode.objects.all():
        assert code.code not in caplog.text
        assert str(code) not in caplog.text


def test_no_code_is_in_the_text_of_an_error(monkeypatch, caplog, order, staff):
    bad = "AEIOUAEIOUAEI"
    draws(monkeypatch, [bad] * 5)
    with caplog.at_level(logging.DEBUG), pytest.raises(RuntimeError) as failure:
        create_codes(order=order, by=staff)
    assert str(failure.value) == "The codes could not be written: CheckViolation."
    assert bad not in "".join(traceback.format_exception(failure.value))
    assert bad not in caplog.text
    order.refresh_from_db()
    assert order.codes_created == 0


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_lost_meanwhile_is_an_error_of_the_database(monkeypatch, order, staff):
    """Its page is the one of a database that is away, and nothing is kept."""

    def cut(count):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()

        def lines():
            with closing(connection.copy()) as other, other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
            yield from generate(count)

        return lines()

    monkeypatch.setattr(code_services, "generate", cut)
    try:
        with pytest.raises(OperationalError) as failure:
            create_codes(order=order, by=staff)
    finally:
        connection.close()
    assert is_unusable(failure.value)
    assert Order.objects.get(pk=order.pk).codes_created == 0


def test_codes_keep_no_history_of_their_own():
    assert not hasattr(ActivationCode, "events")


# Lookup


def test_a_code_is_found_however_it_is_typed(order):
    [code, *_] = factories.codes(order)
    for typed in (code.code, str(code), str(code).lower(), f"  {code.code[:6]} {code.code[6:]} "):
        assert usable_code(typed, None) == code


def test_a_typing_error_costs_no_query(order, django_assert_num_queries):
    [code, *_] = factories.codes(order)
    wrong = ("2" if code.code[0] != "2" else "3") + code.code[1:]
    with django_assert_num_queries(0):
        for typed in (wrong, "", "hello", code.code[:-1], "é" * 2_000):
            with pytest.raises(Mistyped):
                usable_code(typed, None)


def test_an_unknown_code_is_not_found(order):
    factories.codes(order)
    with pytest.raises(Unknown):
        usable_code(next(generate(1)), None)
