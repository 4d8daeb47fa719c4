"""manage.py grant_role"""

from jasper_inventory.accounts.management.arguments import ROLES, add_membership, find_organization
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.services.memberships import grant_role
from jasper_inventory.lib.commands import ChangingCommand, find_user


class Command(ChangingCommand):
    help = (
        "Give a person, who has an account already, a role at an organization. Having it "
        "already is no error."
    )
    example = 'kim.williams "Tolano Adventures" administrator --by sue.wong'

    def add_arguments(self, parser):
        super().add_arguments(parser)
        add_membership(parser)

    def change(self, *, by, options):
        facts = {
            "user": find_user(options["user"]),
            "organization": find_organization(options["organization"]),
            "role": ROLES[options["role"]],
        }
        had_it = Membership.objects.filter(**facts).exists()
        membership = grant_role(**facts, by=by)
        name = f"{facts['user'].username} is {membership.role_name} of {facts['organization']}"
        return f"{name} already; nothing was changed." if had_it else f"{name} now."
