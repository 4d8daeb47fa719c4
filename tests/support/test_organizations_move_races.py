"""Moving an organization while others assign, request, review or postpone an end."""

from functools import partial

import pytest

from jasper_inventory.accounts.models import Level, Membership, Organization
from jasper_inventory.lib.exceptions import NotAllowed
from jasper_inventory.support.integrity import differences
from licenses.models import Order, Outcome, Transfer
from licenses.services.requests import approve_request, reject_request
from renewals.models import RenewalRequest
from tests import factories
from tests.helpers import at_once, refusals
from tests.licenses.acts import allocate, edit, parent_of
from tests.support.acts import ended, move

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(transactional_db):
    hub = factories.organization("Harbour Hub", level=Level.HUB)
    center = factories.organization("Tolano Adventures", parent=hub)
    return {
        "hub": hub,
        "center": center,
        "new": factories.organization("North Hub", level=Level.HUB),
        "admin": factories.member(center),
        "by": factories.staff(),
        "parent": parent_of(hub),
    }


def moving(scene):
    return lambda: move(Organization.objects.get(pk=scene["center"].pk), scene["new"], scene["by"])


def is_sound():
    for order in Order.objects.approved().filter(parent__isnull=False):
        assert order.assigned_to.supplier == order.parent.assigned_to
    for request in (*Order.objects.pending(), *RenewalRequest.objects.pending()):
        assert request.requested_to == request.requested_by_organization.supplier
    assert differences() == []
    return True


@pytest.mark.parametrize("first", ["assign", "move"])
def test_moving_while_the_old_supplier_assigns(scene, first):
    parent, center, by = (
        scene["parent"],
        Organization.objects.get(pk=scene["center"].pk),
        scene["by"],
    )
    acts = [lambda: allocate(parent, center, by), moving(scene)]
    if first == "move":
        acts.reverse()

    results = at_once(*acts, hold=parent if first == "assign" else scene["hub"])

    assert len(refusals(results)) == 1 and refusals(results) == [results[1]]
    assert is_sound()


@pytest.mark.parametrize("first", ["request", "move"])
@pytest.mark.parametrize("kind", ["license", "renewal"])
def test_moving_while_the_organization_requests(scene, kind, first):
    center, admin = Organization.objects.get(pk=scene["center"].pk), scene["admin"]
    order = factories.order(assigned_to=center)

    def request_one():
        if kind == "license":
            return factories.license_request(membership=admin)
        return factories.renewal_request(order, membership=admin)

    acts = [request_one, moving(scene)]
    results = at_once(*(acts if first == "request" else acts[::-1]))

    assert not refusals(results)
    assert is_sound()
    assert Order.objects.pending().count() + RenewalRequest.objects.pending().count() == 1


@pytest.mark.parametrize("kind", ["license", "renewal"])
def test_a_request_read_before_the_organization_moved(scene, kind):
    order = factories.order(assigned_to=scene["center"])
    above = factories.member(scene["hub"])
    moving(scene)()
    # The rows that this page has read have the old parent.
    assert order.assigned_to.path != Organization.objects.get(pk=scene["center"].pk).path

    def request_by(by, **values):
        if kind == "license":
            membership = Membership(user=by, organization=order.assigned_to)
            return factories.license_request(membership=membership, **values)
        return factories.renewal_request(order, membership=Membership(user=by), **values)

    with pytest.raises(NotAllowed):
        request_by(above.user, requested_by_organization=scene["hub"])
    assert request_by(scene["admin"].user).requested_to == scene["new"]
    assert is_sound()


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("first", ["review", "move"])
@pytest.mark.parametrize("kind", ["license", "renewal"])
def test_moving_while_the_old_supplier_reviews(scene, kind, decision, first):
    reviewer = factories.member(scene["hub"]).user
    mix = list(scene["parent"].products.all())
    if kind == "license":
        pending = factories.license_request(membership=scene["admin"], product_mix=mix)
        row = Order.objects.get(pk=pending.pk)
    else:
        order = factories.order(assigned_to=scene["center"], product_mix=mix)
        pending = factories.renewal_request(
            order,
            membership=scene["admin"],
            start_date=factories.today(),
            students=5,
            finish_date=factories.days(50),
        )
        row = RenewalRequest.objects.get(pk=pending.pk)

    def review():
        values = {
            "terms": factories.terms(
                students=5, start_date=factories.today(), finish_date=factories.days(50)
            ),
            "parent": scene["parent"],
            "by": reviewer,
        }
        if decision == "approve":
            return approve_request(request=row, **values)
        return reject_request(request=row, by=reviewer, comments="No")

    acts = [review, moving(scene)]
    results = at_once(*(acts if first == "review" else acts[::-1]), hold=row)

    assert is_sound()
    row.refresh_from_db()
    if row.outcome == Outcome.PENDING:
        assert row.requested_to == scene["new"] and len(refusals(results)) == 1


def test_moving_while_the_parent_orders_end_is_postponed(scene):
    parent = scene["parent"]
    child = allocate(parent, scene["center"], scene["by"])
    ended(child, parent)
    postpone = partial(edit, parent, scene["by"], finish_date=factories.days(9))

    results = at_once(postpone, moving(scene), hold=parent)

    assert len(refusals(results)) == 1
    parent.refresh_from_db()
    moved = Organization.objects.get(pk=scene["center"].pk).supplier == scene["new"]
    assert moved == (parent.finish_date < factories.today())
    assert Transfer.objects.count() == 1
