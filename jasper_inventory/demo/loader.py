"""Loading the demo: all or nothing."""

from django.db import transaction
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Level, Organization, User
from jasper_inventory.demo.dataset import ACCOUNTS, GUIDE, ORGANIZATIONS
from jasper_inventory.demo.stage import Stage
from jasper_inventory.demo.story import Story
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import tasks_dropped
from jasper_inventory.support.bootstrap import set_up_site
from licenses.models import Order

NUMBERS = {row.number for row in GUIDE if row.number is not None}


def load() -> bool:
    """Load the demo data without sending emails; return False if they are already loaded.

    Raise DomainError if existing data use the demo's usernames or order numbers.
    """
    with tasks_dropped(), transaction.atomic():
        set_up_site()
        # A second load at the same time waits here, and then finds the data of the first.
        Organization.objects.select_for_update().get(level=Level.VENDOR)
        if _is_loaded():
            return False
        _require_free_names()
        Story(Stage()).tell()
    return True


def _is_loaded() -> bool:
    name = next(row.name for row in ORGANIZATIONS if row.key == GUIDE[0].to)
    return Order.objects.filter(number__in=NUMBERS, assigned_to__name=name).count() == len(GUIDE)


def _require_free_names() -> None:
    usernames = {*ACCOUNTS, *(row.administrator[0] for row in ORGANIZATIONS)}
    taken = [
        *User.objects.filter(username__in=usernames).values_list("username", flat=True),
        *Order.objects.filter(number__in=NUMBERS).values_list("number", flat=True),
    ]
    if taken:
        raise DomainError(
            _("The demo data can't be loaded, because these are in use: %(names)s.")
            % {"names": ", ".join(str(name) for name in taken)}
        )
