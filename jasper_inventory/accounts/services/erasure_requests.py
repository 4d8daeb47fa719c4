"""Requests by users to have their account erased by CCI staff."""

from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.emails import notify_erasure_asked
from jasper_inventory.accounts.models import ErasureRequest, User
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError


def ask_for_erasure(*, by: User) -> ErasureRequest:
    """Ask CCI staff to erase the user's own account, unless a request is pending."""
    with audited("erasure.asked", by=by) as act:
        asked, is_new = ErasureRequest.objects.get_or_create(
            user=by, done_at=None, withdrawn_at=None, defaults={"asked_at": timezone.now()}
        )
        act.on(by)
        if not is_new:
            act.leave_out()
        else:
            notify_erasure_asked.enqueue(asked.pk)
    return asked


def keep_account(*, by: User) -> None:
    """Withdraw the user's pending request; raise DomainError if there is none."""
    with audited("erasure.withdrawn", by=by) as act:
        act.on(by)
        pending = ErasureRequest.objects.pending().filter(user=by)
        if pending.update(withdrawn_at=timezone.now()) != 1:
            raise DomainError(_("You have no pending request to withdraw."))
