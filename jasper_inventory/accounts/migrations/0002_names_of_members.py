import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Before the index is made, and without writing history.
COPY = """
UPDATE accounts_membership SET user_folded = person.folded
FROM accounts_user person WHERE person.id = user_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="user_folded",
            field=models.TextField(db_collation="C", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="membership",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                fields=["organization", "user_folded", "user"], name="accounts_membership_by_name"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="copy_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            SELECT person.folded\n            INTO NEW.user_folded\n            FROM accounts_user person WHERE person.id = NEW.user_id FOR KEY SHARE;\n            RETURN NEW;\n        ",
                    hash="e4db018e99d87d4affce059f1bab0433f00bca30",
                    operation='INSERT OR UPDATE OF "user_id", "user_folded"',
                    pgid="pgtrigger_copy_person_81439",
                    table="accounts_membership",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="accounts_membership_follow",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."folded" IS DISTINCT FROM (NEW."folded"))',
                    func="\n            PERFORM 1 FROM accounts_user WHERE id = NEW.id FOR UPDATE;\n            UPDATE accounts_membership SET user_id = user_id WHERE user_id = NEW.id;\n            RETURN NULL;\n        ",
                    hash="e79c13050238fa1635a5c0c743fe81dbe063b7af",
                    operation="UPDATE",
                    pgid="pgtrigger_accounts_membership_follow_ca51c",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
    ]
