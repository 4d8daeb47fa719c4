"""manage.py load_inventory"""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from jasper_inventory.demo.large.loader import Size, load
from jasper_inventory.lib.commands import positive
from jasper_inventory.lib.exceptions import DomainError

SIZES = {"organizations": 100, "orders": 1_000, "codes": 10_000, "students": 6_000}


class Command(BaseCommand):
    help = (
        "Load a large inventory of invented organizations, orders, codes and people into a "
        "database without orders, to measure how fast the site is. The same seed loads the same "
        "data on the same day. The database user must be a superuser."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, default in SIZES.items():
            parser.add_argument(
                f"--{name}",
                type=positive,
                default=default,
                metavar="N",
                help=f"number of {name}; {default:,} unless given",
            )
        parser.add_argument(
            "--seed",
            type=positive,
            default=1,
            metavar="S",
            help="another seed loads other data of the same size; 1 unless given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        size = Size(**{name: options[name] for name in SIZES})
        try:
            accounts = load(size, seed=options["seed"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The inventory is loaded. Its accounts, which have no passwords yet:")
        for account in accounts:
            self.stdout.write(f"  {account.username:20} {account.description}")
        self.stdout.write("Set one with: manage.py changepassword USERNAME")
