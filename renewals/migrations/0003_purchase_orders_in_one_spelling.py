"""Purchase orders stored in one spelling, before the database requires it."""

from django.db import migrations

from jasper_inventory.lib.text import clean_line
from jasper_inventory.lib.text_fields import clean_rows


def store_one_spelling(apps, schema_editor):
    clean_rows(apps.get_model("renewals", "RenewalRequest"), purchase_order=clean_line)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_functions_on_text"),
        ("renewals", "0002_deciding"),
    ]

    operations = [migrations.RunPython(store_one_spelling, migrations.RunPython.noop)]
