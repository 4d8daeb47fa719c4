"""The branch of an order: the organizations above its license holder, as columns of the order.

Lists, counts and sums of a supplier's branch read one index of the order, however large the
branch is. Triggers keep the columns: when an order is made, and when an organization moves.
"""

from collections.abc import Iterable

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q, Subquery
from django.db.models.functions import Coalesce

from jasper_inventory.accounts.models import Level, Organization
from licenses.models.mixes import digest

# The column with the holder's ancestor on each level, the holder itself included. A column above
# the center is a field of BranchFields; triggers, indexes and check_inventory follow from here.
COLUMNS = {
    Level.DISTRIBUTOR: "distributor",
    Level.RESELLER: "reseller",
    Level.HUB: "hub",
    Level.CENTER: "assigned_to",
}
ABOVE = {level: column for level, column in COLUMNS.items() if level != Level.CENTER}
# The SQL that finds the ancestor for each of these columns among those `above` a holder.
ANCESTORS = {
    column: f"max(above.id) FILTER (WHERE above.level = {level.value})"
    for level, column in ABOVE.items()
}


def in_branch(organization: Organization, order: str = "") -> Q:
    """Return the condition that an order is in an organization's branch.

    `order` leads to the order, such as "order__".
    """
    if organization.is_vendor:
        return Q(**{f"{order}pk__isnull": False})
    return Q(**{f"{order}{COLUMNS[Level(organization.level)]}": organization.pk})


def held_by(organization: Organization, order: str = "", *, branch: bool) -> Q:
    """Return the condition that an organization holds an order or, with `branch`, one below it."""
    if branch:
        return in_branch(organization, order)
    return Q(**{f"{order}assigned_to": organization.pk})


def above_holder(fields: Iterable[str], order: str = "") -> Q:
    """Return the condition that organizations are the order's holder, or above it.

    `fields` are theirs; empty ones don't count.
    """
    vendor = Organization.objects.order_by().filter(level=Level.VENDOR).values("pk")[:1]
    above = [F(f"{order}{column}") for column in COLUMNS.values()]
    # Django has no lookup for lists of columns, and needs three times as long for a condition for
    # each field.
    are_above = Func(
        Func(*fields, template="array_remove(ARRAY[%(expressions)s], NULL)"),
        Func(Subquery(vendor), *above, template="ARRAY[%(expressions)s]"),
        # For a bare `<@`, PostgreSQL expects few rows, and so reads far more orders than a page
        # needs, in several processes.
        template="coalesce(%(expressions)s, false)",
        arg_joiner=" <@ ",
        output_field=models.BooleanField(),
    )
    return Q(are_above)


def child_above_holder(organization: Organization) -> Coalesce:
    """Return the key of an organization's child that an order in its branch belongs to.

    Of the organization itself for its own orders.
    """
    below = [column for level, column in COLUMNS.items() if level > organization.level]
    # A center has no children.
    return Coalesce(*below or ["assigned_to"], "assigned_to")


def ancestor() -> "models.ForeignKey[Organization | None, Organization | None]":
    """Return the field with an organization that the database finds."""
    return models.ForeignKey(
        "accounts.Organization",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        # The indexes of lists begin with it.
        db_index=False,
    )


def _indexes(
    ancestors: Iterable[str], *, end: str, columns: tuple[str, ...], searched: tuple[str, ...] = ()
) -> list[models.Index]:
    return [
        models.Index(
            fields=[ancestor, *columns],
            # So a page is found, skipped and counted without reading the orders. Nothing that
            # changes with a student is included: every change would write all indexes.
            include=["is_left_behind", "assigned_to", *searched],
            condition=Q(**{f"{ancestor}__isnull": False}),
            name=f"orders_of_{ancestor}_{end}",
        )
        for ancestor in ancestors
    ]


# Whether seats or codes were allocated to other orders.
ALLOCATED = Q(allocated__gt=0) | Q(codes_allocated__gt=0)
_LARGE = [column for level, column in ABOVE.items() if level < Level.HUB]


class Branch(models.Model):
    """The organizations that the license holder belongs to, itself included; none on some levels.

    Written by the database only. An instance that was just made doesn't know them yet.
    """

    distributor = ancestor()
    reseller = ancestor()
    hub = ancestor()

    class Meta:
        abstract = True


class BranchFields(Branch):
    """The branch of an order."""

    # A request that its license holder and CCI see, and no one else: it wasn't approved, and its
    # requester is no longer above the holder.
    is_left_behind = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
        # What a page of a branch is read from, sorted by each column. A hub's branch is small
        # enough to be sorted.
        indexes = [
            *_indexes(
                ABOVE.values(),
                end="number",
                columns=("number",),
                searched=("outcome", "inventory_type", "finish_date", "seats"),
            ),
            *_indexes(_LARGE, end="start", columns=("start_date", "number")),
            *_indexes(_LARGE, end="finish", columns=("finish_date", "number")),
            *_indexes(_LARGE, end="purchase", columns=("compact_purchase_order", "number")),
            # For what few orders of a branch have: allocated seats, and one product mix.
            *(
                models.Index(
                    fields=[ancestor, "number"],
                    condition=ALLOCATED,
                    name=f"orders_of_{ancestor}_parents",
                )
                for ancestor in _LARGE
            ),
            *(
                models.Index(
                    F(ancestor), digest("mix"), F("number"), name=f"orders_of_{ancestor}_mix"
                )
                for ancestor in _LARGE
            ),
        ]


_FOUND = ",\n            ".join(ANCESTORS.values())
_STORED = ", ".join(f"NEW.{column}_id" for column in ANCESTORS)
# Every statement that writes one of the columns gets the right values, whatever it wrote.
FIND_BRANCH = pgtrigger.Trigger(
    name="find_branch",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf(
        "assigned_to_id",
        *(f"{column}_id" for column in ANCESTORS),
        "is_left_behind",
        "outcome",
        "requested_by_organization_id",
    ),
    func=f"""
        SELECT
            {_FOUND},
            NEW.outcome <> 'approved'
                AND coalesce(bool_and(above.id <> NEW.requested_by_organization_id), false)
        INTO {_STORED}, NEW.is_left_behind
        FROM accounts_organization holder
        CROSS JOIN generate_series(
            {Organization.steplen}, length(holder.path), {Organization.steplen}
        ) AS step
        JOIN accounts_organization above ON above.path = left(holder.path, step)
        WHERE holder.id = NEW.assigned_to_id;
        RETURN NEW;
    """,
)


class OrganizationWithOrders(Organization):
    """Organizations, for the trigger that lets their orders follow them to another branch."""

    class Meta:
        proxy = True
        triggers = [
            pgtrigger.Trigger(
                name="orders_follow",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="before", new="now"),
                # The triggered statement finds the branch: see FIND_BRANCH.
                func="""
                    UPDATE licenses_order SET assigned_to_id = assigned_to_id
                    WHERE assigned_to_id IN (
                        SELECT below.id
                        FROM now JOIN before ON before.id = now.id
                        JOIN accounts_organization below ON below.path LIKE now.path || '%'
                        WHERE now.level <> before.level OR now.path <> before.path
                    );
                    RETURN NULL;
                """,
            )
        ]


# The transfers of an order follow it to another branch, and to another purchase order.
TRANSFERS_FOLLOW = pgtrigger.Trigger(
    name="transfers_follow",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.AnyChange(*COLUMNS.values(), "purchase_order"),
    # The triggered statement finds the values: see `licenses/models/allocations.py`.
    func="""
        UPDATE licenses_transfer SET assigned_to_id = assigned_to_id
        WHERE from_order_id = NEW.id OR to_order_id = NEW.id;
        RETURN NULL;
    """,
)
