import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("licenses", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrganizationWithOrders",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.organization",),
        ),
        migrations.AddField(
            model_name="order",
            name="distributor",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="hub",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="is_left_behind",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="order",
            name="reseller",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("distributor__isnull", False)),
                fields=["distributor", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_distributor_number",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("reseller__isnull", False)),
                fields=["reseller", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_reseller_number",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("hub__isnull", False)),
                fields=["hub", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_hub_number",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("distributor__isnull", False)),
                fields=["distributor", "start_date", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_distributor_start",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("reseller__isnull", False)),
                fields=["reseller", "start_date", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_reseller_start",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("distributor__isnull", False)),
                fields=["distributor", "finish_date", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_distributor_finish",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("reseller__isnull", False)),
                fields=["reseller", "finish_date", "number"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_reseller_finish",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("outcome", "approved")),
                fields=["distributor", "inventory_type"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_distributor_total",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("outcome", "approved")),
                fields=["reseller", "inventory_type"],
                include=("is_left_behind", "assigned_to"),
                name="orders_of_reseller_total",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="find_branch",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        SELECT\n            max(above.id) FILTER (WHERE above.level = 1),\n            max(above.id) FILTER (WHERE above.level = 2),\n            max(above.id) FILTER (WHERE above.level = 3),\n            NEW.outcome <> 'approved'\n                AND coalesce(bool_and(above.id <> NEW.requested_by_organization_id), false)\n        INTO NEW.distributor_id, NEW.reseller_id, NEW.hub_id, NEW.is_left_behind\n        FROM accounts_organization holder\n        CROSS JOIN generate_series(\n            4, length(holder.path), 4\n        ) AS step\n        JOIN accounts_organization above ON above.path = left(holder.path, step)\n        WHERE holder.id = NEW.assigned_to_id;\n        RETURN NEW;\n    ",
                    hash="c30cc3fb212d8f0e0e9307abb2bf367aab957e80",
                    operation='INSERT OR UPDATE OF "assigned_to_id", "distributor_id", "reseller_id", "hub_id", "is_left_behind", "outcome", "requested_by_organization_id"',
                    pgid="pgtrigger_find_branch_51aa9",
                    table="licenses_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organizationwithorders",
            trigger=pgtrigger.compiler.Trigger(
                name="orders_follow",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    UPDATE licenses_order SET assigned_to_id = assigned_to_id\n                    WHERE assigned_to_id IN (\n                        SELECT below.id\n                        FROM now JOIN before ON before.id = now.id\n                        JOIN accounts_organization below ON below.path LIKE now.path || '%'\n                        WHERE now.level <> before.level OR now.path <> before.path\n                    );\n                    RETURN NULL;\n                ",
                    hash="829b547e3c10dcbf9d9a7c50c22cc1e1a1127654",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_orders_follow_b2e8c",
                    referencing="REFERENCING OLD TABLE AS before  NEW TABLE AS now ",
                    table="accounts_organization",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(
            "UPDATE licenses_order SET assigned_to_id = assigned_to_id",
            migrations.RunSQL.noop,
        ),
    ]
