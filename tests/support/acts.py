"""Acts that tests of moving an organization share."""

from jasper_inventory.support.organization_moves import edit_organization
from tests import factories
from tests.helpers import change


def move(organization, parent, by, **values):
    values = {"name": organization.name, "level": organization.level, **values}
    return edit_organization(organization=organization, parent=parent, by=by, **values)


def ended(parent, *children):
    """The parent order and the orders allocated from it ended yesterday."""
    for order in (parent, *children):
        change(order, finish_date=factories.days(-1))
