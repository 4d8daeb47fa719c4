"""The download of a person's data: everything that the site stores about them."""

from collections.abc import Collection, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from activation_codes.models import Handout
from jasper_inventory.accounts.email_delivery import SECRET_KINDS, worded
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Membership,
    MutedTopic,
    Notice,
    RefusedAddress,
    SavedView,
    Session,
    User,
)
from jasper_inventory.lib.replica import reads_replica_now
from jasper_inventory.people.acts import acts_of, exports_of, invitations_of, log_of
from jasper_inventory.people.queries import Held, held_by, lines
from licenses.models import GroupKey, Order
from licenses.product_mix import Catalogue
from renewals.models import RenewalRequest


@reads_replica_now
def my_data(user: User) -> dict[str, Any]:
    """Return the contents of the file, as lists and texts."""
    catalogue = Catalogue()
    return {
        "account": _account(user),
        "second_factors": _second_factors(user),
        "linked_accounts": list(
            SocialAccount.objects.filter(user=user)
            .order_by("pk")
            .values("provider", "uid", "extra_data", "date_joined", "last_login")
        ),
        "roles": _roles(user),
        "licenses": [_held(line, catalogue) for line in lines(list(held_by(user)))],
        "codes_handed_out_to_you": _handed_out_to(user),
        **_requests(user),
        "topics_without_emails": [
            str(muted.get_topic_display())
            for muted in MutedTopic.objects.filter(user=user).order_by("topic")
        ],
        "sessions": _sessions(user),
        "saved_views": _saved_views(user),
        "exports_of_lists": exports_of(user),
        "refused_addresses": list(
            RefusedAddress.objects.filter(address__in=[user.email, user.unconfirmed_email])
            .order_by("pk")
            .values("address", "answer", "refused_at")
        ),
        "notices": _notices(Notice.objects.filter(recipient=user)),
        "erasure_requests": list(
            ErasureRequest.objects.filter(user=user)
            .order_by("pk")
            .values("asked_at", "withdrawn_at", "done_at")
        ),
        "invitations": invitations_of(user),
        "what_you_did": acts_of(user),
        "group_keys": _group_keys(user),
        "history": _history(user),
        "activity_log": log_of(user),
    }


def _requests(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return what the person requested, of both kinds."""
    orders = Order.objects.filter(requested_by=user).order_by("number")
    renewals = RenewalRequest.objects.filter(requested_by=user).select_related("order")
    return {
        "license_requests": [{"order_number": order.number, **_asked(order)} for order in orders],
        "renewal_requests": [
            {
                "order_number": renewal.order.number,
                **_asked(renewal),
                "requested": dict(renewal.requested_facts),
            }
            for renewal in renewals.order_by("pk")
        ],
    }


def _group_keys(user: User) -> list[str]:
    """Return the person's keys as a teacher, also those of former licenses."""
    keys = GroupKey.objects.filter(enrollments__user=user).order_by("pk").distinct()
    return [str(key) for key in keys]


def _history(user: User) -> dict[str, list[Mapping[str, object]]]:
    """Return the former states of the account, and the roles that came and went."""
    when = ("pgh_created_at", "pgh_label")
    # Both are added by django-pghistory, which mypy can't see.
    states = user.events.order_by("pgh_id")  # type: ignore[attr-defined]
    roles = Membership.events.rel.related_model.objects  # type: ignore[attr-defined]
    return {
        "account": [*states.values(*when, "username", "first_name", "last_name", "email")],
        "roles": [
            *roles.filter(user=user).order_by("pgh_id").values(*when, "organization__name", "role")
        ],
    }


def _second_factors(user: User) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(factor.get_type_display()),
            "name": str(factor),
            "since": factor.created_at,
            "last_used": factor.last_used_at,
        }
        for factor in Authenticator.objects.filter(user=user).order_by("pk")
    ]


def _roles(user: User) -> list[dict[str, Any]]:
    return [
        {
            "role": str(membership.role_name),
            "organization": membership.organization.name,
            "since": membership.created_at,
            "last_used": membership.last_used_at,
        }
        for membership in Membership.objects.of_user(user)
    ]


def _sessions(user: User) -> list[dict[str, Any]]:
    columns = ("began_at", "seen_at", "browser", "address")
    return list(Session.objects.of_user(user).values(*columns))


def _saved_views(user: User) -> list[dict[str, Any]]:
    columns = ("name", "query", "is_shared", "organization__name", "created_at")
    return list(SavedView.objects.filter(owner=user).order_by("pk").values(*columns))


def _account(user: User) -> dict[str, Any]:
    return {
        "user_name": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "unconfirmed_email": user.unconfirmed_email,
        "email_that_another_account_confirmed": user.lost_email,
        "joined": user.date_joined,
        "last_sign_in": user.last_login,
        "is_cci_staff": user.is_staff,
        "hidden_columns": user.hidden_columns,
        "uses_shortcuts": user.uses_shortcuts,
    }


def _held(line: Held, catalogue: Catalogue) -> dict[str, Any]:
    enrollment, order = line.enrollment, line.enrollment.order
    redemption = getattr(enrollment, "redemption", None)
    return {
        "order_number": order.number,
        "organization": order.assigned_to.name,
        "products": [
            f"{group.family} {name}"
            for group in catalogue.groups(order.product_keys)
            for name in group.names
        ],
        "role": enrollment.get_role_display(),
        "teacher": str(enrollment.teacher.user) if enrollment.teacher else None,
        "since": enrollment.enrolled_at,
        "until": enrollment.until,
        "removed": enrollment.removed_at,
        "activation_code": line.code or None,
        "code_used": redemption and redemption.redeemed_at,
        "started": [
            {
                "course": str(start.product),
                "first": start.started_at,
                "last": start.last_started_at,
            }
            for start in enrollment.course_starts.all()
        ],
    }


def _handed_out_to(user: User) -> list[Mapping[str, object]]:
    """Return what administrators recorded about codes that they gave to the person."""
    handed_out = Handout.objects.about(
        user, addresses=[user.email] if user.email else [], names=[str(user), user.username]
    )
    fields = ("order__number", "name", "email", "note", "number_of_codes", "handed_out_at")
    return [*handed_out.order_by("pk").values(*fields)]


def _asked(row: Order | RenewalRequest) -> dict[str, Any]:
    """Return the fields that requests for orders and renewals have in common."""
    return {
        "asked_at": row.requested_at,
        "purchase_order": row.purchase_order,
        "students": row.requested_students,
        "comments": row.requester_comments,
        "outcome": row.get_outcome_display(),
        "answer": row.approval_comments,
    }


def _notices(notices: Collection[Notice]) -> list[dict[str, Any]]:
    return [
        {
            "kind": notice.kind,
            "address": notice.address,
            "subject": texts.subject,
            "text": "" if notice.kind in SECRET_KINDS else texts.text,
            "written_at": notice.created_at,
            "sent_at": notice.sent_at,
        }
        for notice, texts in zip(notices, worded(notices), strict=True)
    ]
