"""manage.py load_demo"""

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from jasper_inventory.demo.loader import load
from jasper_inventory.demo.people import PASSWORD
from jasper_inventory.lib.exceptions import DomainError


class Command(BaseCommand):
    help = (
        "Load the demo data: the guide's Tolano Adventures and a chain of suppliers and centers "
        "around it, with orders in every status and requests that wait. All or nothing; a second "
        "run changes nothing. No mails are sent."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--force",
            action="store_true",
            help="load also where DEBUG and DEMO are off: anyone who knows the demo's password can "
            "then sign in as its superuser",
        )

    def handle(self, *args, **options):
        if not (settings.DEBUG or settings.DEMO) and not options["force"]:
            raise CommandError(
                "DEBUG and DEMO are off: the demo's accounts share a known password. "
                "--force loads it anyway."
            )
        try:
            is_new = load()
        except DomainError as error:
            raise CommandError(str(error)) from None
        if not is_new:
            self.stdout.write("The demo data are there already; nothing was changed.")
            return
        self.stdout.write(f"The demo data are loaded; every password is {PASSWORD}.")
