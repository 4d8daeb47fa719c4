"""Erasing a person's name, addresses and access; counts and history stay under a neutral name."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from activation_codes.models import Handout, Redemption
from jasper_inventory.accounts.emails import notify_new_address
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Invitation,
    Membership,
    MutedTopic,
    Notice,
    Organization,
    RefusedAddress,
    Role,
    SavedView,
    Session,
    Submission,
    User,
)
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.services.list_exports import drop_exports
from jasper_inventory.accounts.services.memberships import require_administrator_left
from jasper_inventory.accounts.services.sessions import end_sessions
from jasper_inventory.accounts.session_store import SessionStore
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.functions import call
from jasper_inventory.lib.streams import in_parts
from jasper_inventory.lib.time_limits import as_batch_work
from licenses.models import Enrollment


@as_batch_work
def erase_person(*, user: User, by: User) -> bool:
    """Erase a person permanently; return False if they were already erased.

    Free text that people typed (comments, reasons) stays. Raises DomainError for CCI staff and for
    the last administrator of an organization.
    """
    require_cci_staff(by)
    with audited("person.erased", by=by) as act:
        act.on(user)
        _begin()
        # Organizations are locked before the person, in the same order as inviting does.
        _require_others(user)
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if user.erased_at is not None:
            act.leave_out()
            return False
        if user.is_staff or user.is_superuser:
            raise DomainError(
                _("CCI staff and superusers can't be erased. Remove these permissions first.")
            )
        now = timezone.now()
        known = _Known(user)
        # First, while the rows it names still exist.
        _scrub_admin_log(known)
        _scrub_handouts(known)
        _drop_exports(user)
        _end_access(user, now)
        _write_neutral_name(user, now)
        _scrub_emails(known)
        _clean_sessions(known)
        _forget_tasks(known)
        call("accounts_erase_from_log", ["changed"], user.pk)
        asked = ErasureRequest.objects.pending().filter(user=user)
        if not asked.update(done_at=now, done_by=by):
            ErasureRequest.objects.create(user=user, done_at=now, done_by=by)
    return True


def _begin() -> None:
    """Serialize erasures, because several people may be named in the same emails."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {ErasureRequest._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _require_others(user: User) -> None:
    """Raise DomainError if the person is the last administrator of an organization."""
    administered = Organization.objects.filter(
        memberships__user=user, memberships__role=Role.ADMINISTRATOR
    )
    for organization in administered.select_for_update(of=("self",), no_key=True):
        require_administrator_left(organization, without=user)


class _Known:
    """The person's current and former names and addresses, and their replacements."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.name = f"Erased person {user.pk}"
        self.address = f"erased-{user.pk}@erased.invalid"
        # `events` is added by django-pghistory, which mypy can't see.
        former = [user, *user.events.all()]  # type: ignore[attr-defined]
        proven = {
            *(one.email for one in former if one.email),
            *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
            *Invitation.objects.filter(accepted_by=user).values_list("email", flat=True),
        }
        # Typed but not proved: the mailbox may be someone else's.
        self.reserved = {*filter(None, (user.unconfirmed_email, user.lost_email))} - proven
        others = User.objects.exclude(pk=user.pk).filter(email__in=proven | self.reserved)
        # Addresses that another account has proved since then belong to that account.
        self.addresses = (proven | self.reserved) - set(others.values_list("email", flat=True))
        self.usernames = {one.username for one in former}
        # Names as shown on pages: the username if there was no other name.
        self.names = {f"{one.first_name} {one.last_name}".strip() or one.username for one in former}

    def is_in(self, text: str) -> bool:
        """Return whether a text contains a name or address of the person, as whole words."""
        words = {*self.addresses, *self.names, *self.usernames}
        found = "|".join(map(re.escape, words))
        return bool(found) and bool(re.search(rf"(?<!\w)(?:{found})(?!\w)", text, re.IGNORECASE))


def _drop_exports(user: User) -> None:
    """Delete large exports of the person, and of organizations whose lists name the person."""
    own = Membership.objects.filter(user=user).values("organization")
    enrolled = Enrollment.objects.filter(user=user).values("order__assigned_to")
    # Their keys, because the roles are deleted before this is done the second time.
    organizations = set(own.union(enrolled).values_list("organization", flat=True))
    drop_exports(Q(requested_by=user) | Q(organization__in=organizations))


def _end_access(user: User, now: datetime) -> None:
    """Delete roles, keys, addresses, alerts, views and permissions, and withdraw invitations."""
    Membership.objects.filter(user=user).delete()
    Enrollment.objects.filter(user=user).exclude(group_key=None).update(group_key=None)
    MutedTopic.objects.filter(user=user).delete()
    # Those that others use stay.
    SavedView.objects.filter(owner=user, is_shared=False).delete()
    Submission.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    Invitation.objects.open().filter(invited_by=user).update(revoked_at=now)
    user.groups.clear()
    user.user_permissions.clear()


# Session values that may contain names: notifications and kept forms.
_KEPT = ("_messages", "unsent_form")
# Searches by any part and spelling of a name can't be matched to a person.
_ALWAYS_DROPPED = "searches"


def _clean_sessions(known: _Known) -> None:
    """End the person's sessions, and delete values about the person from other sessions.

    Values aren't rewritten: notifications with the name and all searches are deleted.
    """
    end_sessions(user=known.user)
    encode = SessionStore().encode
    # Sessions must be decoded to find what they keep.
    for session in in_parts(Session.objects.all(), 500):
        kept = session.get_decoded()
        rest = {key: value for key, value in kept.items() if not _is_about(known, key, value)}
        if rest != kept:
            # An update, not a save, because the session may have been deleted meanwhile.
            Session.objects.filter(pk=session.pk).update(session_data=encode(rest))


def _is_about(known: _Known, key: str, value: Any) -> bool:
    return key == _ALWAYS_DROPPED or (key in _KEPT and known.is_in(_readable(value)))


def _readable(kept: Any) -> str:
    """Return a session value as text, with URL-encoded forms decoded."""
    return unquote_plus(json.dumps(kept, ensure_ascii=False))


def _forget_tasks(known: _Known) -> None:
    """Delete the record of the verification email's task, and tracebacks that name the person."""
    tasks = DBTaskResult.objects.all()
    written = tasks.filter(task_path=notify_new_address.module_path)
    written.filter(args_kwargs__args__0=known.user.pk).delete()
    for task in in_parts(tasks.exclude(traceback="").only("traceback"), 500):
        if known.is_in(task.traceback):
            tasks.filter(pk=task.pk).update(traceback="")


def _scrub_handouts(known: _Known) -> None:
    """Replace the name of whom codes were handed out to; the address and the note are dropped."""
    handed_out = Handout.objects.about(
        known.user, addresses=known.addresses, names=known.names | known.usernames
    )
    handed_out.update(name=known.name, email="", note="")


def _write_neutral_name(user: User, now: datetime) -> None:
    """Replace the name in the person's row and in its history."""
    user.first_name, user.last_name = "Erased person", str(user.pk)
    # No one can have this username, because usernames have no spaces.
    user.username = f"erased person {user.pk}"
    user.email = user.unconfirmed_email = user.lost_email = ""
    user.set_unusable_password()
    user.is_active = False
    user.last_login = None
    user.hidden_columns, user.uses_shortcuts = "", True
    user.erased_at = now
    user.save()
    user.events.update(  # type: ignore[attr-defined]  # as above
        username=user.username, first_name=user.first_name, last_name=user.last_name, email=""
    )


def _scrub_emails(known: _Known) -> None:
    """Empty emails and invitations to the person; emails to others only have references.

    Invitations to a mailbox that was never proved to be the person's stay.
    """
    kept = Q(kind="invitation", address__in=known.reserved)
    to_the_address = Q(recipient=None, address__in=known.addresses) & ~kept
    to_the_person = Q(recipient=known.user) | to_the_address
    notices = Notice.objects.filter(to_the_person)
    notices.unsent().delete()
    RefusedAddress.objects.filter(address__in=known.addresses).delete()
    # Without their event, because two former addresses may have got the same one.
    notices.update(event=None, address=known.address, subject="", text="", html="", last_error="")
    proven = known.addresses - known.reserved
    invited = Invitation.objects.filter(Q(accepted_by=known.user) | Q(email__in=proven))
    invited.open().update(revoked_at=timezone.now())
    invited.update(email=known.address)


def _scrub_admin_log(known: _Known) -> None:
    """Replace the person's name in the admin's log of changed rows.

    Entries about deleted rows are found by the person's address.
    """
    for model in (User, Enrollment, Redemption, ErasureRequest, Membership, EmailAddress):
        of_model = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        own = Q(object_id__in=[str(pk) for pk in _rows_of(model, known.user)])
        gone = Q(object_repr__in=known.addresses)
        of_model.filter(own | gone).update(object_repr=known.name, change_message="")


def _rows_of(model: type[Model], user: User) -> Any:
    lookup = {User: "pk", Redemption: "enrollment__user"}.get(model, "user")
    return model._base_manager.filter(**{lookup: user.pk}).values_list("pk", flat=True)
