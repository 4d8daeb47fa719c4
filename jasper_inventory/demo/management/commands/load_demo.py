"""manage.py load_demo"""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from jasper_inventory.demo.dataset import PASSWORD
from jasper_inventory.demo.loader import load
from jasper_inventory.lib.exceptions import DomainError


class Command(BaseCommand):
    help = (
        "Load the demo data: Tolano Adventures from the guide, with suppliers and centers around "
        "it, orders in every status and pending requests. If something fails, nothing is loaded. "
        "A second run changes nothing. No emails are sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="load even if DEBUG and DEMO are off. Anyone who knows the demo's password can "
            "then sign in as its superuser",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.DEMO) and not options["force"]:
            raise CommandError(
                "DEBUG and DEMO are off, and the demo's accounts share a known password. "
                "Add --force to load it anyway."
            )
        try:
            is_new = load()
        except DomainError as error:
            raise CommandError(str(error)) from None
        if not is_new:
            self.stdout.write("The demo data are already loaded; nothing was changed.")
            return
        self.stdout.write(f"The demo data are loaded. Every account's password is {PASSWORD}.")
