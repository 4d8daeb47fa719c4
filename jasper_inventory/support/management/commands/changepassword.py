"""manage.py changepassword"""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandParser
from django.db import transaction

from jasper_inventory.accounts.permissions import require_cci_staff
from jasper_inventory.accounts.services.passwords import require_new_password
from jasper_inventory.lib.commands import find_actor, find_user, one_line_errors


class Command(changepassword.Command):
    help = (
        "Set a person's password. The person must choose a new one at the next sign-in, unless it "
        "is your own (--by)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--by",
            required=True,
            metavar="USER",
            help="username or email of the CCI staff member who sets it",
        )

    def handle(self, *args: Any, **options: Any) -> str | None:
        with one_line_errors(), transaction.atomic():
            by = find_actor(options["by"])
            require_cci_staff(by)
            user = find_user(options["username"] or getpass.getuser())
            done = super().handle(*args, **{**options, "username": user.get_username()})
            require_new_password(user=user, by=by)
        return done
