from django.db import migrations

from activation_codes.functions import redeem
from jasper_inventory.lib.functions import installs


class Migration(migrations.Migration):
    dependencies = [
        ("activation_codes", "0008_plain_handouts"),
        ("accounts", "0007_log_entries"),
    ]

    operations = [installs(redeem)]
