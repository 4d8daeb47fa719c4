"""How many approved orders each organization and its branch have, for the totals of the inventory.

Counting a distributor's orders for every page takes longer than the page. One row that every
change updates would make all who assign licenses in a branch wait for each other. So triggers only
add rows, and the daily run adds up those of each organization:
see docs/decisions/0017-totals-as-sums-of-changes.md.
"""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q, Sum

from jasper_inventory.accounts.models import Organization
from licenses.models.branches import COLUMNS
from licenses.models.order_queryset import InventoryType
from licenses.models.requests import Outcome

_ABOVE = [f"{column}_id" for column in COLUMNS.values()]
_TABLE = "licenses_approvedcount"
INSERT = f"INSERT INTO {_TABLE} (organization_id, inventory_type, own, branch)"
# What each organization has by the orders themselves. The columns of orders are few sets of
# values, so they are counted first.
COUNTED = f"""
    SELECT above.id AS organization_id, inventory_type,
           sum(CASE WHEN above.id = assigned_to_id THEN number ELSE 0 END)::integer AS own,
           sum(number)::integer AS branch
    FROM (
        SELECT {", ".join(_ABOVE)}, inventory_type, count(*) AS number
        FROM licenses_order WHERE outcome = '{Outcome.APPROVED}'
        GROUP BY {", ".join(_ABOVE)}, inventory_type
    ) AS held
    CROSS JOIN LATERAL (
        SELECT DISTINCT id FROM unnest(ARRAY[{", ".join(_ABOVE)}]) AS id WHERE id IS NOT NULL
    ) AS above
    GROUP BY above.id, inventory_type
"""
ADD_UP = f"""
    WITH added AS (
        DELETE FROM {_TABLE} AS t
        USING (
            SELECT organization_id, inventory_type FROM {_TABLE}
            GROUP BY organization_id, inventory_type HAVING count(*) > 1
        ) AS several
        WHERE t.organization_id = several.organization_id
            AND t.inventory_type = several.inventory_type
        RETURNING t.*
    )
    {INSERT} SELECT organization_id, inventory_type, sum(own), sum(branch)
    FROM added GROUP BY organization_id, inventory_type
"""


class ApprovedCountQuerySet(models.QuerySet["ApprovedCount"]):
    def sums(self, organization: Organization) -> "models.QuerySet[ApprovedCount, Any]":
        """Return the inventory types, each with the orders of an organization and of its branch."""
        own = Sum("own", filter=Q(organization=organization), default=0)
        if organization.is_vendor:
            # The branch of CCI is everyone, so its rows don't count it.
            counted, branch = self, Sum("own")
        else:
            counted, branch = self.filter(organization=organization), Sum("branch")
        return counted.values_list("inventory_type").annotate(in_own=own, in_branch=branch)


class ApprovedCount(models.Model):
    """A change of the number of approved orders of an organization, or the sum of such changes.

    Written by the database only.
    """

    organization = models.ForeignKey(
        "accounts.Organization",
        models.CASCADE,
        editable=False,
        related_name="+",
        # The index begins with it.
        db_index=False,
    )
    inventory_type = models.CharField(max_length=10, choices=InventoryType.choices, editable=False)
    # Orders that the organization holds itself, and those of its branch, itself included.
    own = models.IntegerField(editable=False)
    branch = models.IntegerField(editable=False)

    objects = ApprovedCountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "inventory_type"],
                include=["own", "branch"],
                name="licenses_approvedcount_sums",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.inventory_type} {self.own:+} {self.branch:+}"


def _changed(row: str, sign: str) -> str:
    """Return the query of what a row of orders adds to counts, or takes from them."""
    above = ", ".join(f"{row}.{column}" for column in _ABOVE)
    return f"""
            SELECT DISTINCT id, {row}.inventory_type,
                CASE WHEN id = {row}.assigned_to_id THEN {sign}1 ELSE 0 END, {sign}1
            FROM unnest(ARRAY[{above}]) AS id
            WHERE id IS NOT NULL AND '{Outcome.APPROVED}' = {row}.outcome"""


def _count(name: str, operation: pgtrigger.Operation, func: str, **when: Any) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"count_{name}",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation,
        func=f"{func};\n        RETURN NULL;",
        **when,
    )


# An organization that is above an order before and after a change has nothing new.
_DIFFERENCE = f"""
        {INSERT}
        SELECT id, inventory_type, sum(own), sum(branch)
        FROM ({_changed("OLD", "-")}
            UNION ALL{_changed("NEW", "")}
        ) AS changed (id, inventory_type, own, branch)
        GROUP BY id, inventory_type HAVING sum(own) <> 0 OR sum(branch) <> 0"""
COUNT_APPROVED = [
    _count("new", pgtrigger.Insert, f"{INSERT}{_changed('NEW', '')}"),
    _count("deleted", pgtrigger.Delete, f"{INSERT}{_changed('OLD', '-')}"),
    _count(
        "changed",
        pgtrigger.Update,
        _DIFFERENCE,
        condition=pgtrigger.AnyChange(*COLUMNS.values(), "inventory_type", "outcome"),
    ),
]
