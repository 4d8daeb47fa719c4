from django.db import migrations

from jasper_inventory.accounts.functions import add_role
from jasper_inventory.lib.functions import installs


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_indexes_of_the_admin")]

    operations = [installs(add_role)]
