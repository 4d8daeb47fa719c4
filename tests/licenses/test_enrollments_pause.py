"""The Pause Enrollment and Resume Enrollment windows."""

import pytest

from licenses.models import Order
from licenses.services.enrollments import pause_joining, unpause_joining
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(hub, center, hub_admin):
    return allocate(parent_of(hub), center, hub_admin.user)


@pytest.fixture
def paused(child, hub_admin):
    pause_joining(order=child, by=hub_admin.user, reason="In a forum")
    return child


def address(order, act):
    return f"/inventory/{order.number}/{act}/"


def is_paused(order):
    return Order.objects.get(pk=order.pk).joining_paused_at is not None


def test_opening_the_page_from_an_email_does_nothing(sign_in, admin, child):
    page = sign_in(admin).get(address(child, "pause"))
    assert text(parsed(page).cssselect("h1")[0]) == "Pause Enrollment"
    assert not is_paused(child)


@pytest.mark.parametrize("persona", ["admin", "hub_admin"])
def test_holder_and_assigner_pause_with_or_without_a_reason(request, sign_in, child, persona):
    site = sign_in(request.getfixturevalue(persona))
    for reason in ("In a forum", ""):
        response = site.post(address(child, "pause"), {"reason": reason})
        assert (response.status_code, response.url) == (302, "/inventory/")
        assert Order.objects.get(pk=child.pk).joining_pause_reason == reason
        unpause_joining(order=child, by=request.getfixturevalue(persona).user)
    assert (
        notifications(site.get("/inventory/"))
        == [
            f"Enrollment on order {child} is paused. No one can join it until you resume "
            "enrollment."
        ]
        * 2
    )


def test_allowing_again(sign_in, admin, paused):
    site = sign_in(admin)
    page = site.get(address(paused, "unpause"))
    assert text(parsed(page).cssselect("h1")[0]) == "Resume Enrollment"
    assert "In a forum" in facts(page)["Students"]

    response = site.post(address(paused, "unpause"))

    assert (response.status_code, response.url) == (302, "/inventory/")
    assert notifications(site.get("/inventory/")) == [
        f"Enrollment on order {paused} was resumed. People can join it again."
    ]
    assert not is_paused(paused)


def test_too_long_a_reason_is_shown_again(sign_in, admin, child):
    response = sign_in(admin).post(address(child, "pause"), {"reason": "x" * 501})
    assert set(field_errors(response)) == {"reason"}
    assert not is_paused(child)


def test_twice_is_refused_in_words(sign_in, admin, paused):
    site = sign_in(admin)
    again = page_text(site.post(address(paused, "pause"), {"reason": ""}))
    assert "Enrollment is already paused." in again
    site.post(address(paused, "unpause"))
    again = page_text(site.post(address(paused, "unpause")))
    assert "Enrollment isn't paused." in again


@pytest.mark.parametrize("act", ["pause", "unpause"])
def test_as_a_dialog_for_no_others_and_by_no_other_method(
    sign_in, admin, foreign_admin, hub_admin, center, paused, act
):
    assert b"<html" not in sign_in(admin).get(address(paused, act), **DIALOG).content
    assert sign_in(admin).put(address(paused, act)).status_code == 405
    assert sign_in(foreign_admin).post(address(paused, act)).status_code == 404
    by_cci = factories.order(assigned_to=center)
    assert sign_in(hub_admin).post(address(by_cci, act)).status_code == 403
    requested = factories.license_request(membership=admin)
    assert sign_in(admin).get(address(requested, act)).status_code == 404
    assert is_paused(paused)


def test_edit_order_and_the_row_say_so_to_people_who_see_the_order(
    sign_in, hub_admin, admin, paused
):
    for who in (admin, hub_admin):
        site = sign_in(who)
        page = page_text(site.get(address(paused, "edit")))
        shown = f"{hub_admin.user} paused enrollment on {factories.today()}."
        assert shown in page and "In a forum" in page
        assert page_text(site.get("/inventory/")).count("Enrollment paused") == 1
