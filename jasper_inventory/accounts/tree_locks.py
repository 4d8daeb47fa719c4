"""Locks on the tree of organizations, for acts that rely on who is above whom."""

from django.db import connection

from jasper_inventory.accounts.models import Organization


def lock_tree() -> None:
    """Keep everyone else from changing or holding the tree, until the caller's transaction ends.

    A move rewrites the paths of a whole branch: nothing may be added to it meanwhile, and nobody
    may act on where an organization stands (see `hold_place`). Taken before any order is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN EXCLUSIVE MODE")


def hold_place(organization: Organization) -> Organization:
    """The organization as it stands in the tree now; nothing moves till the transaction ends.

    For what depends on who its supplier is; as `hold_tree`.
    """
    hold_tree()
    return Organization.objects.get(pk=organization.pk)


def hold_tree() -> None:
    """Let nothing move in the tree till the caller's transaction ends.

    For what writes a row that names an organization: the database looks then, at the end, whether
    it is there, and waits for who moves one. So it is taken before any order is locked, as who
    moves locks the tree first and then orders. Those who hold don't wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN ROW SHARE MODE")
