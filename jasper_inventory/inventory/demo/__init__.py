"""Demo data: the guide's own rows, and a small chain of suppliers and centers around them."""

from jasper_inventory.inventory.demo.loader import load
from jasper_inventory.inventory.demo.people import ACCOUNTS, PASSWORD

__all__ = ["ACCOUNTS", "PASSWORD", "load"]
