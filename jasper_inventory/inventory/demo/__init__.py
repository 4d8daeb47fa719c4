"""Demo data: the guide's own rows, and a small chain of suppliers and centers around them."""

from jasper_inventory.inventory.demo.loader import load
from jasper_inventory.inventory.demo.people import ACCOUNTS, PASSWORD
from jasper_inventory.inventory.demo.welcome import accounts_text

__all__ = ["ACCOUNTS", "PASSWORD", "accounts_text", "load"]
