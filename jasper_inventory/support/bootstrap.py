"""Rows that every installation needs, created or updated by each `migrate`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from jasper_inventory.accounts.models import STAFF_GROUP, Level, Organization
from jasper_inventory.support import grants

# Actions that CCI staff may take in the admin, by app label and model.
STAFF_RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "accounts": {
        "user": ("add", "change", "view"),
        "organization": ("add", "change", "view"),
        "membership": ("add", "delete", "view"),
        "notice": ("view",),
        "invitation": ("add", "view"),
        "erasurerequest": ("view",),
        "logentry": ("view",),
        "tally": ("delete", "view"),
    },
    "licenses": {
        "order": ("add", "change", "view"),
        "licenserequest": ("change", "view"),
        "productfamily": ("add", "change", "view"),
        "product": ("add", "change", "view"),
        "enrollment": ("add", "change", "view"),
        "alert": ("view",),
        "alertrun": ("view",),
    },
    "activation_codes": {
        "activationcode": ("view",),
        "codebatch": ("add", "view"),
        "redemption": ("change", "view"),
    },
    "renewals": {"renewalrequest": ("change", "view")},
    "jobs": {"job": ("change", "view"), "scheduledrun": ("view",)},
}


def set_up_site(**kwargs: Any) -> None:
    """Create the cache table and the vendor (the root of the tree); update "CCI staff"'s rights."""
    call_command("createcachetable", verbosity=0)
    if not Organization.objects.filter(level=Level.VENDOR).exists():
        Organization.objects.add_root({"name": settings.VENDOR_NAME, "level": Level.VENDOR})
    group, _created = Group.objects.get_or_create(name=STAFF_GROUP)
    wanted = {
        (app, f"{action}_{model}")
        for app, models in STAFF_RIGHTS.items()
        for model, actions in models.items()
        for action in actions
    }
    permissions = Permission.objects.filter(
        content_type__app_label__in=STAFF_RIGHTS
    ).select_related("content_type")
    group.permissions.set(
        permission
        for permission in permissions
        if (permission.content_type.app_label, permission.codename) in wanted
    )


def grant_rights(**kwargs: Any) -> None:
    """Give the site's role its rights in the database, if `DATABASE_SITE_ROLE` names one.

    Not for use in a long transaction: autovacuum waits for the end of one that changes rights of
    a table, while it holds the table.
    """
    if role := settings.DATABASE_SITE_ROLE:
        if settings.EMBEDDED_DATABASE:
            grants.create(role)
        grants.grant(role)
