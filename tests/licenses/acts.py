"""Acts that tests of orders and of requests for new ones share."""

from jasper_inventory.accounts.models import Notice
from licenses.models import Order, Outcome
from licenses.services.enrollments import enroll_student
from licenses.services.order_edits import edit_order
from licenses.services.orders import assign_order
from licenses.services.requests import approve_request, reject_request, withdraw_request
from tests import factories
from tests.factories import CENTER, CODES


def approve(order, by, **values):
    values.setdefault("terms", factories.terms(order.inventory_type))
    return approve_request(request=order, by=by, **values)


def notified(order, what):
    """The addresses that were notified of the request."""
    notices = Notice.objects.filter(event=f"license request {order.pk} {what}")
    return set(notices.values_list("address", flat=True))


# Ways to review or withdraw a request, the first time.
FIRST = {
    Outcome.APPROVED: lambda order, by: approve(order, by),
    Outcome.REJECTED: lambda order, by: reject_request(request=order, by=by, comments="No"),
    Outcome.WITHDRAWN: lambda order, by: withdraw_request(request=order, by=order.requested_by),
}


def assign(by, **values):
    values.setdefault("inventory_type", CENTER)
    values.setdefault("terms", factories.terms(values["inventory_type"]))
    values.setdefault("products", factories.products())
    values.setdefault("assigned_to", factories.organization())
    return assign_order(by=by, **values)


def edit(order, by, **values):
    return edit_order(order=order, by=by, **values)


def parent_of(hub, kind=CENTER, **values):
    """An order of the hub to allocate from: 100 students, or 10 codes for 2 each."""
    if kind == CODES:
        values = {"number_of_codes": 10, "users_per_code": 2, "duration": 60, **values}
    return factories.order(kind, assigned_to=hub, **values)


def allocate(parent, to, by, *, products=None, kind=None, **terms):
    """Assign an order to `to`, out of `source`; its terms as the source's where not said."""
    kind = kind or parent.inventory_type
    if kind == CODES:
        terms = {"number_of_codes": 4, "users_per_code": 2, "duration": 60, **terms}
    else:
        terms = {"students": 40, **terms}
    terms.setdefault("start_date", parent.start_date)
    terms.setdefault("finish_date", parent.finish_date)
    return assign_order(
        assigned_to=to,
        inventory_type=kind,
        products=list(parent.products.all()) if products is None else products,
        terms=factories.Terms(**terms),
        by=by,
        parent=parent,
    )


def allocating(parent, to, by, **terms):
    parent = Order.objects.get(pk=parent.pk)
    mix = list(parent.products.all())
    return lambda: assign_order(
        assigned_to=to,
        inventory_type=parent.inventory_type,
        products=mix,
        terms=factories.terms(parent.inventory_type, **terms),
        by=by,
        parent=parent,
    )


def enrolling(order, by, user=None):
    user = user or factories.person()
    return lambda: enroll_student(order=order, user=user, by=by)


def renewed(old, **values):
    """A renewal of `old` with the same teacher code, which starts when the old one has ended."""
    values = {"start_date": factories.days(101), "finish_date": factories.days(200), **values}
    new = factories.order(old.inventory_type, assigned_to=old.assigned_to, **values)
    Order.objects.filter(pk=new.pk).update(renewal_of=old, teacher_code=old.teacher_code)
    new.refresh_from_db()
    return new
