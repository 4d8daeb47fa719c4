"""manage.py clean_up"""

from typing import Any

from jasper_inventory.lib.commands import ServiceCommand
from jasper_inventory.support.schedules import clean_up


class Command(ServiceCommand):
    help = (
        "Delete what is no longer needed: expired sessions and links, texts of old emails, records "
        "of finished jobs and of forms, and workbooks that nobody downloaded. The workers run it "
        "every day. Safe to run at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(clean_up())
