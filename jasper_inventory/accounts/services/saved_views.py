"""Saving, changing and deleting views of the License Inventory."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Membership, SavedView
from jasper_inventory.lib.exceptions import DomainError


def save_view(*, name: str, query: str, is_shared: bool, by: Membership) -> SavedView:
    """Save a search under a name that the person doesn't use yet."""
    view = SavedView(
        name=name,
        query=query,
        is_shared=is_shared,
        owner_id=by.user_id,
        organization_id=by.organization_id,
    )
    with _unique():
        view.save()
    return view


def change_view(*, view: SavedView, name: str, is_shared: bool, by: Membership) -> None:
    """Rename a view, and share it or not."""
    with _unique():
        found = SavedView.objects.manageable_by(by).filter(pk=view.pk)
        if not found.update(name=name, is_shared=is_shared):
            raise DomainError(_("This view was deleted meanwhile."))


def delete_view(*, view: SavedView, by: Membership) -> None:
    """Delete a view; one that is gone already stays so."""
    SavedView.objects.manageable_by(by).filter(pk=view.pk).delete()


@contextmanager
def _unique() -> Iterator[None]:
    """Turn the refusal of the database into one for the person."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "accounts_savedview_once" not in str(error):
            raise
        text = _("You already have a view with this name. Choose another name.")
        raise DomainError(text, field="name") from error
