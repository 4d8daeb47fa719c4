"""Locks on the tree of organizations, for acts that depend on its structure."""

from django.db import connection

from jasper_inventory.accounts.models import Organization

HOLD_TREE = "LOCK TABLE accounts_organization IN ROW SHARE MODE"


def lock_tree() -> None:
    """Lock the tree exclusively until the caller's transaction ends.

    A move rewrites the paths of a whole branch: meanwhile nothing may be added to it, and no one
    may act on an organization's position (see `hold_position`). Take this lock before locks on
    orders.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_organization IN EXCLUSIVE MODE")


def hold_position(organization: Organization) -> Organization:
    """Lock the tree with `hold_tree` and return the organization with its current position.

    For acts that depend on the organization's supplier.
    """
    hold_tree()
    return Organization.objects.get(pk=organization.pk)


def hold_tree() -> None:
    """Prevent moves in the tree until the caller's transaction ends.

    For writing rows that refer to an organization: at the end of the transaction, the database
    checks that it exists and waits for moves. Take this lock before locking orders, because moves
    lock the tree first and then orders. Holders don't wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD_TREE)
