from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo: its data, and the commands that load and run it."""

    name = "jasper_inventory.demo"
