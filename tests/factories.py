"""Test data through plain functions; each creates what its arguments don't provide."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from activation_codes.services.codes import create_codes
from activation_codes.services.redemptions import redeem_code
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    ExportState,
    Level,
    ListExport,
    ListExportPart,
    Membership,
    Organization,
    Role,
    User,
)
from jasper_inventory.lib.tasks import tasks_dropped
from licenses.models import InventoryType, Order, Product, ProductFamily
from licenses.services.orders import assign_order
from licenses.services.requests import request_order
from licenses.terms import Terms
from renewals import services as renewal_services

_numbers = count(1)
PASSWORD = "correct horse battery staple"
CODES = InventoryType.USER_ACTIVATION_CODES
CENTER = InventoryType.CENTER_LICENSE


def today():
    return timezone.localdate()


def days(number):
    """The date this number of days from today."""
    return today() + timedelta(days=number)


def vendor():
    """CCI Learning, the root."""
    return Organization.objects.vendor()


def organization(name=None, *, level=Level.CENTER, parent=None):
    parent = Organization.objects.get(pk=parent.pk) if parent else vendor()
    name = name or f"{level.label} {next(_numbers)}"
    return Organization.objects.add_child(parent, {"name": name, "level": level})


def person(username=None, **values):
    number = next(_numbers)
    username = username or f"person{number}"
    values.setdefault("first_name", "Pat")
    values.setdefault("last_name", f"Person{number}")
    values.setdefault("email", f"{username}@example.com")
    user = User(username=username, **values)
    user.set_unusable_password()
    user.save()
    return user


def staff(username=None, **values):
    """CCI staff: no superuser, but in the group."""
    user = person(username, is_staff=True, **values)
    group = Group.objects.get(name=STAFF_GROUP)
    User.groups.through.objects.create(user=user, group=group)
    return user


def member(organization=None, role=Role.ADMINISTRATOR, *, user=None):
    """A membership; its `.user` is the person."""
    return Membership.objects.create(
        user=user or person(), organization=organization or globals()["organization"](), role=role
    )


def products(number=2, *, family=None, **values):
    """This number of products of a family of their own."""
    family = family or ProductFamily.objects.create(name=f"Office {next(_numbers)}")
    return [
        Product.objects.create(
            family=family, name=f"Course {next(_numbers)}", position=at, **values
        )
        for at in range(number)
    ]


def terms(kind=CENTER, **values):
    values.setdefault("start_date", days(-10))
    values.setdefault("finish_date", days(100))
    if kind == CODES:
        values.setdefault("number_of_codes", 5)
        values.setdefault("users_per_code", 1)
        values.setdefault("duration", 30)
    else:
        values.setdefault("students", 100)
    return Terms(**values)


def order(
    kind=CENTER, *, assigned_to=None, by=None, product_mix=None, parent=None, notify=False, **values
):
    """An approved order, assigned by CCI or allocated from `parent`. Terms are named.

    Nobody is notified of it unless `notify` is set: most tests check later notices.
    """
    named = {name: values.pop(name) for name in Terms.__dataclass_fields__ if name in values}
    is_active = values.pop("is_active", True)
    with nullcontext() if notify else tasks_dropped():
        made = assign_order(
            assigned_to=assigned_to or organization(),
            inventory_type=kind,
            products=product_mix or products(),
            terms=terms(kind, **named),
            by=by or staff(),
            parent=parent,
            may_have_ended=True,
            **values,
        )
    if not is_active:
        Order.objects.filter(pk=made.pk).update(is_active=False)
        made.refresh_from_db()
    return made


def license_request(kind=CENTER, *, membership=None, product_mix=None, **values):
    """A pending request for a new license."""
    membership = membership or member()
    values.setdefault("students", 30)
    return request_order(
        organization=membership.organization,
        inventory_type=kind,
        products=product_mix or products(),
        by=membership.user,
        **values,
    )


def list_export(membership, state=ExportState.READY, **values):
    """A large export of a role: a ready one has a file of one part, unlike others."""
    is_ready = state == ExportState.READY
    export = ListExport.objects.create(
        requested_by=membership.user,
        organization=membership.organization,
        role=membership.role,
        state=state,
        as_of=timezone.now() if is_ready else None,
        **{
            "address": "/inventory/export/",
            "kind": "csv",
            "title": "License Inventory",
            "file_name": "license-inventory",
            **values,
        },
    )
    if is_ready:
        ListExportPart.objects.create(export=export, number=0, content=b"Order Number\r\n")
    return export


def renewal_request(order=None, *, membership=None, **values):
    """A pending request to renew an order."""
    order = order or globals()["order"]()
    membership = membership or member(order.assigned_to)
    start, finish = renewal_services.offered_dates(order)
    values.setdefault("code_choice", "new")
    values.setdefault("students", order.seats)
    return renewal_services.request_renewal(
        order=order,
        start_date=values.pop("start_date", start),
        finish_date=values.pop("finish_date", finish),
        by=membership.user,
        **values,
    )


def codes(order, *, by=None):
    """Create the order's codes and return them."""
    create_codes(order=order, by=by or staff())
    return list(order.activation_codes.all())


def redemption(code, *, user=None):
    return redeem_code(code=code, user=user or person())
