"""assign_license, approve_request, reject_request."""

import pytest
from django.core import mail

from activation_codes.services.codes import save_settings
from licenses.models import Order, Outcome
from licenses.terms import a_year_after
from tests import factories
from tests.commands import contents, refusal, run
from tests.helpers import last_act


@pytest.fixture
def mix(db):
    family = factories.ProductFamily.objects.create(name="Office 2016")
    return [
        factories.Product.objects.create(family=family, name=name)
        for name in ("Access", "Excel Core")
    ]


def newest():
    return Order.objects.latest("pk")


# assign_license

ASSIGN = ["assign_license", "Tolano Adventures"]


def test_assign_a_center_license(sue, center, mix):
    line = run(
        *ASSIGN,
        "center",
        "--product",
        "office 2016",
        "--students",
        40,
        "--start",
        factories.today(),
        "--purchase-order",
        "PO-7",
        "--comments",
        "Welcome.",
        "--teacher-code",
        "SALES-1124-0817",
        "--by",
        "sue",
    )
    order = newest()
    finish = a_year_after(factories.today())
    assert line == (
        f"Order {order.number} (Center License, 40 students, {factories.today()} to {finish}) "
        "was assigned to Tolano Adventures."
    )
    assert (order.assigned_to, order.reviewed_by, order.students) == (center, sue, 40)
    assert set(order.products.all()) == set(mix)
    assert (order.purchase_order, order.approval_comments) == ("PO-7", "Welcome.")
    assert str(order.teacher_code) == "SALES-1124-0817"
    assert last_act(order) == {"action": "order.assigned", "user": sue.pk}


def test_assign_codes_and_a_site_license(sue, center, mix):
    run(*ASSIGN, "codes", "--product", "Office 2016 Access", "--codes", 7, "--by", "sue")
    order = newest()
    assert (order.number_of_codes, order.users_per_code) == (7, 1)
    assert order.duration == (order.finish_date - order.start_date).days
    assert list(order.products.all()) == mix[:1]
    line = run(*ASSIGN, "center", "--product", "Office 2016", "--unlimited", "--by", "sue")
    assert "unlimited students" in line
    assert newest().students is None


def test_assign_from_a_parent_order(sue, center, hub_admin, mix):
    parent = factories.order(
        factories.CODES,
        assigned_to=hub_admin.organization,
        product_mix=mix,
        by=sue,
        number_of_codes=10,
        users_per_code=3,
        finish_date=factories.days(400),
    )
    boxes = {"enable_benchmark": False, "enable_exercises": True, "enable_badges": True}
    save_settings(order=parent, boxes=boxes | {"teacher_required": True}, by=sue)
    argv = [*ASSIGN, "codes", "--product", "Office 2016", "--parent", parent.number]
    argv += ["--by", hub_admin.user.username]
    run(*argv, "--codes", 4)
    order = newest()
    parent.refresh_from_db()
    assert (order.parent, order.users_per_code, order.duration) == (parent, 3, 30)
    assert parent.codes_allocated == 4
    assert not order.enable_benchmark and order.teacher_required
    before = contents()
    assert "has only 6 left; this needs 7" in refusal(*argv, "--codes", 7)
    assert contents() == before


def test_assign_twice_needs_a_word(sue, center, mix):
    argv = [*ASSIGN, "center", "--product", "Office 2016", "--students", 9, "--by", "sue"]
    run(*argv)
    before = contents()
    assert (
        refusal(*argv)
        == f"Order {newest().number} has the same terms. Add --again to assign another."
    )
    assert contents() == before
    run(*argv, "--again")
    assert Order.objects.count() == 2


def test_assign_rehearsed(sue, center, mix):
    before = contents()
    line = run(
        *ASSIGN, "codes", "--product", "Office 2016", "--codes", 7, "--by", "sue", "--dry-run"
    )
    assert line.startswith(
        "Dry run, nothing was changed. A real run says: An order (User Activation Codes, 7 "
    )
    assert contents() == before


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["center"], "number of --students, or --unlimited"),
        (["codes"], "Enter the number of --codes."),
        (["codes", "--codes", "0"], "whole number above 0"),
        (["codes", "--codes", "1000001"], "between 1 and 1,000,000"),
        (["center", "--students", "1.000"], "without a decimal point"),
        (["codes", "--codes", "5", "--unlimited"], "can't be unlimited"),
        (["center", "--students", "few"], "whole number above 0"),
        (["center", "--students", "5", "--start", "soon"], "is not a date"),
        (["center", "--students", "5", "--finish", "2001-01-01"], "before the start date"),
        (["codes", "--codes", "5", "--finish", "2001-01-01"], "before the start date"),
        (["center", "--students", "5", "--codes", "5"], "only for User Activation Codes"),
        (["center", "--students", "5", "--product", "Office 95"], 'on offer named "Office 95"'),
        (["center", "--students", "5", "--parent", "9"], "There is no order 9."),
        (["center", "--students", "5", "--teacher-code", "X"], "5-4-4"),
        (["center", "--students", "5", "--purchase-order", "x" * 65], "64"),
        (["center", "--students", "5", "--comments", "x" * 4001], "at most 4,000"),
        (["house", "--students", "5"], "invalid choice: 'house'"),
    ],
)
def test_assign_refuses(sue, center, mix, argv, message):
    before = contents()
    assert message in refusal(*ASSIGN, *argv, "--product", "Office 2016", "--by", "sue")
    assert contents() == before


def test_assign_needs_the_right(sue, admin, hub_admin, mix):
    argv = ["center", "--students", 5, "--product", "Office 2016", "--by"]
    before = contents()
    line = refusal(*ASSIGN, *argv, hub_admin.user.username)
    assert line == "Only CCI staff can do this."
    assert "no user" in refusal(*ASSIGN, *argv, "nobody")
    assert "vendor itself" in refusal("assign_license", "CCI Learning", *argv, "sue")
    assert 'no organization "Nowhere"' in refusal("assign_license", "Nowhere", *argv, "sue")
    assert contents() == before


def test_retired_products_are_not_assigned(sue, center, mix):
    factories.Product.objects.filter(pk=mix[0].pk).update(is_retired=True)
    argv = [*ASSIGN, "center", "--students", 5, "--by", "sue", "--product"]
    assert "on offer" in refusal(*argv, "Office 2016 Access")
    run(*argv, "Office 2016")
    assert list(newest().products.all()) == mix[1:]


# approve_request, reject_request


def test_approve_a_new_license(sue, admin, hub_admin):
    license_request = factories.license_request(membership=admin)
    mail.outbox.clear()
    line = run("approve_request", license_request.number, "--by", "sue", "--comments", "Good luck.")
    license_request.refresh_from_db()
    assert line == (
        f"The request from Tolano Adventures for order {license_request.number} was approved, "
        f"{license_request.start_date} to {license_request.finish_date}."
    )
    assert (license_request.outcome, license_request.reviewed_by, license_request.students) == (
        Outcome.APPROVED,
        sue,
        30,
    )
    assert license_request.approval_comments == "Good luck."
    assert len(mail.outbox) == 2
    before = contents()
    line = refusal("approve_request", license_request.number, "--by", "sue")
    assert line == f"This request is no longer pending: it was approved by {sue}."
    assert contents() == before


def test_approve_with_other_terms(sue, admin):
    license_request = factories.license_request(factories.CODES, membership=admin, users_per_code=2)
    start, finish = factories.days(3), factories.days(40)
    run(
        "approve_request",
        license_request.number,
        "--start",
        start,
        "--finish",
        finish,
        "--codes",
        9,
        "--users-per-code",
        4,
        "--duration",
        20,
        "--by",
        "sue",
    )
    license_request.refresh_from_db()
    assert (license_request.start_date, license_request.finish_date) == (start, finish)
    assert (
        license_request.number_of_codes,
        license_request.users_per_code,
        license_request.duration,
    ) == (9, 4, 20)


@pytest.mark.parametrize("argv", [[], ["--codes", 5]], ids=["as requested", "codes"])
def test_activation_codes_are_never_unlimited(sue, admin, argv):
    license_request = factories.license_request(factories.CODES, membership=admin)
    before = contents()
    line = refusal("approve_request", license_request.number, *argv, "--unlimited", "--by", "sue")
    assert line == "Only a Center License can be --unlimited."
    assert contents() == before


def test_a_supplier_approves_from_a_parent_order(admin, hub_admin, sue):
    license_request = factories.license_request(factories.CODES, membership=admin)
    parent = factories.order(
        factories.CODES,
        assigned_to=hub_admin.organization,
        product_mix=list(license_request.products.all()),
        number_of_codes=50,
        finish_date=factories.days(900),
        duration=400,
        by=sue,
    )
    argv = ["approve_request", license_request.number, "--by", hub_admin.user.username]
    boxes = {"enable_benchmark": True, "enable_exercises": True, "enable_badges": False}
    save_settings(order=parent, boxes=boxes | {"teacher_required": False}, by=sue)
    before = contents()
    assert "Choose the order to allocate from" in refusal(*argv)
    assert contents() == before
    run(*argv, "--parent", parent.number)
    parent.refresh_from_db()
    assert parent.codes_allocated == 30
    license_request.refresh_from_db()
    assert not license_request.enable_badges


def test_approve_a_renewal(sue, admin):
    old = factories.order(assigned_to=admin.organization)
    factories.renewal_request(old, membership=admin)
    line = run("approve_request", old.number, "--students", 55, "--by", "sue")
    new = Order.objects.get(renewal_of=old)
    assert line == (
        f"The renewal of order {old.number} for Tolano Adventures was approved: "
        f"order {new.number}, {new.start_date} to {new.finish_date}."
    )
    assert new.students == 55
    assert "was approved by" in refusal("approve_request", old.number, "--by", "sue")


def test_reject_both_kinds(sue, admin):
    license_request = factories.license_request(membership=admin)
    line = run("reject_request", license_request.number, "--comments", "No.", "--by", "sue")
    assert (
        line
        == f"The request from Tolano Adventures for order {license_request.number} was rejected."
    )
    old = factories.order(assigned_to=admin.organization)
    renewal = factories.renewal_request(old, membership=admin)
    line = run("reject_request", old.number, "--renewal", "--comments", "No.", "--by", "sue")
    assert line == f"The renewal of order {old.number} for Tolano Adventures was rejected."
    license_request.refresh_from_db()
    renewal.refresh_from_db()
    assert license_request.outcome == renewal.outcome == Outcome.REJECTED
    assert license_request.approval_comments == renewal.approval_comments == "No."
    assert "was rejected by" in refusal(
        "reject_request", old.number, "--comments", "No.", "--by", "sue"
    )


@pytest.mark.parametrize("command", ["approve_request", "reject_request"])
@pytest.mark.parametrize("kind", ["new", "renewal"])
def test_reviews_are_rehearsed(sue, admin, command, kind):
    if kind == "new":
        number = factories.license_request(membership=admin).number
    else:
        number = factories.order(assigned_to=admin.organization).number
        factories.renewal_request(Order.objects.get(number=number), membership=admin)
    mail.outbox.clear()
    before = contents()
    more = ["--comments", "So be it."]
    line = run(command, number, "--by", "sue", "--dry-run", *more)
    assert line.startswith("Dry run, nothing was changed. A real run says: The re")
    assert contents() == before
    assert not mail.outbox


@pytest.mark.parametrize("command", ["approve_request", "reject_request"])
def test_reviews_are_refused(sue, admin, hub_admin, foreign_admin, command):
    license_request = factories.license_request(membership=admin)
    order = factories.order(assigned_to=admin.organization, by=sue)
    before = contents()
    more = ["--comments", "Well.", "--by"]
    assert "There is no order 9." in refusal(command, 9, *more, "sue")
    assert "whole number" in refusal(command, "nine", *more, "sue")
    assert f"Order {order.number} has no pending request." in refusal(
        command, order.number, *more, "sue"
    )
    assert "has no pending renewal request" in refusal(
        command, license_request.number, "--renewal", *more, "sue"
    )
    for who in (admin, foreign_admin):
        line = refusal(command, license_request.number, *more, who.user.username)
        assert line == "Only Harbour Hub can review this request."
    assert contents() == before


def test_reject_needs_a_reason(sue, admin):
    license_request = factories.license_request(membership=admin)
    before = contents()
    assert "required: --comments" in refusal(
        "reject_request", license_request.number, "--by", "sue"
    )
    line = refusal("reject_request", license_request.number, "--by", "sue", "--comments", " ")
    assert line == "Enter the reason for rejecting the request."
    assert contents() == before
