from django.db import migrations

from activation_codes.functions import redeem
from jasper_inventory.lib.functions import installs


class Migration(migrations.Migration):
    dependencies = [
        ("activation_codes", "0002_pending_batches"),
        ("licenses", "0008_function_join_student"),
    ]

    operations = [installs(redeem)]
