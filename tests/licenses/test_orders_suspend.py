"""The Suspend and Resume windows, of orders that we assigned."""

import pytest
from django.core import mail

from licenses import permissions
from licenses.models import Order
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(sign_in, hub_admin):
    return sign_in(hub_admin)


@pytest.fixture
def child(hub, center, hub_admin):
    return allocate(parent_of(hub), center, hub_admin.user)


@pytest.fixture
def suspended(child, hub_admin):
    suspend_order(order=child, by=hub_admin.user, reason="Unpaid")
    return child


def address(order, act):
    return f"/inventory/{order.number}/{act}/"


def fresh(order):
    return Order.objects.get(pk=order.pk)


def test_it_suspends_with_a_reason_and_notifies_the_holder(
    site, child, admin, django_capture_on_commit_callbacks
):
    page = site.get(address(child, "suspend"))
    assert text(parsed(page).cssselect("h1")[0]) == "Suspend License"
    assert facts(page)["Assigned To"] == "Tolano Adventures"

    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(address(child, "suspend"), {"reason": "Unpaid since May"})

    assert (response.status_code, response.url) == (302, "/inventory/")
    [said] = notifications(site.get("/inventory/"))
    assert said.startswith(f"Order {child.number} of {child.assigned_to} is suspended.")
    assert fresh(child).suspension_reason == "Unpaid since May"
    sent = [message for message in mail.outbox if "is suspended" in message.subject]
    assert [message.to for message in sent] == [[admin.user.email]]
    for body in (sent[0].body, sent[0].alternatives[0][0]):
        assert "Unpaid since May" in body
        assert str(child.parent.number) not in body
    assert "\n\nReason:\n> Unpaid since May\n\n" in sent[0].body


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_without_a_reason_or_with_too_long_a_one_nothing_happens(site, child, reason):
    response = site.post(address(child, "suspend"), {"reason": reason})

    assert set(field_errors(response)) == {"reason"}
    assert fresh(child).suspended_at is None


def test_it_resumes_and_notifies_the_holder(
    site, suspended, admin, django_capture_on_commit_callbacks
):
    page = site.get(address(suspended, "resume"))
    assert text(parsed(page).cssselect("h1")[0]) == "Resume License"
    assert facts(page)["Reason"] == "Unpaid"

    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(address(suspended, "resume"))

    assert (response.status_code, response.url) == (302, "/inventory/")
    assert fresh(suspended).suspended_at is None
    assert notifications(site.get("/inventory/")) == [
        f"Order {suspended} was resumed. We'll notify {suspended.assigned_to}."
    ]
    sent = [message for message in mail.outbox if "is lifted" in message.subject]
    assert [message.to for message in sent] == [[admin.user.email]]


def test_an_order_still_suspended_with_its_parent_order_is_not_called_usable(
    site, suspended, staff
):
    suspend_order(order=suspended.parent, by=staff, reason="Shared")
    site.post(address(suspended, "resume"))
    [message] = notifications(site.get("/inventory/"))
    assert message.endswith("It stays suspended until its parent order is resumed.")


def test_each_suspension_of_an_order_notifies(
    site, child, admin, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            site.post(address(child, "suspend"), {"reason": "Unpaid"})
            site.post(address(child, "resume"))
    subjects = [message.subject for message in mail.outbox]
    assert sum("is suspended" in subject for subject in subjects) == 2
    assert sum("is lifted" in subject for subject in subjects) == 2


def test_twice_is_refused_in_words(site, suspended):
    response = site.post(address(suspended, "suspend"), {"reason": "Unpaid"})
    assert "This order is already suspended." in page_text(response)
    site.post(address(suspended, "resume"))
    response = site.post(address(suspended, "resume"))
    assert response.status_code == 200
    assert "This order isn't suspended." in page_text(response)


@pytest.mark.parametrize("act", ["suspend", "resume"])
def test_as_a_dialog(site, suspended, act):
    response = site.get(address(suspended, act), **DIALOG)
    assert b"<html" not in response.content


def test_links_windows_and_the_service_follow_the_permission(site, suspended, hub, monkeypatch):
    """What is out of scope stays 404."""
    own = suspended.parent
    assert address(own, "suspend") not in site.get(address(own, "edit")).content.decode()
    monkeypatch.setattr(permissions.can_suspend, "rule", lambda order, actor: True)

    assert address(own, "suspend") in site.get(address(own, "edit")).content.decode()
    assert site.get(address(own, "suspend")).status_code == 200
    assert site.post(address(own, "suspend"), {"reason": "Unpaid"}).status_code == 302
    assert fresh(own).suspended_by_organization == hub
    assert site.get(address(factories.order(), "suspend")).status_code == 404


@pytest.mark.parametrize("act", ["suspend", "resume"])
def test_only_the_assigner_and_no_other_method(
    site, sign_in, suspended, admin, foreign_admin, center, act
):
    assert site.get(address(factories.order(assigned_to=center), act)).status_code == 404
    assert site.get(address(suspended.parent, act)).status_code == 404
    assert site.get(address(factories.order(), act)).status_code == 404
    assert sign_in(admin).post(address(suspended, act), {"reason": "x"}).status_code == 403
    assert site.put(address(suspended, act)).status_code == 405
    assert fresh(suspended).suspended_at is not None
