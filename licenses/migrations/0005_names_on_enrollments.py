import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Before the index is made, and without writing history.
COPY = """
UPDATE licenses_enrollment SET user_folded = person.folded, user_is_active = person.is_active
FROM accounts_user person WHERE person.id = user_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_names_of_members"),
        ("licenses", "0004_totals_without_included_columns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UserWithEnrollments",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.user",),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="enrollment",
            name="update_update",
        ),
        migrations.AddField(
            model_name="enrollment",
            name="user_folded",
            field=models.TextField(db_collation="C", default="", editable=False),
        ),
        migrations.AddField(
            model_name="enrollment",
            name="user_is_active",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AlterField(
            model_name="enrollment",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(
                fields=["order", "role", "user_folded", "id"],
                include=("user", "removed_at", "user_is_active"),
                name="licenses_enrollment_by_name",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrollment",
            trigger=pgtrigger.compiler.Trigger(
                name="copy_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            SELECT person.folded, person.is_active\n            INTO NEW.user_folded, NEW.user_is_active\n            FROM accounts_user person WHERE person.id = NEW.user_id FOR KEY SHARE;\n            RETURN NEW;\n        ",
                    hash="e4fdbe5897b20ef7b091679e208b0c6d191ca4ee",
                    operation='INSERT OR UPDATE OF "user_id", "user_folded", "user_is_active"',
                    pgid="pgtrigger_copy_person_2c655",
                    table="licenses_enrollment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrollment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."enrolled_at" IS DISTINCT FROM (NEW."enrolled_at") OR OLD."followed_at" IS DISTINCT FROM (NEW."followed_at") OR OLD."group_key_id" IS DISTINCT FROM (NEW."group_key_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."removed_at" IS DISTINCT FROM (NEW."removed_at") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."teacher_id" IS DISTINCT FROM (NEW."teacher_id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func='INSERT INTO "licenses_enrollmentevent" ("ends_on", "enrolled_at", "followed_at", "group_key_id", "id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "role", "teacher_id", "user_id") VALUES (NEW."ends_on", NEW."enrolled_at", NEW."followed_at", NEW."group_key_id", NEW."id", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."removed_at", NEW."role", NEW."teacher_id", NEW."user_id"); RETURN NULL;',
                    hash="e3b7d59895875c540a08288ac1867b6f92decaf9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_883fb",
                    table="licenses_enrollment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userwithenrollments",
            trigger=pgtrigger.compiler.Trigger(
                name="licenses_enrollment_follow",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."folded" IS DISTINCT FROM (NEW."folded") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active"))',
                    func="\n            PERFORM 1 FROM accounts_user WHERE id = NEW.id FOR UPDATE;\n            UPDATE licenses_enrollment SET user_id = user_id WHERE user_id = NEW.id;\n            RETURN NULL;\n        ",
                    hash="6f4aa4e9c40718a77cd652a87990e6397751faac",
                    operation="UPDATE",
                    pgid="pgtrigger_licenses_enrollment_follow_4bd36",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
    ]
