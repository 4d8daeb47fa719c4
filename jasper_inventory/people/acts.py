"""A person's acts, and views of the person by CCI staff, as part of the person's data."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q

from activation_codes.models import (
    ActivationCode,
    CodeBatch,
    CodeDownload,
    CodeReturn,
    CodeWorkbook,
    DownloadKind,
    Handout,
    PendingBatch,
)
from jasper_inventory.accounts.models import ErasureRequest, Invitation, ListExport, User
from jasper_inventory.accounts.models import LogEntry as Entry
from licenses.models import Activity, Order, Transfer
from renewals.models import RenewalRequest

# The act, its model, and the fields of its actor, its time and its order.
_ACTS: list[tuple[str, type[Model], str, str, str]] = [
    ("codes created", CodeBatch, "created_by", "created_at", "order__number"),
    ("codes requested", PendingBatch, "created_by", "created_at", "order__number"),
    ("workbook of codes requested", CodeWorkbook, "requested_by", "requested_at", "order__number"),
    ("codes downloaded", CodeDownload, "downloaded_by", "downloaded_at", "order__number"),
    ("codes printed", CodeDownload, "downloaded_by", "downloaded_at", "order__number"),
    ("codes handed out", Handout, "handed_out_by", "handed_out_at", "order__number"),
    ("codes returned", CodeReturn, "returned_by", "returned_at", "order__number"),
    ("code replaced", ActivationCode, "replaced_by", "replaced_at", "order__number"),
    ("license request reviewed", Order, "reviewed_by", "reviewed_at", "number"),
    ("renewal request reviewed", RenewalRequest, "reviewed_by", "reviewed_at", "order__number"),
    ("license suspended", Order, "suspended_by", "suspended_at", "number"),
    ("enrollment paused", Order, "joining_paused_by", "joining_paused_at", "number"),
    ("activity on a license", Activity, "person", "at", "order__number"),
    ("seats moved", Transfer, "made_by", "made_at", "to_order__number"),
    ("erasure of a student asked", ErasureRequest, "asked_by", "asked_at", ""),
    ("account erased", ErasureRequest, "done_by", "done_at", ""),
    ("entry in the admin's log", LogEntry, "user", "action_time", ""),
]
# Of the rows of a model that records several acts.
_ONLY = {
    "codes downloaded": Q(kind=DownloadKind.WORKBOOK),
    "codes printed": Q(kind=DownloadKind.CARDS),
}


def acts_of(user: User) -> list[dict[str, Any]]:
    """Return a person's acts, oldest first in each kind, without naming anyone else."""
    return [
        {"act": act, "at": row[at], "order_number": row.get(order)}
        for act, model, by, at, order in _ACTS
        for row in model._base_manager.filter(_ONLY.get(act, Q()), **{by: user})
        .order_by("pk")
        .values(*filter(None, (at, order)))
    ]


def invitations_of(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return the invitations a person accepted or sent, without other people's addresses."""
    fields = ("organization__name", "role", "created_at")
    accepted = Invitation.objects.filter(accepted_by=user).order_by("pk")
    sent = Invitation.objects.filter(invited_by=user).order_by("pk")
    return {
        "accepted": list(accepted.values(*fields, "email", "accepted_at")),
        "sent": list(sent.values(*fields, "revoked_at")),
    }


def exports_of(user: User) -> list[Mapping[str, object]]:
    """Return a person's large exports that are still kept, with their searches."""
    fields = ("title", "address", "typed", "kind", "state", "requested_at", "as_of")
    exports = ListExport.objects.filter(requested_by=user).order_by("pk")
    return [*exports.values(*fields, "organization__name")]


# What a person's data has of the log: of their own acts, and of others' acts that concern them.
_OWN = ("at", "action", "role", "object_kind", "object_text", "before", "after", "reason")
_FROM = ("address", "browser", "source")
_OTHERS = ("at", "action", "object_kind", "object_text")


def log_of(user: User) -> dict[str, Sequence[Mapping[str, object]]]:
    """Return the entries of the activity log about a person, without naming anyone else."""
    own = Entry.objects.filter(actor=user).order_by("pk")
    concern = Entry.objects.concerning(user).order_by("pk")
    return {
        "your_acts": list(own.values(*_OWN, *_FROM)),
        "acts_about_you": list(concern.values(*_OTHERS)),
    }
