from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo: its data, and commands to load and run it."""

    name = "jasper_inventory.demo"
