"""manage.py load_inventory"""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from jasper_inventory.demo.large.loader import Size, load
from jasper_inventory.lib.exceptions import DomainError


class Command(BaseCommand):
    help = (
        "Load a large inventory of invented organizations, orders, codes and people into a "
        "database without orders, to measure how fast the site is. The same seed loads the same "
        "data on the same day. The database user must be a superuser."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, default in (("organizations", 100), ("orders", 1_000)):
            parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
        for name, default in (("codes", 10_000), ("students", 6_000)):
            parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("organizations", "orders", "codes", "students")
        size = Size(**{name: options[name] for name in names})
        try:
            accounts = load(size, seed=options["seed"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The inventory is loaded. Its accounts, which have no passwords yet:")
        for account in accounts:
            self.stdout.write(f"  {account.username:20} {account.description}")
        self.stdout.write("Set one with: manage.py changepassword USERNAME")
