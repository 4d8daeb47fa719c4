"""manage.py erase_person"""

from typing import Any

from django.core.management.base import CommandParser

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.commands import ChangingCommand, find_user
from jasper_inventory.people.erasure import erase_person


class Command(ChangingCommand):
    help = (
        "Erase a person permanently. The name, addresses, password, roles and emails are removed; "
        "counts, seats and history are kept under a name such as Erased person 1234. Free text, "
        "such as comments, is kept as typed. A second run changes nothing."
    )
    example = "rosa.patel --by sue.wong --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", metavar="PERSON", help="username or email")

    def change(self, *, by: User, options: dict[str, Any]) -> str:
        user = find_user(options["user"])
        if not erase_person(user=user, by=by):
            return f"{user} was already erased; nothing was changed."
        return f"{user.username} was erased and is now called Erased person {user.pk}."
