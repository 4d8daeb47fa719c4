from django.db import migrations

from jasper_inventory.lib.functions import installs
from licenses.functions import join_student


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_function_add_role"),
        ("licenses", "0007_indexes_of_the_admin"),
    ]

    operations = [installs(join_student)]
