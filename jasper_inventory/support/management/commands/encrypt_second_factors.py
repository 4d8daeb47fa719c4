"""manage.py encrypt_second_factors"""

from typing import Any

from jasper_inventory.accounts.services.second_factors import encrypt_second_factors
from jasper_inventory.lib.commands import ChangingCommand


class Command(ChangingCommand):
    help = (
        "Encrypt the secrets of second factors with the current SECRET_KEY. Run it after a change "
        "of the key, before the former one is removed from SECRET_KEY_FALLBACKS."
    )
    example = "--by sue.wong"

    def change(self, *, by: Any, options: dict[str, Any]) -> str:
        done, unreadable = encrypt_second_factors(by=by)
        line = f"{done} secrets were encrypted with the current key."
        if unreadable:
            line += f" {unreadable} can't be read with any key: their owners set them up again."
        return line
