"""The emails about a renewal request: their readers and their text."""

import pytest
from django.core import mail
from django.urls import reverse

from licenses.services.requests import approve_request, offered_terms, reject_request
from renewals import emails
from tests import factories

WILD = "Fish & Chips <b>Ltd</b>"


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=40)


def html_of(message):
    (alternative,) = message.alternatives
    return alternative.content


def test_a_request_notifies_the_suppliers_administrators(order, admin, hub_admin, staff):
    renewal = factories.renewal_request(
        order, membership=admin, purchase_order="PO-2", comments=WILD, code_choice="existing"
    )
    (message,) = mail.outbox
    assert message.to == [hub_admin.user.email]
    assert message.subject == (f"Tolano Adventures requested the renewal of order {order.number}")
    for text in (message.body, html_of(message)):
        for fact in ("PO-2", "Use Existing Code", "40", renewal.finish_date.isoformat()):
            assert fact in text
        assert reverse("renewals:renewal_review", args=[order.number]) in text
    assert WILD in message.body
    assert "<b>" not in html_of(message)
    for product in order.products.all():
        assert product.name in message.body


def test_cci_staff_get_links_into_the_admin(staff, settings):
    order = factories.order(by=staff)
    renewal = factories.renewal_request(order)
    (message,) = mail.outbox
    assert message.to == [staff.email]
    page = reverse("admin:renewals_renewalrequest_change", args=[renewal.pk])
    assert f"{settings.SITE_URL}{page}" in message.body
    assert f"{settings.SITE_URL}{page}" in html_of(message)


def test_approval_notifies_the_requester_of_the_new_order(order, admin, hub_admin):
    renewal = factories.renewal_request(order, membership=admin)
    parent = factories.order(
        assigned_to=order.assigned_to.supplier,
        product_mix=list(order.products.all()),
        finish_date=factories.days(900),
    )
    mail.outbox.clear()
    new = approve_request(
        request=renewal,
        by=hub_admin.user,
        terms=offered_terms(renewal),
        comments="Gladly.",
        parent=parent,
    )
    (message,) = mail.outbox
    assert message.to == [admin.user.email]
    assert message.subject == (f"Renewal of order {order.number} for Tolano Adventures approved")
    for text in (message.body, html_of(message)):
        for fact in ("Good news", "Gladly.", str(new.number), str(new.teacher_code)):
            assert fact in text
        assert reverse("licenses:order_edit", args=[new.number]) in text
        assert str(parent.number) not in text


def test_a_rejection_by_cci_notifies_requester_and_supplier(order, admin, hub_admin, staff):
    renewal = factories.renewal_request(order, membership=admin)
    mail.outbox.clear()
    reject_request(request=renewal, by=staff, comments=WILD)
    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {admin.user.email, hub_admin.user.email}
    assert "It was addressed to you" in sent[hub_admin.user.email].body
    for message in sent.values():
        assert "rejected" in message.subject
        assert WILD in message.body
        assert "Fish &amp; Chips &lt;b&gt;" in html_of(message)


def test_a_renewed_order_of_codes_says_how_many(staff):
    order = factories.order(factories.CODES, number_of_codes=7, by=staff)
    renewal = factories.renewal_request(order)
    mail.outbox.clear()
    approve_request(request=renewal, by=staff, terms=offered_terms(renewal))
    (message,) = mail.outbox
    assert "Number of codes: 7" in message.body


def test_a_task_that_runs_twice_notifies_once(order, admin, hub_admin):
    renewal = factories.renewal_request(order, membership=admin)
    emails.notify_renewal_requested.enqueue(renewal.pk)
    assert len(mail.outbox) == 1
