"""manage.py grant_rights"""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.db import DatabaseError, transaction

from jasper_inventory.lib.commands import ServiceCommand
from jasper_inventory.support import grants


class Command(ServiceCommand):
    help = (
        "Give the database role of the site its rights: it reads and writes all tables, but can't "
        "change or delete entries of the activity log, nor change the schema. Run it as the owner "
        "of the tables, after the role was created. migrate does the same if DATABASE_SITE_ROLE "
        "is set."
    )
    example = "--role inventory_site"

    def add_arguments(self, parser: CommandParser) -> None:
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--role", metavar="NAME", help="the site's role")
        wanted.add_argument(
            "--check",
            action="store_true",
            help="exit with code 1 if the role of DATABASE_URL could change the activity log",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the statements without running them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            if grants.can_change_log():
                raise CommandError("The role of DATABASE_URL can change the activity log.")
            self.stdout.write("The role of DATABASE_URL can't change the activity log.")
            return
        role = options["role"]
        if options["dry_run"]:
            for statement in grants.statements(role):
                self.stdout.write(f"{statement};")
            return
        try:
            with transaction.atomic():
                grants.grant(role)
        except DatabaseError as error:
            raise CommandError(str(error).strip().splitlines()[0]) from None
        self.stdout.write(f"{role} has the rights of the site.")
