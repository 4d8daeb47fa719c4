"""Sign-ins and sign-outs in the activity log, by the signals of Django."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.signals import authentication_step_completed
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import OuterRef, Subquery
from django.db.models.signals import post_save
from django.http import HttpRequest

from jasper_inventory.accounts.log_actions import kind_of
from jasper_inventory.accounts.models import LogKind, Membership, User
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.accounts.throttling import address_of, fill
from jasper_inventory.lib import origins
from jasper_inventory.lib.audit import Subject

_ADMIN_ACTIONS = {1: "row.added", 2: "row.changed", 3: "row.deleted"}


def connect() -> None:
    """Connect the signals."""
    user_logged_in.connect(_signed_in, dispatch_uid="log of sign-ins")
    user_logged_out.connect(_signed_out, dispatch_uid="log of sign-outs")
    user_login_failed.connect(_failed, dispatch_uid="log of wrong passwords")
    authentication_step_completed.connect(_confirmed, dispatch_uid="log of confirmations")
    post_save.connect(_changed_in_admin, sender=AdminLogEntry, dispatch_uid="log of the admin")


def blocked(request: HttpRequest, credentials: Mapping[str, Any]) -> None:
    """Record a sign-in that throttling refused: at most one a minute from each network."""
    key = f"log of blocked sign-ins from {address_of(request)}"
    if fill(key, leak=0, capacity=1, memory=timedelta(minutes=1), slides=False):
        _record_attempt("sign_in.locked", credentials)


def wrong_code(user: User) -> None:
    """Record a wrong code of a second factor."""
    _record_attempt("mfa.failed", {"username": user.username})


def blocked_code(user: User) -> None:
    """Record that throttling refused a code: at most once a minute for each person."""
    key = f"log of blocked codes of {user.pk}"
    if fill(key, leak=0, capacity=1, memory=timedelta(minutes=1), slides=False):
        _record_attempt("mfa.locked", {"username": user.username})


def _signed_in(user: User, **kwargs: Any) -> None:
    roles = Membership.objects.of_user(user).values_list("organization", flat=True)
    record("sign_in.succeeded", by=user, organization=roles.first())


def _confirmed(user: User, reauthenticated: bool = False, **kwargs: Any) -> None:
    if reauthenticated:
        record("identity.confirmed", by=user)


def _signed_out(user: User | None, **kwargs: Any) -> None:
    # None if the session had already ended.
    if user is not None:
        record("sign_out.done", by=user)


def _failed(credentials: Mapping[str, Any], **kwargs: Any) -> None:
    _record_attempt("sign_in.failed", credentials)


def _record_attempt(action: str, credentials: Mapping[str, Any]) -> None:
    """Record an attempt to sign in as someone, in the log of the role that they used last.

    A name that nobody has is left out: people type passwords there. It takes the same statements.
    """
    roles = Membership.objects.filter(user=OuterRef("pk")).ranked().values("organization")[:1]
    people = User.objects.annotate(logged_at=Subquery(roles)).values_list("pk", "logged_at")
    known = people.filter(username=credentials.get("username") or "").first()
    pk, organization = known or (None, None)
    subject = Subject("person", pk, people=(pk,)) if pk else None
    record(action, on=subject, organization=organization)


def _changed_in_admin(instance: AdminLogEntry, created: bool, **kwargs: Any) -> None:
    """Record a change that the admin made itself; what services did has its entry already."""
    own = {*_ADMIN_ACTIONS.values()}
    done = [one for one in origins.current().recorded if kind_of(one) != LogKind.VIEW]
    if not created or {*done} - own:
        return
    kind = str(instance.content_type.model) if instance.content_type else ""
    key = str(instance.object_id or "")
    # The text of a row may be a person's name.
    subject = Subject(kind, int(key) if key.isdecimal() else None)
    record(_ADMIN_ACTIONS[instance.action_flag], by=instance.user, on=subject)
