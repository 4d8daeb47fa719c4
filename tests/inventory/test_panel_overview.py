"""The overview below the Panel's counts: its numbers are those of the lists that they link to."""

from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone

from jasper_inventory.accounts.models import Level
from jasper_inventory.inventory.attention import NEEDS
from jasper_inventory.inventory.overview import KEPT_FOR, overview_of
from jasper_inventory.support.organization_moves import edit_organization
from licenses.models import Order
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.join_codes import replace_teacher_code
from renewals.models import RenewalRequest
from tests import factories
from tests.pages import numbers, page_text, parsed, text

pytestmark = pytest.mark.django_db

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "overview"}


def ending(days, holder, **values):
    return factories.order(assigned_to=holder, finish_date=factories.days(days), **values)


def full(holder, staff, students=1):
    order = factories.order(assigned_to=holder, students=students)
    enroll_student(order=order, user=factories.person(), by=staff)
    return order


def renewed(order):
    later = factories.order(assigned_to=order.assigned_to)
    Order.objects.filter(pk=later.pk).update(renewal_of=order)
    return order


@pytest.fixture
def every_need(center, staff):
    """An order for each rule and for what is just outside of each; by rule, those inside."""
    soon, later, last = ending(30, center), ending(60, center), ending(90, center)
    ending(91, center)
    ending(-1, center)
    renewed(ending(10, center))
    nearly = factories.order(assigned_to=center, students=5)
    half = factories.order(assigned_to=center, students=5)
    for order, students in ((nearly, 4), (half, 3)):
        for _ in range(students):
            enroll_student(order=order, user=factories.person(), by=staff)
    factories.order(assigned_to=center, students=None)
    without_codes = factories.order(factories.CODES, assigned_to=center)
    factories.codes(factories.order(factories.CODES, assigned_to=center))
    factories.order(factories.CODES, assigned_to=center, is_active=False)
    # Another branch.
    ending(10, factories.organization())
    return {
        "ending-30": {soon},
        "ending-60": {soon, later},
        "ending-90": {soon, later, last},
        "full": {nearly},
        "codes": {without_codes},
        "any": {soon, later, last, nearly, without_codes},
    }


@pytest.mark.parametrize("who", ["admin", "hub_admin"])
def test_each_count_is_the_number_of_the_orders_that_its_link_lists(
    who, request, sign_in, every_need
):
    membership = request.getfixturevalue(who)
    site = sign_in(membership)
    counted = overview_of(membership, factories.today()).needs

    assert set(every_need) == set(NEEDS) == set(counted)
    for need, orders in every_need.items():
        listed = numbers(site.get(f"/inventory/?attention={need}"))
        assert sorted(listed) == sorted(order.number for order in orders), need
        assert counted[need] == len(orders), need


def test_the_page_shows_each_count_with_a_link_to_its_list(sign_in, admin, every_need):
    site = sign_in(admin)
    shown = parsed(site.get("/overview/")).cssselect(".need-counts a")

    counts = {link.get("href"): int(text(link.cssselect("strong")[0])) for link in shown}
    assert len(counts) == 5
    for address, number in counts.items():
        assert len(numbers(site.get(address))) == number, address


def test_a_filter_by_need_is_named_above_the_list(sign_in, admin, every_need):
    page = page_text(sign_in(admin).get("/inventory/?attention=full"))
    assert "Needs Attention: Full or nearly full" in page


def test_nothing_to_do_is_shown_as_all_clear(sign_in, admin, center):
    factories.order(assigned_to=center)
    page = parsed(sign_in(admin).get("/overview/"))
    assert "All clear" in text(page)
    assert page.cssselect(".need-counts") == []


def test_zero_counts_are_left_out(sign_in, admin, center):
    ending(50, center)
    shown = parsed(sign_in(admin).get("/overview/")).cssselect(".need-counts a")
    assert [text(link) for link in shown] == ["1 within 60 days", "1 within 90 days"]


def test_pending_requests_are_shown_since_the_oldest(sign_in, admin, hub_admin, center):
    factories.license_request(membership=admin)
    renewal = factories.renewal_request(factories.order(assigned_to=center), membership=admin)
    since = timezone.now() - timezone.timedelta(days=9)
    RenewalRequest.objects.filter(pk=renewal.pk).update(requested_at=since)
    day = timezone.localdate(since)

    own = page_text(sign_in(admin).get("/overview/"))
    assert f"Your pending requests 2 pending since {day}" in own
    to_review = page_text(sign_in(hub_admin).get("/overview/"))
    assert f"Requests to review 2 pending since {day}" in to_review


def test_a_supplier_sees_the_ten_organizations_that_need_it_most(sign_in, hub_admin, hub):
    centers = [factories.organization(parent=hub) for _ in range(11)]
    for number, center in enumerate(centers, start=1):
        for _ in range(1 + number % 3):
            ending(20, center)
    site = sign_in(hub_admin)
    listed = parsed(site.get("/overview/")).cssselect(".ranked li")

    assert len(listed) == 10
    counted = [int(text(each.cssselect("span")[0]).split()[0]) for each in listed]
    assert counted == sorted(counted, reverse=True)
    for each, number in zip(listed, counted, strict=True):
        assert len(numbers(site.get(each.cssselect("a")[0].get("href")))) == number


def test_a_center_has_no_list_of_organizations(sign_in, admin, center):
    ending(20, center)
    assert parsed(sign_in(admin).get("/overview/")).cssselect(".ranked") == []


def test_the_months_count_the_orders_that_end_within_a_year(sign_in, admin, center):
    today = factories.today()
    ending(0, center)
    renewed(ending(0, center))
    factories.order(assigned_to=center, finish_date=date(today.year + 1, today.month, 28))

    table = parsed(sign_in(admin).get("/overview/")).cssselect(".curve-table tbody tr")

    shown = [text(row).split() for row in table]
    assert len(shown) == 12
    assert shown[0] == [f"{today:%Y-%m}", "2", "1"]
    # The order that renews ends in a year or so, as all orders of these tests do.
    assert sum(int(orders) for _month, orders, _renewed in shown) <= 3


def test_seats_are_summed_by_product(sign_in, admin, center, staff):
    order = full(center, staff, students=4)
    site = sign_in(admin)
    page = parsed(site.get("/overview/"))
    [row] = page.cssselect(".seats-chart tbody tr")
    assert text(row).endswith("1 3")
    [link] = row.cssselect("a")
    assert numbers(site.get(link.get("href"))) == [order.number]


def test_recent_activity_names_people_as_the_history_does(sign_in, admin, hub_admin, center):
    order = factories.order(assigned_to=center)
    replace_teacher_code(order=order, shown=order.teacher_code_id, by=admin.user)
    for membership in (admin, hub_admin):
        [newest, *_older] = parsed(sign_in(membership).get("/overview/")).cssselect(
            ".recent-acts li"
        )
        assert f"order {order.number}" in text(newest)
        assert str(admin.user) in text(newest)


def test_recent_activity_is_of_ones_own_scope_only(sign_in, hub_admin, admin, center):
    own = factories.order(assigned_to=center)
    foreign = factories.order(assigned_to=factories.organization())
    page = page_text(sign_in(hub_admin).get("/overview/"))
    assert f"order {own.number}" in page
    assert f"order {foreign.number}" not in page


def test_a_new_supplier_sees_no_names_of_the_former_one(sign_in, hub, hub_admin, center, staff):
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix)
    given = factories.order(
        assigned_to=center, parent=parent, product_mix=mix, students=5, by=hub_admin.user
    )
    ended = {"start_date": factories.days(-30), "finish_date": factories.days(-1)}
    Order.objects.update(**ended)
    new = factories.organization(level=Level.HUB)
    edit_organization(
        organization=center, name=center.name, level=center.level, parent=new, by=staff
    )
    page = page_text(sign_in(factories.member(new)).get("/overview/"))
    assert f"Assigned order {given.number}" in page
    assert str(hub_admin.user) not in page
    assert hub.name not in page


def test_the_overview_is_loaded_into_the_panel(sign_in, admin):
    site = sign_in(admin)
    [part] = parsed(site.get("/")).cssselect(".home-place")
    assert part.get("data-hx-get") == part.cssselect("a")[0].get("href") == "/overview/"
    loaded = parsed(site.get("/overview/", **PART))
    assert loaded.cssselect("header") == []
    assert loaded.cssselect("#overview")


def test_it_costs_the_same_for_one_order_and_for_many(
    sign_in, hub_admin, hub, django_assert_num_queries
):
    site = sign_in(hub_admin)
    ending(20, factories.organization(parent=hub))
    site.get("/overview/")
    with django_assert_num_queries(11):
        site.get("/overview/")
    for _ in range(8):
        ending(20, factories.organization(parent=hub), students=7)
    with django_assert_num_queries(11):
        site.get("/overview/")


def test_the_sums_of_a_large_branch_are_kept_for_a_moment(django_assert_num_queries):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    membership = factories.member(distributor)
    today = factories.today()
    ending(20, distributor)
    first = overview_of(membership, today)
    ending(20, distributor)
    with django_assert_num_queries(0):
        assert overview_of(membership, today) == first
    cache.clear()
    assert overview_of(membership, today).needs["ending-30"] == 2
    assert KEPT_FOR.total_seconds() <= 300


def test_a_teacher_sees_what_ends_and_who_joined(sign_in, teacher, center, staff):
    order = ending(20, center)
    enrolled = enroll_teacher(order=order, user=teacher.user, by=staff).enrollment
    student = enroll_student(order=order, user=factories.person(), by=staff).enrollment
    student.teacher = enrolled
    student.save()
    page = page_text(sign_in(teacher).get("/"))
    assert "1 license ends within 30 days. 1 student joined you within the last 7 days." in page
