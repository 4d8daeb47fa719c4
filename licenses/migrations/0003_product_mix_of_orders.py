import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0002_branches_of_orders"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="mix",
            field=models.TextField(default="none", editable=False),
        ),
        # Before the triggers, which would find each mix by itself.
        migrations.RunSQL(
            """
            UPDATE licenses_order SET mix = found.mix
            FROM (
                SELECT order_id, string_agg(product_id::text, '-' ORDER BY product_id) AS mix
                FROM licenses_orderproduct GROUP BY order_id
            ) AS found
            WHERE found.order_id = licenses_order.id
            """,
            migrations.RunSQL.noop,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="find_mix",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        SELECT coalesce(\n            string_agg(product_id::text, '-' ORDER BY product_id), 'none'\n        )\n        INTO NEW.mix FROM licenses_orderproduct WHERE order_id = NEW.id;\n        RETURN NEW;\n    ",
                    hash="3189292b344013dcee7267741609081d8773e2a0",
                    operation='INSERT OR UPDATE OF "mix"',
                    pgid="pgtrigger_find_mix_60217",
                    table="licenses_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="mix_follows_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE licenses_order SET mix = mix WHERE id IN (SELECT order_id FROM now);\n            RETURN NULL;\n        ",
                    hash="659d1efc68f2ab8acefcf7724ddd5c2190108d0a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_mix_follows_insert_f2a9e",
                    referencing="REFERENCING NEW TABLE AS now ",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="mix_follows_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE licenses_order SET mix = mix WHERE id IN (SELECT order_id FROM before);\n            RETURN NULL;\n        ",
                    hash="510ff33a4e8ecbc3528910dba7eafa50395d6f88",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_mix_follows_delete_ecc55",
                    referencing="REFERENCING OLD TABLE AS before ",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="mix_follows_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE licenses_order SET mix = mix WHERE id IN (SELECT order_id FROM now UNION SELECT order_id FROM before);\n            RETURN NULL;\n        ",
                    hash="7dd2a28cb3b1eafc77ef8ae7536bd35e8d31937b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_mix_follows_update_a99e4",
                    referencing="REFERENCING OLD TABLE AS before  NEW TABLE AS now ",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
    ]
