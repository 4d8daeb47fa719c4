"""manage.py erase_person"""

from jasper_inventory.lib.commands import ChangingCommand, find_user
from jasper_inventory.people.erasure import erase_person


class Command(ChangingCommand):
    help = (
        "Erase a person for good: name, addresses, password, roles and mails go; counts, places "
        "and history stay under a neutral name. Free text, such as comments, stays as it is. A "
        "second run changes nothing."
    )
    example = "rosa.patel --by sue.wong --dry-run"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("user", metavar="PERSON", help="username or email")

    def change(self, *, by, options):
        user = find_user(options["user"])
        if not erase_person(user=user, by=by):
            return f"{user} was erased already; nothing was changed."
        return f"{user.username} was erased, and is Erased person {user.pk} now."
