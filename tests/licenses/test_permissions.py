"""One permission per act: the same for a role on a page and for the person in a service."""

import pytest

from jasper_inventory.accounts.models import Level, Organization, Role
from jasper_inventory.lib.exceptions import NotAllowed
from licenses import permissions
from licenses.models import Order
from tests import factories

ASSIGNER, HOLDER, BOTH = {"assigner"}, {"holder"}, {"assigner", "holder"}
OF_ORDERS = {
    "can_edit": ASSIGNER,
    "can_reclaim": ASSIGNER,
    "can_suspend": ASSIGNER,
    "can_pause": BOTH,
    "can_set_alerts": BOTH,
    "can_replace_code": BOTH,
    "can_activate": HOLDER,
    "can_allocate": HOLDER,
    "can_manage_people": HOLDER,
    "can_send_code": HOLDER,
    "can_manage_codes": HOLDER,
}
# Here the holder requests from the assigner, its supplier.
OF_REQUESTS = {"can_review": ASSIGNER, "can_forward": ASSIGNER, "can_withdraw": HOLDER}


@pytest.fixture
def roles(hub, hub_admin, admin, foreign_admin, teacher):
    """The roles of all sides of an order, by their relation to it."""
    return {
        "assigner": hub_admin,
        "holder": admin,
        "other center": factories.member(factories.organization(parent=hub)),
        "stranger": foreign_admin,
        "teacher": teacher,
        "teacher of the assigner": factories.member(hub, Role.TEACHER),
    }


@pytest.fixture
def order(hub, hub_admin, center):
    parent = factories.order(assigned_to=hub)
    mix = list(parent.products.all())
    order = factories.order(assigned_to=center, parent=parent, by=hub_admin.user, product_mix=mix)
    return Order.objects.get(pk=order.pk)


def allowed(permission, row, roles):
    """The permission of roles, and the same one of their people."""
    by_role = {name for name, role in roles.items() if permission(row, role)}
    by_person = {name for name, role in roles.items() if permission(row, role.user)}
    assert by_role == by_person
    return by_role


@pytest.mark.parametrize(("name", "expected"), OF_ORDERS.items())
def test_who_may_do_what_with_an_order(name, expected, order, roles, staff):
    permission = getattr(permissions, name)
    assert allowed(permission, order, roles) == expected
    assert permission(order, staff)


@pytest.mark.parametrize(("name", "expected"), OF_REQUESTS.items())
@pytest.mark.parametrize("kind", ["new license", "renewal"])
def test_who_may_do_what_with_a_request(name, expected, kind, order, roles, staff):
    if kind == "renewal":
        pending = factories.renewal_request(order, membership=roles["holder"])
    else:
        pending = factories.license_request(membership=roles["holder"])
    permission = getattr(permissions, name)
    assert allowed(permission, pending, roles) == expected
    assert permission(pending, staff) == (name == "can_review")


def test_only_the_organization_that_suspended_an_order_resumes_it(order, hub, roles, staff):
    assert allowed(permissions.can_resume, order, roles) == {"assigner"}
    order.suspended_by_organization = hub
    assert allowed(permissions.can_resume, order, roles) == {"assigner"}
    order.suspended_by_organization = factories.vendor()
    assert allowed(permissions.can_resume, order, roles) == set()
    assert permissions.can_resume(order, staff)


def test_nobody_below_cci_is_the_assigner_once_the_holder_was_moved_away(
    order, center, roles, staff
):
    Organization.objects.move(center, factories.organization(level=Level.HUB), "last-child")
    order = Order.objects.get(pk=order.pk)
    assert allowed(permissions.can_edit, order, roles) == set()
    assert permissions.can_edit(order, staff)


@pytest.mark.parametrize("name", [name for name, who in OF_ORDERS.items() if who == ASSIGNER])
def test_the_assigner_finds_an_order_among_those_that_it_assigned(name, order, roles):
    """Lists and error pages filter by the rule that the permissions apply to each row."""
    permission = getattr(permissions, name)
    for role in roles.values():
        found = Order.objects.assigned_by(role).filter(pk=order.pk).exists()
        assert found == permission(order, role)


def test_a_refusal_is_the_permissions_own(order, admin, foreign_admin):
    permissions.can_activate.require(order, admin.user)
    with pytest.raises(NotAllowed, match="activate or deactivate"):
        permissions.can_activate.require(order, foreign_admin.user)
    license_request = factories.license_request(membership=admin)
    with pytest.raises(NotAllowed, match=str(license_request.requested_to)):
        permissions.can_review.require(license_request, admin.user)
