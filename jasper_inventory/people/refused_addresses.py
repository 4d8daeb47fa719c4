"""Addresses of an organization's people that refuse our emails, for its administrators."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from jasper_inventory.accounts.models import Invitation, Membership, RefusedAddress, User
from jasper_inventory.people.queries import people_of

# Nobody reads more; the newest are shown.
MOST_SHOWN = 100


@dataclass
class Refused:
    """An address, and whose it is: None for someone who was invited and has no account."""

    address: str
    person: User | None
    answer: str
    refused_at: datetime


def refused_addresses(membership: Membership) -> list[Refused]:
    """Return the newest refused addresses of the organization's people and open invitations."""
    address = Lower(OuterRef("address"))
    people = people_of(membership).alias(lowered=Lower("email")).filter(lowered=address)
    invited = Invitation.objects.visible_to(membership).open().alias(lowered=Lower("email"))
    refused = RefusedAddress.objects.annotate(
        person=Subquery(people.values("pk")[:1]),
        is_invited=Exists(invited.filter(lowered=address)),
    )
    rows = list(refused.filter(Q(person__isnull=False) | Q(is_invited=True))[:MOST_SHOWN])
    named = User.objects.in_bulk([row.person for row in rows if row.person]) if rows else {}
    return [
        Refused(row.address, named.get(row.person or 0), row.answer, row.refused_at) for row in rows
    ]
