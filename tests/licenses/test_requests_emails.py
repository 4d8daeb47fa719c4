"""The emails about a request for a new license: their readers and their text."""

import pytest
from django.core import mail
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import Notice
from licenses import emails
from licenses.models import Order
from licenses.services.requests import approve_request, offered_terms, reject_request
from tests import factories
from tests.helpers import change

WILD = 'Zoë & "Co" <script>alert(1)</script>'


def sent_emails():
    return {message.to[0]: message for message in mail.outbox}


def html_of(message):
    (alternative,) = message.alternatives
    assert alternative.mimetype == "text/html"
    return alternative.content


@pytest.fixture
def center_of_cci(db):
    return factories.organization("Tolano Adventures")


def request_by(membership, kind=factories.CENTER, **values):
    return factories.license_request(kind, membership=membership, **values)


def test_a_request_notifies_cci_staff(center_of_cci, staff, settings):
    colleague = factories.staff()
    factories.staff(is_active=False)
    kim = factories.member(center_of_cci)
    order = request_by(kim, purchase_order="PO-77", comments="Two classes.\nFrom Monday.")
    assert set(sent_emails()) == {staff.email, colleague.email}
    message = sent_emails()[staff.email]
    assert message.subject == f"Tolano Adventures requested a new license (order {order.number})"
    page = reverse("admin:licenses_licenserequest_change", args=[order.pk])
    for text in (message.body, html_of(message)):
        for fact in ("PO-77", "Center License", "Two classes.", "30", str(order.number)):
            assert fact in text
        assert str(kim.user) in text
        assert f"{settings.SITE_URL}{page}" in text
        assert settings.SUPPORT_PHONE in text
        assert settings.SUPPORT_URL in text
    for product in order.products.all():
        assert product.name in message.body
    assert "Two classes.<br>From Monday." in html_of(message)


def test_a_request_notifies_the_suppliers_administrators(admin, hub_admin, staff):
    order = request_by(admin)
    assert set(sent_emails()) == {hub_admin.user.email}
    message = sent_emails()[hub_admin.user.email]
    assert reverse("licenses:order_review", args=[order.number]) in message.body
    assert "/admin/" not in message.body + html_of(message)


def test_a_review_notifies_the_requester(admin, hub_admin):
    order = request_by(admin, comments="Please.")
    mail.outbox.clear()
    parent = factories.order(
        assigned_to=hub_admin.organization, product_mix=list(order.products.all())
    )
    approve_request(
        request=order,
        by=hub_admin.user,
        terms=factories.terms(students=25),
        comments="Have a good term.",
        parent=parent,
    )
    (message,) = mail.outbox
    order.refresh_from_db()
    assert message.to == [admin.user.email]
    assert message.subject == (f"New license for Tolano Adventures approved (order {order.number})")
    for text in (message.body, html_of(message)):
        assert "Good news" in text
        for fact in ("Have a good term.", "25", str(order.teacher_code)):
            assert fact in text
        assert order.start_date.isoformat() in text
        assert order.finish_date.isoformat() in text
        assert str(parent.number) not in text


def test_an_approved_order_of_codes_says_how_many(center_of_cci, staff):
    order = request_by(
        factories.member(center_of_cci), factories.CODES, students=30, users_per_code=4
    )
    mail.outbox.clear()
    approve_request(request=order, by=staff, terms=offered_terms(order))
    (message,) = mail.outbox
    assert "Number of codes: 8" in message.body
    assert "Users per code: 4" in message.body
    assert "Students: 32" in message.body


def test_unlimited_is_said(center_of_cci, staff):
    request_by(factories.member(center_of_cci), students=None)
    assert "Students Requested: unlimited" in mail.outbox[0].body


def test_an_email_calls_no_order_without_seats_unlimited(center_of_cci, staff):
    order = request_by(factories.member(center_of_cci), students=30)
    approve_request(request=order, by=staff, terms=offered_terms(order))
    change(order, students=0)
    mail.outbox.clear()
    Notice.objects.all().delete()
    emails.notify_request_reviewed.call(order.pk)
    (message,) = mail.outbox
    assert "Students: 0" in message.body
    assert "unlimited" not in message.body + html_of(message)


def test_a_rejection_says_why(admin, hub_admin):
    order = request_by(admin)
    mail.outbox.clear()
    reject_request(request=order, by=hub_admin.user, comments="No places left.")
    (message,) = mail.outbox
    assert "rejected" in message.subject
    for text in (message.body, html_of(message)):
        assert "No places left." in text
        assert "Start Date" not in text


def test_a_review_by_cci_notifies_the_supplier_too(admin, hub_admin, staff):
    order = request_by(admin)
    mail.outbox.clear()
    reject_request(request=order, by=staff, comments="Not this year.")
    assert set(sent_emails()) == {admin.user.email, hub_admin.user.email}
    for text in (
        sent_emails()[hub_admin.user.email].body,
        html_of(sent_emails()[hub_admin.user.email]),
    ):
        assert "It was addressed to you" in text
    assert "It was addressed to you" not in sent_emails()[admin.user.email].body


def test_markup_is_escaped_in_html_and_plain_in_text(staff):
    membership = factories.member(
        factories.organization(WILD), user=factories.person("o'neil", first_name="O'<b>Neil")
    )
    order = request_by(membership, purchase_order="<i>&", comments=WILD)
    message = sent_emails()[staff.email]
    assert message.subject.startswith(WILD)
    assert WILD in message.body and "O'<b>Neil" in message.body and "<i>&" in message.body
    html = html_of(message)
    assert "<script>" not in html and "<b>" not in html and "<i>" not in html
    assert "Zoë &amp; &quot;Co&quot; &lt;script&gt;" in html
    mail.outbox.clear()
    reject_request(request=order, by=staff, comments=WILD)
    (message,) = mail.outbox
    assert WILD in message.body and WILD in message.subject
    assert "<script>" not in html_of(message)


def test_html_loads_nothing(center_of_cci, staff):
    request_by(factories.member(center_of_cci))
    html = html_of(mail.outbox[0])
    for loading in ("src=", "<link", "@import", "url(", "<script"):
        assert loading not in html


def test_line_breaks_in_a_name_do_not_reach_the_subject(staff):
    center = factories.organization("Two\r\nBcc: someone@example.com")
    request_by(factories.member(center))
    assert "\n" not in mail.outbox[0].subject


def test_a_task_that_runs_twice_notifies_once(admin, hub_admin):
    order = request_by(admin)
    emails.notify_request_made.enqueue(order.pk)
    assert len(mail.outbox) == Notice.objects.count() == 1


def test_people_without_an_address_are_left_out(admin, hub):
    factories.member(hub, user=factories.person(email=""))
    request_by(admin)
    assert not mail.outbox


def test_the_task_is_queued_in_the_transaction(admin, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    order = request_by(admin)
    task = DBTaskResult.objects.get()
    assert task.task_path == emails.notify_request_made.module_path
    assert task.args_kwargs["args"] == [order.pk]
    assert Order.objects.pending().count() == 1
    assert not mail.outbox


def test_a_supplier_is_notified_of_orders_cci_assigned_to_its_centers(hub_admin, center, staff):
    order = factories.order(assigned_to=center, by=staff, notify=True)

    message = sent_emails()[hub_admin.user.email]
    assert message.subject == f"CCI Learning assigned a license to {center} (order {order.number})"
    for text in (message.body, html_of(message)):
        assert f"{staff} of CCI Learning assigned a license to {center}" in " ".join(text.split())
        assert order.products.first().name in text


def test_nobody_is_notified_of_orders_a_supplier_assigns_itself_or_cci_to_its_own_centers(
    hub, hub_admin, center_of_cci, staff
):
    factories.order(assigned_to=center_of_cci, by=staff, notify=True)
    parent = factories.order(assigned_to=hub, by=staff, notify=True)
    factories.order(
        assigned_to=factories.organization(parent=hub),
        parent=parent,
        product_mix=list(parent.products.all()),
        by=hub_admin.user,
        notify=True,
    )

    assert mail.outbox == []
