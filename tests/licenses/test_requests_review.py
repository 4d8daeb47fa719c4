"""The Review Request window of a request for a new license."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import Level, Membership
from licenses.models import Order, Outcome
from licenses.services.requests import forward_request, reject_request
from tests import factories
from tests.factories import CODES, days
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def parent(hub, mix):
    return factories.order(assigned_to=hub, product_mix=mix, finish_date=days(500))


@pytest.fixture
def license_request(admin, hub_admin, mix):
    return factories.license_request(
        membership=admin, product_mix=mix, purchase_order="PO-7", comments="Two classes"
    )


def address(order):
    return f"/inventory/{order.number}/decide/"


def values(license_request, parent, decision="approve", /, **changed):
    """The window's form, filled in."""
    typed = {
        "decision": decision,
        "parent": parent.pk,
        "students": 30,
        "start_date": factories.today().isoformat(),
        "finish_date": days(365).isoformat(),
        "products": [product.pk for product in license_request.products.all()],
        "approval_comments": "Have a good term",
    }
    return {name: value for name, value in (typed | changed).items() if value is not None}


def fresh(order):
    order.refresh_from_db()
    return order


def test_the_request_is_shown_beside_the_result_of_approving(site, license_request, parent, admin):
    response = site.get(address(license_request))
    shown = facts(response)

    assert shown["Requested By"] == f"Tolano Adventures {admin.user}"
    assert (shown["Order Number"], shown["Students"]) == (str(license_request.number), "30")
    assert (shown["Purchase Order"], shown["Requester Comments"]) == ("PO-7", "Two classes")
    for product in license_request.products.all():
        assert product.name in shown["Products"]
    assert shown["Allocated From"] == f"{parent.number} Available"
    assert shown["Available Now"] == "100 of 100 seats"
    assert shown["Available After Approval"] == "70"
    assert shown["The Requester Will See"] == "Approved as requested."
    page = parsed(response)
    assert [text(option) for option in page.cssselect("#id_parent option")] == [
        f"{parent.number}: 100 seats left, until {parent.finish_date}"
    ]
    assert page.cssselect("#id_students")[0].get("value") == "30"
    assert page.cssselect("#id_finish_date")[0].get("value") <= parent.finish_date.isoformat()
    assert "Pending review by Harbour Hub since" in page_text(response)


def test_it_works_as_a_dialog(site, license_request, parent):
    response = site.get(address(license_request), **DIALOG)
    assert b"<html" not in response.content
    assert "data-hx-post" in response.content.decode()


def test_check_shows_the_result_of_the_choice_and_changes_nothing(
    site, license_request, parent, hub, mix
):
    other = factories.order(assigned_to=hub, product_mix=mix, students=25, finish_date=days(500))
    before = list(Order.objects.order_by("pk").values())
    mail.outbox.clear()

    response = site.post(
        address(license_request),
        values(license_request, other, "check", students="20", products=[mix[0].pk, mix[2].pk]),
    )

    assert response.status_code == 200
    shown = facts(response)
    assert shown["Allocated From"] == f"{other.number} Available"
    assert shown["Available After Approval"] == "5"
    assert "Students: 20 instead of 30" in shown["The Requester Will See"]
    assert f"{mix[1]} was removed" in shown["The Requester Will See"]
    page = parsed(response)
    assert page.cssselect("#id_parent option[selected]")[0].get("value") == str(other.pk)
    assert page.cssselect("#id_approval_comments")[0].text.strip() == "Have a good term"
    assert list(Order.objects.order_by("pk").values()) == before
    assert mail.outbox == []


def test_check_names_a_shortage(site, license_request, parent):
    response = site.post(
        address(license_request), values(license_request, parent, "check", students="130")
    )
    assert facts(response)["Available After Approval"] == "30 too few"
    assert "This can't be approved: The parent order has only 100 left" in page_text(response)


def test_approved_as_requested(
    site, license_request, parent, admin, django_capture_on_commit_callbacks
):
    Order.objects.filter(pk=parent.pk).update(purchase_order="SECRET-PO")
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(address(license_request), values(license_request, parent))

    assert (response.status_code, response.url) == (302, "/inventory/")
    fresh(license_request)
    assert (license_request.outcome, license_request.parent, license_request.students) == (
        Outcome.APPROVED,
        parent,
        30,
    )
    assert license_request.changes == []
    assert notifications(site.get("/inventory/")) == [
        f"The request from Tolano Adventures was approved: order {license_request.number}. "
        "We'll notify Tolano Adventures."
    ]
    (message,) = mail.outbox
    assert message.to == [admin.user.email]
    for body in (message.body, message.alternatives[0][0]):
        assert "Have a good term" in body
        assert "SECRET-PO" not in body and str(parent.number) not in body


def test_approved_with_changes_that_the_requester_reads(
    site, sign_in, admin, license_request, parent, mix
):
    site.post(
        address(license_request),
        values(license_request, parent, students="20", products=[mix[0].pk]),
    )
    change = "Students: 20 instead of 30"
    assert fresh(license_request).changes_described == [
        change,
        f"{mix[1]} was removed",
        f"{mix[2]} was removed",
    ]
    shown = facts(sign_in(admin).get(f"/inventory/{license_request.number}/edit/"))
    assert change in shown["Decision"] and f"{mix[2]} was removed" in shown["Decision"]


def test_codes_are_approved(site, admin, hub, mix):
    license_request = factories.license_request(
        CODES, membership=admin, product_mix=mix, students=9, users_per_code=2
    )
    parent = factories.order(
        CODES,
        assigned_to=hub,
        product_mix=mix,
        number_of_codes=10,
        users_per_code=2,
        duration=60,
        finish_date=days(500),
    )
    page = parsed(site.get(address(license_request)))
    assert page.cssselect("#id_number_of_codes")[0].get("value") == "5"
    assert page.cssselect("#id_duration")[0].get("value") == "60"
    typed = values(license_request, parent, students=None, number_of_codes=5, duration=60)
    site.post(address(license_request), typed)
    fresh(license_request)
    assert (
        license_request.number_of_codes,
        license_request.users_per_code,
        license_request.duration,
    ) == (5, 2, 60)
    assert license_request.changes == []


def test_rejected_with_a_comment_whatever_the_terms(site, license_request, parent):
    typed = values(
        license_request, parent, "reject", students="x", approval_comments="Nothing left"
    )
    assert site.post(address(license_request), typed).status_code == 302
    fresh(license_request)
    assert (license_request.outcome, license_request.approval_comments) == (
        Outcome.REJECTED,
        "Nothing left",
    )
    assert notifications(site.get("/inventory/")) == [
        "The request from Tolano Adventures was rejected. We'll notify Tolano Adventures that "
        f"order {license_request.number} was not granted."
    ]


def test_to_reject_needs_a_comment(site, license_request, parent):
    response = site.post(
        address(license_request), values(license_request, parent, "reject", approval_comments="")
    )
    assert field_errors(response) == {
        "approval_comments": "Enter the reason for rejecting the request."
    }
    assert fresh(license_request).is_pending


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"students": "101"}, "students", "The parent order has only 100 left; this needs 101."),
        ({"students": ""}, "students", "This field is required."),
        ({"students": "many"}, "students", "Enter a whole number, such as 1,000."),
        ({"start_date": "soon"}, "start_date", "Enter a date as yyyy-mm-dd"),
        ({"finish_date": "2099-01-01"}, "finish_date", "The parent order runs from"),
        (
            {"start_date": str(factories.days(-5)), "finish_date": str(factories.days(-1))},
            "finish_date",
            "This date is in the past; today is",
        ),
        ({"products": None}, "products", "Choose at least one product."),
        ({"parent": None}, "parent", "This field is required."),
        ({"parent": "1"}, "parent", "Select a valid choice."),
    ],
)
def test_bad_input_is_shown_next_to_its_field_and_nothing_is_lost(
    site, license_request, parent, wrong, field, message
):
    response = site.post(address(license_request), values(license_request, parent, **wrong))
    assert response.status_code == 200
    assert message in field_errors(response)[field]
    comments = parsed(response).cssselect("#id_approval_comments")[0]
    assert comments.text.strip() == "Have a good term"
    assert fresh(license_request).is_pending


def test_a_foreign_order_is_no_parent_order_and_a_foreign_product_no_choice(
    site, license_request, parent, mix
):
    foreign = factories.order(product_mix=mix)
    other = factories.products(1)[0]
    page = site.post(
        address(license_request), values(license_request, foreign, products=[other.pk])
    )
    assert set(field_errors(page)) == {"parent", "products"}
    assert other.name not in page_text(page)


def test_without_a_parent_order_the_request_stays_pending_and_can_be_rejected(
    site, license_request
):
    response = site.get(address(license_request))
    shown = page_text(response)
    assert "You have no order of this type in force." in shown
    assert "You can leave the request pending" in shown
    buttons = [text(button) for button in parsed(response).cssselect(".window-actions button")]
    assert buttons == ["Reject"]
    refused = site.post(address(license_request), {"decision": "approve"})
    assert "You have no order of this type in force." in page_text(refused)
    site.post(address(license_request), {"decision": "reject", "approval_comments": "Nothing"})
    assert fresh(license_request).outcome == Outcome.REJECTED


@pytest.mark.parametrize("decision", ["approve", "reject", "check"])
def test_the_second_reviewer_sees_the_outcome(site, hub, license_request, parent, decision):
    colleague = factories.member(hub)
    reject_request(request=license_request, by=colleague.user, comments="No")
    response = site.post(address(license_request), values(license_request, parent, decision))
    assert response.status_code == 302
    assert notifications(site.get("/inventory/")) == [
        f"This request is no longer pending: it was rejected by {colleague.user}."
    ]
    shown = site.get(address(license_request))
    assert f"This request is no longer pending: rejected by {colleague.user}" in page_text(shown)
    assert not parsed(shown).cssselect("main form")


def test_a_forwarded_request_shows_the_suppliers_own(site, license_request, parent, hub_admin):
    own = forward_request(request=license_request, by=hub_admin.user)
    page = parsed(site.get(address(license_request)))
    assert f"order {own.number}" in text(page)
    assert "Forward to" not in text(page)
    assert page.cssselect(f'a[href^="/inventory/{own.number}/edit/"]')


def test_only_for_the_addressee(sign_in, license_request, parent, admin, hub, center):
    """A request in one's own scope can be seen, but not reviewed; others are not found."""
    above = factories.member(factories.organization(level=Level.RESELLER))
    sibling = factories.member(factories.organization(level=Level.HUB))
    cousin = factories.member(factories.organization(parent=sibling.organization))
    for who, status in ((admin, 403), (above, 404), (sibling, 404), (cousin, 403)):
        for answer in (
            sign_in(who).get(address(license_request)),
            sign_in(who).post(address(license_request), values(license_request, parent)),
        ):
            assert answer.status_code == status
            assert "Two classes" not in page_text(answer)
    assert fresh(license_request).is_pending


def test_an_organization_above_the_supplier_sees_it_but_does_not_review(sign_in):
    reseller = factories.member(factories.organization(level=Level.RESELLER))
    hub = factories.organization(level=Level.HUB, parent=reseller.organization)
    license_request = factories.license_request(
        membership=factories.member(factories.organization(parent=hub))
    )
    assert sign_in(reseller).get(address(license_request)).status_code == 403
    assert (
        sign_in(reseller).post(address(license_request), {"decision": "reject"}).status_code == 403
    )


def test_a_removed_role_no_longer_reviews(site, license_request, parent, hub):
    assert site.get(address(license_request)).status_code == 200
    Membership.objects.filter(organization=hub).delete()
    assert site.post(address(license_request), values(license_request, parent)).status_code == 403
    assert fresh(license_request).is_pending


def test_an_order_that_is_no_request_has_no_such_window(site, hub, center, parent, mix, hub_admin):
    child = factories.order(
        assigned_to=center, parent=parent, product_mix=mix, by=hub_admin.user, students=1
    )
    assert site.get(address(child)).status_code == 404
    own = factories.license_request(membership=hub_admin)
    assert site.get(address(own)).status_code == 403


def test_other_methods(site, license_request):
    assert site.put(address(license_request)).status_code == 405


def test_the_same_number_of_queries_for_many_parent_orders(
    site, license_request, parent, hub, mix, django_assert_max_num_queries
):
    site.get(address(license_request))
    with django_assert_max_num_queries(30) as few:
        site.get(address(license_request))
    for _at in range(10):
        factories.order(assigned_to=hub, product_mix=mix, finish_date=days(400))
    with django_assert_max_num_queries(len(few)):
        site.get(address(license_request))
