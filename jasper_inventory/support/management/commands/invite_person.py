"""manage.py invite_person"""

from jasper_inventory.accounts.management.arguments import (
    ORGANIZATION_HELP,
    ROLES,
    find_organization,
)
from jasper_inventory.accounts.models import Role
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.lib.commands import ChangingCommand


class Command(ChangingCommand):
    help = (
        "Send somebody an email with a link that makes them an administrator or a teacher of an "
        "organization; who has no account makes one there. Such as the first administrator of a "
        "new center. The link works once, for 14 days."
    )
    example = 'rosa@example.com "Tolano Adventures" administrator --by sue.wong'

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("email", metavar="E-MAIL", help="where the link is sent to")
        parser.add_argument("organization", metavar="ORGANIZATION", help=ORGANIZATION_HELP)
        parser.add_argument(
            "role",
            choices=[name for name, role in ROLES.items() if role != Role.STUDENT],
            help="what the person becomes there",
        )

    def change(self, *, by, options):
        invitation = invite(
            organization=find_organization(options["organization"]),
            role=ROLES[options["role"]],
            email=options["email"],
            by=by,
        )
        return f"{invitation.email} was invited to become {invitation}."
