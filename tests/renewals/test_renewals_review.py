"""The Review Request window of a renewal request, and forwarding it."""

import uuid

import pytest

from jasper_inventory.accounts.models import Level
from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_teacher
from licenses.services.suspensions import suspend_order
from renewals import services
from tests import factories
from tests.factories import days
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed
from tests.renewals.acts import students

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def mix():
    return factories.products(2)


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=days(500))


@pytest.fixture
def old(center, mix):
    return factories.order(assigned_to=center, product_mix=mix, students=20)


@pytest.fixture
def renewal(old, admin):
    return factories.renewal_request(
        old, membership=admin, code_choice="existing", students=30, purchase_order="PO-R"
    )


def address(old):
    return f"/inventory/{old.number}/renewal/decide/"


def values(renewal, parent, decision="approve", **changed):
    return {
        "decision": decision,
        "parent": parent.pk,
        "students": 30,
        "start_date": renewal.start_date.isoformat(),
        "finish_date": renewal.finish_date.isoformat(),
        "approval_comments": "As you wish",
        **changed,
    }


def test_the_old_order_is_shown_beside_the_new_one(site, old, renewal, parent, staff):
    teacher = factories.person()
    enroll_teacher(order=old, user=teacher, by=staff)
    students(old, 3)
    response = site.get(address(old))
    shown = facts(response)
    assert shown["Renewal of Order"] == f"{old.number} Available"
    assert (shown["Purchase Order"], shown["Available After Approval"]) == ("PO-R", "70")
    assert shown["The Requester Will See"] == "Approved as requested."
    page = page_text(response)
    assert f"{old.start_date} to {old.finish_date}" in page
    assert f"Start Date: {renewal.start_date} Finish Date: {renewal.finish_date}" in page
    assert "3 of 20" in page
    assert "One teacher is carried over to the new order." in page
    assert str(teacher) not in page
    assert "3 students keep their seats." in page
    assert not parsed(response).cssselect('input[name="products"]')


def test_it_works_as_a_dialog(site, old, renewal, parent):
    response = site.get(address(old), **DIALOG)
    assert b"<html" not in response.content
    assert "data-hx-post" in response.content.decode()


def test_a_shortage_for_people_who_keep_their_seat_is_shown_and_refused(site, old, renewal, parent):
    students(old, 3)
    page = site.post(address(old), values(renewal, parent, "check", students="2"))
    shortage = "3 students keep their seats, but there is room for only 2: 1 too few."
    assert f"This can't be approved: {shortage}" in page_text(page)
    refused = site.post(address(old), values(renewal, parent, students="2"))
    assert field_errors(refused) == {"students": shortage}
    renewal.refresh_from_db()
    assert renewal.is_pending


def test_approved_with_changes_described_on_the_request_and_the_new_order(
    site, sign_in, admin, old, renewal, parent
):
    finish = renewal.finish_date.replace(day=1)
    typed = values(renewal, parent, students="25", finish_date=finish.isoformat())
    assert site.post(address(old), typed).status_code == 302
    renewal.refresh_from_db()
    new = renewal.new_order
    sentences = [
        "Students: 25 instead of 30",
        f"Finish date: {finish} instead of {renewal.finish_date}",
    ]
    assert renewal.changes_described == new.changes_described == sentences
    assert (new.parent, new.students, new.finish_date) == (parent, 25, finish)
    shown = facts(sign_in(admin).get(f"/inventory/{new.number}/edit/"))
    assert all(sentence in shown["Decision"] for sentence in sentences)
    assert notifications(site.get("/inventory/")) == [
        f"The request from Tolano Adventures was approved: order {new.number}. We'll notify "
        "Tolano Adventures."
    ]


def test_codes_with_the_same_users_per_code(site, admin, center, hub, mix):
    terms = {"product_mix": mix, "users_per_code": 2, "duration": 30}
    old = factories.order(factories.CODES, assigned_to=center, **terms)
    factories.order(factories.CODES, assigned_to=hub, product_mix=mix, users_per_code=1)
    parent = factories.order(
        factories.CODES, assigned_to=hub, number_of_codes=9, finish_date=days(400), **terms
    )
    renewal = factories.renewal_request(old, membership=admin, students=10)
    page = parsed(site.get(address(old)))
    assert [option.get("value") for option in page.cssselect("#id_parent option")] == [
        str(parent.pk)
    ]
    assert page.cssselect("#id_number_of_codes")[0].get("value") == "5"
    typed = values(renewal, parent, number_of_codes=5, duration=30)
    assert site.post(address(old), typed).status_code == 302
    renewal.refresh_from_db()
    assert (renewal.new_order.number_of_codes, renewal.changes) == (5, [])


def test_a_parent_order_needs_all_products_and_the_days(site, old, renewal, hub, mix):
    factories.order(assigned_to=hub, product_mix=mix[:1], finish_date=days(500))
    assert "None of your orders in force has all of these products." in page_text(
        site.get(address(old))
    )
    factories.order(assigned_to=hub, product_mix=mix, finish_date=days(1))
    assert f"end before {renewal.start_date}." in page_text(site.get(address(old)))


def test_a_suspended_order_can_not_be_renewed(site, old, renewal, parent, staff):
    suspend_order(order=old, by=staff, reason="Unpaid")
    assert "This can't be approved: A suspended order" in page_text(site.get(address(old)))


def test_rejected_with_a_comment(site, old, renewal):
    site.post(address(old), {"decision": "reject", "approval_comments": "Nothing left"})
    renewal.refresh_from_db()
    assert (renewal.outcome, renewal.approval_comments) == (Outcome.REJECTED, "Nothing left")
    assert "This request is no longer pending: rejected" in page_text(site.get(address(old)))


def test_it_is_forwarded(site, sign_in, old, renewal, admin, hub):
    where = f"/inventory/{old.number}/renewal/pass-on/"
    assert facts(site.get(where))["Students"] == "30"
    typed = {"form_token": str(uuid.uuid4()), "requester_comments": "For a school"}
    assert site.post(where, typed).status_code == 302
    own = Order.objects.get(assigned_to=hub)
    renewal.refresh_from_db()
    assert renewal.forwarded_as == own
    center = sign_in(admin)
    sentence = "Harbour Hub forwarded it to CCI Learning on"
    for page in (f"{old.number}/edit/", f"{old.number}/renew/withdraw/"):
        assert sentence in page_text(center.get(f"/inventory/{page}"))
    assert "Pending review by CCI Learning" in page_text(center.get("/inventory/"))
    assert f"order {own.number}" in page_text(site.get(address(old)))


def test_only_for_the_addressee(sign_in, site, old, renewal, admin, hub, hub_admin):
    sibling = factories.member(factories.organization(level=Level.HUB))
    cousin = factories.member(factories.organization(parent=sibling.organization))
    for who, status in ((admin, 403), (sibling, 404), (cousin, 403)):
        for way in ("decide", "pass-on"):
            where = f"/inventory/{old.number}/renewal/{way}/"
            assert sign_in(who).get(where).status_code == status
            assert sign_in(who).post(where, {"decision": "reject"}).status_code == status
    own = factories.order(assigned_to=hub)
    assert site.get(address(own)).status_code == 404
    factories.renewal_request(own, membership=hub_admin)
    assert site.get(address(own)).status_code == 403
    assert site.put(address(old)).status_code == 405


def test_the_same_number_of_queries_for_many_parent_orders(
    site, old, renewal, parent, hub, mix, django_assert_max_num_queries
):
    site.get(address(old))
    with django_assert_max_num_queries(35) as few:
        site.get(address(old))
    for _at in range(10):
        factories.order(assigned_to=hub, product_mix=mix, finish_date=days(400))
    students(old, 5)
    with django_assert_max_num_queries(len(few)):
        site.get(address(old))


def test_people_who_keep_a_seat_on_a_new_code(old, admin):
    renewal = factories.renewal_request(old, membership=admin, students=1)
    students(old, 3)
    found = services.keepers(renewal, seats=1)
    assert (found.teachers, found.students, found.short) == (0, 0, 0)
    renewal.code_choice = "existing"
    found = services.keepers(renewal, seats=1)
    assert (found.students, found.short) == (3, 2)
