"""Erasing a person: name, addresses and access go, counts and history stay under a neutral name."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from activation_codes.models import Redemption
from jasper_inventory.accounts.emails import notify_new_address
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Invitation,
    Membership,
    MutedTopic,
    Notice,
    Organization,
    Role,
    User,
)
from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.services.memberships import require_administrator_left
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Enrollment


def erase_person(*, user: User, by: User) -> bool:
    """Erase a person for good; return whether there was anything left to erase.

    Free text that people typed (comments, reasons) stays. Raises DomainError for people of CCI,
    and for the last administrator of an organization.
    """
    require_cci_staff(by)
    with recorded("person.erased", by=by):
        _begin()
        # Organizations before the person: whoever invites holds one, then names the inviter.
        _require_others(user)
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if user.erased_at is not None:
            return False
        if user.is_staff or user.is_superuser:
            raise DomainError(
                _("CCI staff and superusers can't be erased: take these rights away first.")
            )
        now = timezone.now()
        known = _Known(user)
        # First, while what it names is still there.
        _scrub_admin_log(known)
        _end_access(user, now)
        _write_neutral_name(user, now)
        _scrub_mails(known)
        _clean_sessions(known)
        _forget_tasks(known)
        asked = ErasureRequest.objects.pending().filter(user=user)
        if not asked.update(done_at=now, done_by=by):
            ErasureRequest.objects.create(user=user, done_at=now, done_by=by)
    return True


def _begin() -> None:
    """One person at a time: what is told of several stands in the same mails and invitations."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {ErasureRequest._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _require_others(user: User) -> None:
    """Raise DomainError where the person is the last administrator of an organization."""
    administered = Organization.objects.filter(
        memberships__user=user, memberships__role=Role.ADMINISTRATOR
    )
    for organization in administered.select_for_update(of=("self",), no_key=True):
        require_administrator_left(organization, without=user)


class _Known:
    """What told of the person, now or earlier, and what stands there instead."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.name = f"Erased person {user.pk}"
        self.address = f"erased-{user.pk}@erased.invalid"
        # `events` is made by django-pghistory, which the checker can't see.
        former = [user, *user.events.all()]  # type: ignore[attr-defined]
        proven = {
            *(one.email for one in former if one.email),
            *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
            *Invitation.objects.filter(accepted_by=user).values_list("email", flat=True),
        }
        # Only typed with the account: the mailbox may be somebody else's.
        self.reserved = {*filter(None, (user.unconfirmed_email, user.lost_email))} - proven
        others = User.objects.exclude(pk=user.pk).filter(email__in=proven | self.reserved)
        # What another account has proven since then is about that one.
        self.addresses = (proven | self.reserved) - set(others.values_list("email", flat=True))
        self.usernames = {one.username for one in former}
        # As pages named the person: by username where there was no other.
        self.names = {f"{one.first_name} {one.last_name}".strip() or one.username for one in former}

    def is_in(self, text: str) -> bool:
        """Whether a text has any of it, as whole words."""
        words = {*self.addresses, *self.names, *self.usernames}
        found = "|".join(map(re.escape, words))
        return bool(found) and bool(re.search(rf"(?<!\w)(?:{found})(?!\w)", text, re.IGNORECASE))


def _end_access(user: User, now: datetime) -> None:
    """Roles, keys, addresses, alerts, invitations; the password goes with the name."""
    Membership.objects.filter(user=user).delete()
    Enrollment.objects.filter(user=user).exclude(group_key=None).update(group_key=None)
    MutedTopic.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Invitation.objects.open().filter(invited_by=user).update(revoked_at=now)
    user.groups.clear()
    user.user_permissions.clear()


# What sessions keep of what was typed or done: notifications and kept forms.
_KEPT = ("_messages", "unsent_form")
# A search finds people by any part and spelling of their names: nothing tells whom it meant.
_ALWAYS_DROPPED = "searches"


def _clean_sessions(known: _Known) -> None:
    """End the person's sessions; drop what those of others keep about the person.

    Nothing is rewritten: a notification that has the name in it is gone, and so are all searches.
    """
    encode = Session.get_session_store_class()().encode
    # A session doesn't say whose it is without being read.
    for session in Session.objects.iterator(chunk_size=500):
        kept = session.get_decoded()
        if kept.get(SESSION_KEY) == str(known.user.pk):
            session.delete()
            continue
        rest = {key: value for key, value in kept.items() if not _is_about(known, key, value)}
        if rest != kept:
            # No save: its owner may have signed out meanwhile.
            Session.objects.filter(pk=session.pk).update(session_data=encode(rest))


def _is_about(known: _Known, key: str, value: Any) -> bool:
    return key == _ALWAYS_DROPPED or (key in _KEPT and known.is_in(_readable(value)))


def _readable(kept: Any) -> str:
    """What a session keeps as one text; a kept form is encoded as in an address."""
    return unquote_plus(json.dumps(kept, ensure_ascii=False))


def _forget_tasks(known: _Known) -> None:
    """The record of the task that wrote to an address typed with the account, maybe in vain.

    An error that another task ended with may quote the person: its traceback is emptied.
    """
    tasks = DBTaskResult.objects.all()
    written = tasks.filter(task_path=notify_new_address.module_path)
    written.filter(args_kwargs__args__0=known.user.pk).delete()
    for task in tasks.exclude(traceback="").only("traceback").iterator(chunk_size=500):
        if known.is_in(task.traceback):
            tasks.filter(pk=task.pk).update(traceback="")


def _write_neutral_name(user: User, now: datetime) -> None:
    """In the person's row, then in all that the history tells of it."""
    user.first_name, user.last_name = "Erased person", str(user.pk)
    # With spaces, which no username has: nobody can have taken it.
    user.username = f"erased person {user.pk}"
    user.email = user.unconfirmed_email = user.lost_email = ""
    user.set_unusable_password()
    user.is_active = False
    user.last_login = None
    user.erased_at = now
    user.save()
    user.events.update(  # type: ignore[attr-defined]  # as above
        username=user.username, first_name=user.first_name, last_name=user.last_name, email=""
    )


def _scrub_mails(known: _Known) -> None:
    """Emails to the person, and invitations. Those to others refer to the person, not by name.

    Invitations to a mailbox that was never proven to be the person's stay.
    """
    kept = Q(kind="invitation", address__in=known.reserved)
    to_the_address = Q(recipient=None, address__in=known.addresses) & ~kept
    to_the_person = Q(recipient=known.user) | to_the_address
    notices = Notice.objects.filter(to_the_person)
    notices.unsent().delete()
    # Without their event: two to former addresses may be of the same one.
    notices.update(event=None, address=known.address, subject="", text="", html="", last_error="")
    proven = known.addresses - known.reserved
    invited = Invitation.objects.filter(Q(accepted_by=known.user) | Q(email__in=proven))
    invited.open().update(revoked_at=timezone.now())
    invited.update(email=known.address)


def _scrub_admin_log(known: _Known) -> None:
    """The admin's own log names the rows that were changed: of this person, by name.

    Rows that are gone by now are found by the person's name or address instead.
    """
    for model in (User, Enrollment, Redemption, ErasureRequest, Membership, EmailAddress):
        of_model = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        own = Q(object_id__in=[str(pk) for pk in _rows_of(model, known.user)])
        gone = Q(object_repr__in=known.addresses)
        of_model.filter(own | gone).update(object_repr=known.name, change_message="")


def _rows_of(model: type[Model], user: User) -> Any:
    lookup = {User: "pk", Redemption: "enrollment__user"}.get(model, "user")
    return model._base_manager.filter(**{lookup: user.pk}).values_list("pk", flat=True)
