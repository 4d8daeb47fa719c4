"""Loads the demo data, all or nothing."""

from django.db import transaction
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Level, Organization, User
from jasper_inventory.demo.inviting import ask_and_invite
from jasper_inventory.demo.orders import GUIDE
from jasper_inventory.demo.people import ACCOUNTS, ADMINISTRATORS, TOLANO
from jasper_inventory.demo.stage import Stage
from jasper_inventory.demo.story import Story
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import tasks_dropped
from jasper_inventory.support.bootstrap import set_up_site
from licenses.models import Order


def load() -> bool:
    """Load the demo data; False where they are there already. Nobody is sent a mail.

    Raises DomainError where the site has data of its own that stand in the way.
    """
    with tasks_dropped(), transaction.atomic():
        set_up_site()
        # Two loads at once: the second waits here, and then finds the data of the first.
        Organization.objects.select_for_update().get(level=Level.VENDOR)
        if _is_loaded():
            return False
        _require_room()
        stage = Stage()
        Story(stage).tell()
        ask_and_invite(stage)
    return True


def _numbers() -> set[int | None]:
    return {lot.number for lot in GUIDE}


def _is_loaded() -> bool:
    orders = Order.objects.filter(number__in=_numbers(), assigned_to__name=TOLANO)
    return orders.count() == len(GUIDE)


def _require_room() -> None:
    """Raise DomainError where a username, an address or an order number of the demo is taken."""
    usernames = {name for name, _who in ACCOUNTS}
    usernames |= {name for name, _first, _last in ADMINISTRATORS.values()}
    taken = [
        *User.objects.filter(username__in=usernames).values_list("username", flat=True),
        *Order.objects.filter(number__in=_numbers()).values_list("number", flat=True),
    ]
    if taken:
        raise DomainError(
            _("The demo data don't fit in here, since these are taken: %(names)s.")
            % {"names": ", ".join(str(name) for name in taken)}
        )
