"""The Edit Order window of a person who switches to another role in another tab meanwhile."""

import pytest

from licenses.models import Order
from tests import factories
from tests.licenses.windows import address, form_of
from tests.pages import facts, page_text, parsed, press_continue, text


@pytest.fixture
def child(hub, center, hub_admin):
    parent = factories.order(assigned_to=hub, students=100)
    mix = list(parent.products.all())
    return factories.order(
        assigned_to=center, parent=parent, by=hub_admin.user, product_mix=mix, students=10
    )


@pytest.fixture
def at_center(hub_admin, center):
    return factories.member(center, user=hub_admin.user)


@pytest.fixture
def site(sign_in, hub_admin, at_center):
    """Signed in with the role of the hub."""
    return sign_in(hub_admin)


def switch(site, role):
    site.post(f"/role/{role.pk}/")


def values_of(order):
    return Order.objects.filter(pk=order.pk).values().get()


def test_an_edit_typed_as_the_assigner_is_refused_and_stays(site, at_center, child):
    before = values_of(child)
    typed = form_of(site.get(address(child))) | {"students": "20", "reason": "More pupils"}
    switch(site, at_center)

    refused = site.post(address(child), typed)

    assert refused.status_code == 409
    assert values_of(child) == before
    again = form_of(press_continue(site, refused))
    assert (again["students"], again["reason"]) == (["20"], ["More pupils"])
    assert site.post(address(child), again).status_code == 302
    child.refresh_from_db()
    assert child.students == 20


def test_an_edit_typed_as_the_holder_is_refused_and_stays(site, hub_admin, at_center, child):
    before = values_of(child)
    switch(site, at_center)
    typed = form_of(site.get(address(child))) | {"reason": "Summer"}
    del typed["is_active"]
    switch(site, hub_admin)

    refused = site.post(address(child), typed)

    assert refused.status_code == 409
    assert values_of(child) == before
    again = form_of(press_continue(site, refused))
    assert again["reason"] == ["Summer"] and "is_active" not in again
    assert site.post(address(child), again).status_code == 302
    child.refresh_from_db()
    assert not child.is_active


def test_if_the_order_is_out_of_the_other_roles_scope_it_stays_too(site, hub_admin, child):
    elsewhere = factories.member(user=hub_admin.user)
    typed = form_of(site.get(address(child))) | {"students": "20"}
    switch(site, elsewhere)

    refused = site.post(address(child), typed)

    assert site.get(address(child)).status_code == 404
    assert form_of(press_continue(site, refused))["students"] == ["20"]


def test_a_revoked_role_shows_only_what_was_typed(site, hub_admin, at_center, child):
    shown = form_of(site.get(address(child)))
    typed = shown | {"students": "20", "reason": "More pupils"}
    hub_admin.delete()

    refused = site.post(address(child), typed)

    assert "You no longer have this role" in page_text(refused)
    assert facts(refused)["Reason"] == "More pupils"
    assert not parsed(refused).cssselect("main form")
    assert str(child.parent.number) not in text(parsed(refused))
    child.refresh_from_db()
    assert child.students == 10
