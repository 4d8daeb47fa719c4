"""A kept workbook is outdated by whatever changes in it, also while it is written."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from activation_codes import exports
from activation_codes.models import (
    ActivationCode,
    CodeDownload,
    CodeWorkbook,
    Handout,
    Redemption,
    WorkbookPart,
    WorkbookState,
)
from activation_codes.services import workbooks
from activation_codes.services.codes import create_codes, replace_code
from activation_codes.services.handouts import hand_out, return_codes
from activation_codes.services.redemptions import reclaim_redemption, restore_redemption
from activation_codes.services.workbooks import (
    request_workbook,
    take_workbook,
    write_workbook,
)
from jasper_inventory.accounts.models import Organization
from jasper_inventory.people.erasure import erase_person
from licenses.models import Enrollment, Product, ProductFamily
from tests import factories
from tests.activation_codes.workbooks.acts import (
    downloaded,
    expected,
    nothing_left,
    redeem,
    rows,
    window,
)
from tests.commands import run
from tests.helpers import at_once, change
from tests.pages import page_text

# The worker's connection for progress sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


# Kept until a code changes


def person_of(order):
    return Enrollment.objects.get(order=order).user


def rename(order, **values):
    type(person_of(order)).objects.filter(username="ann").update(**values)


def remove(order):
    reclaim_redemption(redemption=Redemption.objects.get(), by=factories.staff())


def restore(order):
    restore_redemption(redemption=Redemption.objects.get(), by=factories.staff())


def create(order):
    change(order, number_of_codes=12)
    create_codes(order=order, by=factories.staff())


def keys(order):
    return list(codes(order).values_list("pk", flat=True))


def handed_out(order):
    """Return the handout of an unused code."""
    free = codes(order).to_hand_out().values_list("pk", flat=True)[:1]
    return hand_out(order=order, codes=list(free), name="Class 7b", by=factories.staff())


def replace_unused(order):
    replace_code(code=order.activation_codes.filter(used=0).first(), by=factories.staff())


def codes(order):
    return ActivationCode.objects.filter(order=order)


def delete_redemption(order):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM activation_codes_redemption")


CHANGES = {
    "redeemed": redeem,
    "removed": remove,
    "first name": lambda order: rename(order, first_name="Anna"),
    "last name": lambda order: rename(order, last_name="Lea"),
    "email": lambda order: rename(order, email="other@example.com"),
    "erased": lambda order: erase_person(user=person_of(order), by=factories.staff()),
    "codes created": create,
    "replaced": replace_unused,
    "handed out": handed_out,
    "code": lambda order: codes(order).filter(used=0)[:1].get().delete(),
    "users per code": lambda order: codes(order).filter(used=0).update(users=7),
    "another person": lambda order: Enrollment.objects.filter(order=order).update(
        user=factories.person()
    ),
    "redemption of another code": lambda order: Redemption.objects.update(
        code=codes(order).filter(used=0).first()
    ),
    "redemption deleted": delete_redemption,
    "moved to another order": lambda order: (
        codes(order).filter(used=0).update(order=factories.order(factories.CODES))
    ),
}
# What the workbook doesn't show.
UNCHANGED = {
    "options": lambda order: change(order, enable_benchmark=True),
    "username": lambda order: rename(order, username="ann2"),
    "signed in": lambda order: rename(order, last_login=timezone.now()),
    "last day": lambda order: Enrollment.objects.update(ends_on=factories.days(3)),
    "suspended": lambda order: change(order, is_active=False),
    "redeemed on another order": lambda order: redeem(other_order()),
}


def other_order():
    other = factories.order(factories.CODES)
    factories.codes(other)
    return other


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_a_change_of_anything_that_it_shows_deletes_it(site, order, ready, admin, act):
    before = expected(order)
    act(order)

    # So the change is one that the workbook shows.
    assert sorted(map(str, expected(order))) != sorted(map(str, before))
    assert not WorkbookPart.objects.exists()
    ready.refresh_from_db()
    assert ready.state == WorkbookState.OUTDATED


@pytest.mark.parametrize(
    "act",
    [
        lambda order: return_codes(order=order, codes=keys(order), by=factories.staff()),
        lambda order: Handout.objects.update(name="Class 8"),
        lambda order: Handout.objects.update(email="b@example.com"),
    ],
    ids=["returned", "name", "email"],
)
def test_a_change_of_a_handout_deletes_it(order, admin, act):
    handed_out(order)
    workbook = request_workbook(order=order, by=admin.user)
    write_workbook.call(workbook.pk)
    assert WorkbookPart.objects.exists()
    act(order)
    assert not WorkbookPart.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"finish_date": factories.days(80)}, {"duration": 31}, {"start_date": factories.days(-9)}],
)
def test_a_change_of_the_orders_facts_deletes_it(order, ready, values):
    change(order, **values)
    assert not WorkbookPart.objects.exists()


def test_other_products_or_another_name_of_the_organization_delete_it(order, ready, admin):
    order.order_products.first().delete()
    assert not WorkbookPart.objects.exists()
    workbook = request_workbook(order=order, by=admin.user)
    write_workbook.call(workbook.pk)
    Organization.objects.filter(pk=order.assigned_to_id).update(name="Tolano College")
    assert not WorkbookPart.objects.exists()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Product, {"name": "Excel Master"}),
        (Product, {"position": 99}),
        (ProductFamily, {"name": "Office 2030"}),
        (ProductFamily, {"position": 99}),
    ],
)
def test_another_name_or_place_of_a_product_deletes_it(order, ready, model, values):
    product = order.products.first()
    key = product.pk if model is Product else product.family_id
    other = Product.objects.create(family=ProductFamily.objects.create(name="Other"), name="Other")
    Product.objects.filter(pk=other.pk).update(name="Another")
    assert WorkbookPart.objects.exists()
    model.objects.filter(pk=key).update(**values)
    assert not WorkbookPart.objects.exists()


def test_a_restored_person_deletes_it(order, admin):
    remove(order)
    workbook = request_workbook(order=order, by=admin.user)
    write_workbook.call(workbook.pk)
    restore(order)
    assert not WorkbookPart.objects.exists()


@pytest.mark.parametrize("act", UNCHANGED.values(), ids=UNCHANGED)
def test_it_is_kept_when_something_else_changes(order, ready, admin, act):
    before = expected(order)
    act(order)

    assert expected(order) == before
    assert rows(take_workbook(order=order, by=admin.user)) == before


def test_every_column_is_of_a_table_that_outdates_it():
    """A new column of the workbook must be added to the triggers, and to the changes above."""
    assert [value for _heading, _width, value in exports.COLUMNS] == [
        "code",
        "users",
        "first_names",
        "last_names",
        "emails",
    ]


def test_a_used_one_that_is_outdated_is_written_again_by_the_worker(site, order, ready):
    downloaded(site.get(window(order, "download/")))
    redeem(order)

    page = site.get(window(order, "download/"), follow=True)

    assert "Writing the workbook: 0 of 9 codes so far" in page_text(page)
    assert CodeWorkbook.objects.get().pk != ready.pk


def test_one_that_nobody_could_download_in_time_is_written_in_the_request(site, order, ready):
    """Or nobody could download an order whose codes are redeemed every minute."""
    redeem(order)
    assert "Codes changed in the meantime" in page_text(site.get(window(order)))

    assert downloaded(site.get(window(order, "download/"))) == expected(order)
    assert CodeDownload.objects.get().number_of_codes == 9
    # But only once, so that not all of them are.
    page = site.get(window(order, "download/"), follow=True)
    assert "Writing the workbook" in page_text(page)


def test_unused_ones_are_deleted_after_a_week(order, ready, admin):
    def aged(**ages):
        ages = {name: timezone.now() - timedelta(days=days) for name, days in ages.items()}
        CodeWorkbook.objects.update(**ages)
        run("clean_up")
        return CodeWorkbook.objects.exists()

    assert aged(requested_at=6)
    assert aged(requested_at=30, downloaded_at=6)
    assert not aged(requested_at=30, downloaded_at=8)
    assert nothing_left()


# Changed while it is written


def test_a_code_redeemed_while_it_is_written_is_in_it(order, waiting, admin, meanwhile):
    left = [redeem, lambda order: None]
    meanwhile(lambda: left.pop(0)(order))

    write_workbook.call(waiting.pk)

    assert left == []
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)
    assert sum(bool(row[2]) for row in expected(order)) == 2


def test_codes_that_change_each_time_are_given_up_and_written_in_the_request(
    site, order, waiting, meanwhile
):
    read = meanwhile(lambda: redeem(order))

    write_workbook.call(waiting.pk)

    assert len(read) == 3
    assert not WorkbookPart.objects.exists()
    assert "Codes changed in the meantime" in page_text(site.get(window(order)))


def test_a_change_that_began_before_the_request_is_not_missed(order, admin, monkeypatch):
    """Its transaction sees no workbook to outdate, and the worker doesn't see the change."""
    version_now = workbooks._version_now

    def while_it_waits(workbook):
        blocked.set()
        return version_now(workbook)

    changed, blocked, written = Event(), Event(), Event()
    monkeypatch.setattr(workbooks, "_version_now", while_it_waits)

    def change_slowly():
        with transaction.atomic():
            redeem(order)
            changed.set()
            assert blocked.wait(30)
            # The worker waits, or it would finish now.
            written.wait(3)

    def write():
        assert changed.wait(30)
        workbook = request_workbook(order=order, by=admin.user)
        write_workbook.call(workbook.pk)
        written.set()

    at_once(change_slowly, write)

    workbook = CodeWorkbook.objects.get()
    assert workbook.is_ready
    assert rows(take_workbook(order=order, by=admin.user)) == expected(order)
    assert sum(bool(row[2]) for row in expected(order)) == 2
