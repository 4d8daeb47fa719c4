import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_names_of_members"),
        ("licenses", "0005_names_on_enrollments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="append_only",
        ),
        migrations.AddField(
            model_name="transfer",
            name="assigned_to",
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
            model_name="transfer",
            name="compact_purchase_orders",
            field=models.TextField(db_collation="C", default="", editable=False),
        ),
        migrations.AddField(
            model_name="transfer",
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
            model_name="transfer",
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
            model_name="transfer",
            name="is_left_behind",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="transfer",
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
        migrations.AddField(
            model_name="transfer",
            name="supplier",
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
            model_name="transfer",
            index=models.Index(
                fields=["distributor", "-made_at", "-id"],
                include=(
                    "is_left_behind",
                    "kind",
                    "compact_purchase_orders",
                    "assigned_to",
                    "supplier",
                ),
                name="transfers_of_distributor",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["reseller", "-made_at", "-id"],
                include=(
                    "is_left_behind",
                    "kind",
                    "compact_purchase_orders",
                    "assigned_to",
                    "supplier",
                ),
                name="transfers_of_reseller",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["hub", "-made_at", "-id"],
                include=(
                    "is_left_behind",
                    "kind",
                    "compact_purchase_orders",
                    "assigned_to",
                    "supplier",
                ),
                name="transfers_of_hub",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["assigned_to", "-made_at", "-id"],
                include=("is_left_behind", "kind", "compact_purchase_orders", "supplier"),
                name="transfers_of_assigned_to",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["supplier", "-made_at", "-id"],
                include=("is_left_behind", "kind", "compact_purchase_orders", "assigned_to"),
                name="transfers_of_supplier",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("is_left_behind", True)),
                fields=["assigned_to"],
                name="licenses_transfer_left_behind",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("compact_purchase_orders", "gin_trgm_ops"),
                name="licenses_transfer_by_part",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="transfers_follow",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."assigned_to_id" IS DISTINCT FROM (NEW."assigned_to_id") OR OLD."distributor_id" IS DISTINCT FROM (NEW."distributor_id") OR OLD."hub_id" IS DISTINCT FROM (NEW."hub_id") OR OLD."purchase_order" IS DISTINCT FROM (NEW."purchase_order") OR OLD."reseller_id" IS DISTINCT FROM (NEW."reseller_id"))',
                    func="\n        UPDATE licenses_transfer SET assigned_to_id = assigned_to_id\n        WHERE from_order_id = NEW.id OR to_order_id = NEW.id;\n        RETURN NULL;\n    ",
                    hash="24b31de7b60c21624c6017d5eaaad8d875cb5535",
                    operation="UPDATE",
                    pgid="pgtrigger_transfers_follow_5e474",
                    table="licenses_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="find_branch",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        SELECT\n            holder.assigned_to_id, holder.distributor_id, holder.reseller_id, holder.hub_id,\n            supplier.assigned_to_id,\n            organization.level <> 0 AND NOT coalesce(\n                supplier.assigned_to_id = ANY (ARRAY[\n                    holder.assigned_to_id, holder.distributor_id, holder.reseller_id, holder.hub_id\n                ]),\n                false\n            ),\n            concat_ws(\n                ' ',\n                jasper_compact(NEW.purchase_order),\n                nullif(holder.compact_purchase_order, jasper_compact(NEW.purchase_order))\n            )\n        INTO\n            NEW.assigned_to_id, NEW.distributor_id, NEW.reseller_id, NEW.hub_id,\n            NEW.supplier_id, NEW.is_left_behind, NEW.compact_purchase_orders\n        FROM licenses_order holder, licenses_order supplier\n        JOIN accounts_organization organization ON organization.id = supplier.assigned_to_id\n        WHERE holder.id =\n            CASE NEW.kind WHEN 'allocated' THEN NEW.to_order_id ELSE NEW.from_order_id END\n        AND supplier.id =\n            CASE NEW.kind WHEN 'allocated' THEN NEW.from_order_id ELSE NEW.to_order_id END;\n        RETURN NEW;\n    ",
                    hash="6c2c472ed63ab2655407a4815fc2a04252833813",
                    operation='INSERT OR UPDATE OF "distributor_id", "reseller_id", "hub_id", "assigned_to_id", "supplier_id", "is_left_behind", "compact_purchase_orders"',
                    pgid="pgtrigger_find_branch_38ce0",
                    table="licenses_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='RAISE EXCEPTION \'pgtrigger: Cannot delete or update of "id", "kind", "from_order_id", "to_order_id", "number", "made_by_id", "made_at", "purchase_order", "reason" rows from % table\', TG_TABLE_NAME;',
                    hash="141f6b877a852836b94199f6f1b595bb7187b738",
                    operation='DELETE OR UPDATE OF "id", "kind", "from_order_id", "to_order_id", "number", "made_by_id", "made_at", "purchase_order", "reason"',
                    pgid="pgtrigger_append_only_3f3ed",
                    table="licenses_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "UPDATE licenses_transfer SET assigned_to_id = assigned_to_id",
            migrations.RunSQL.noop,
        ),
    ]
