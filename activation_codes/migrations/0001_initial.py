import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("licenses", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActivationCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("users", models.PositiveIntegerField(verbose_name="users (per code)")),
                ("used", models.PositiveIntegerField(db_default=0, verbose_name="used")),
                (
                    "replaced_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="replaced at"),
                ),
            ],
            options={
                "verbose_name": "activation code",
                "verbose_name_plural": "activation codes",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CodeBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number_of_codes", models.PositiveIntegerField(verbose_name="number of codes")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "code batch",
                "verbose_name_plural": "code batches",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CodeBatchEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("number_of_codes", models.PositiveIntegerField(verbose_name="number of codes")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CodeDownload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number_of_codes", models.PositiveIntegerField(verbose_name="number of codes")),
                (
                    "downloaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="downloaded at"),
                ),
            ],
            options={
                "verbose_name": "download of codes",
                "verbose_name_plural": "downloads of codes",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CourseStart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="first started at"),
                ),
                (
                    "last_started_at",
                    models.DateTimeField(auto_now=True, verbose_name="last started at"),
                ),
            ],
            options={
                "verbose_name": "start of a course",
                "verbose_name_plural": "starts of courses",
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "redeemed_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="redeemed at"),
                ),
            ],
            options={
                "verbose_name": "redemption",
                "verbose_name_plural": "redemptions",
            },
        ),
        migrations.CreateModel(
            name="RedemptionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "redeemed_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="redeemed at"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="activationcode",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="activation_codes",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="activationcode",
            name="replaced_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="replaced by",
            ),
        ),
        migrations.AddField(
            model_name="activationcode",
            name="replacement",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="activation_codes.activationcode",
                verbose_name="replaced by the code",
            ),
        ),
        migrations.AddField(
            model_name="codebatch",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.AddField(
            model_name="codebatch",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="code_batches",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="codebatchevent",
            name="created_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.AddField(
            model_name="codebatchevent",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="codebatchevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="codebatchevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="activation_codes.codebatch",
            ),
        ),
        migrations.AddField(
            model_name="codedownload",
            name="downloaded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="downloaded by",
            ),
        ),
        migrations.AddField(
            model_name="codedownload",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="code_downloads",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="coursestart",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="course_starts",
                to="licenses.enrollment",
                verbose_name="enrollment",
            ),
        ),
        migrations.AddField(
            model_name="coursestart",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="licenses.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="code",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="activation_codes.activationcode",
                verbose_name="code",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="enrollment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemption",
                to="licenses.enrollment",
                verbose_name="enrollment",
            ),
        ),
        migrations.AddField(
            model_name="redemptionevent",
            name="code",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="activation_codes.activationcode",
                verbose_name="code",
            ),
        ),
        migrations.AddField(
            model_name="redemptionevent",
            name="enrollment",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.enrollment",
                verbose_name="enrollment",
            ),
        ),
        migrations.AddField(
            model_name="redemptionevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="redemptionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="activation_codes.redemption",
            ),
        ),
        migrations.AddConstraint(
            model_name="activationcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__regex",
                        "^[2-9B-DF-HJKMNP-TV-Z]{12}([2-9B-DF-HJKMNP-TV-Z]{7})?[B-DF-HJKMNP-TV-Z]$",
                    )
                ),
                name="activation_codes_activationcode_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="activationcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("users"))),
                name="activation_codes_activationcode_used",
            ),
        ),
        migrations.AddConstraint(
            model_name="activationcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("replaced_at", None), ("replaced_by", None), ("replacement", None)),
                    models.Q(
                        ("replaced_at__isnull", False),
                        ("replaced_by__isnull", False),
                        ("replacement__isnull", False),
                        ("used", models.F("users")),
                    ),
                    _connector="OR",
                ),
                name="activation_codes_activationcode_replaced",
            ),
        ),
        migrations.AddConstraint(
            model_name="codebatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("number_of_codes__gte", 1)),
                name="activation_codes_codebatch_not_empty",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="codebatch",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activation_codes_codebatchevent" ("created_at", "created_by_id", "id", "number_of_codes", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."number_of_codes", NEW."order_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="16feff1adf487308aa11d2b62d5f6bccef9b4caf",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_281f5",
                    table="activation_codes_codebatch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="codebatch",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "activation_codes_codebatchevent" ("created_at", "created_by_id", "id", "number_of_codes", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."number_of_codes", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="0313406a4cb73e2c064db664001cd5ca7ae5ea77",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ed777",
                    table="activation_codes_codebatch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="codebatch",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activation_codes_codebatchevent" ("created_at", "created_by_id", "id", "number_of_codes", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."created_at", OLD."created_by_id", OLD."id", OLD."number_of_codes", OLD."order_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="21a2de6da75237ddeeadb0bfa6d2ac5fc729ca45",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_484ce",
                    table="activation_codes_codebatch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="codedownload",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="584842322f744f08891125b9930245f840da03bd",
                    operation="UPDATE",
                    pgid="pgtrigger_append_only_4d910",
                    table="activation_codes_codedownload",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="coursestart",
            constraint=models.UniqueConstraint(
                fields=("enrollment", "product"), name="activation_codes_coursestart_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redemption",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activation_codes_redemptionevent" ("code_id", "enrollment_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "redeemed_at") VALUES (NEW."code_id", NEW."enrollment_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."redeemed_at"); RETURN NULL;',
                    hash="dc1a2dadf71e25651758383dfb0fa16cf2254ecb",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_eca7e",
                    table="activation_codes_redemption",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redemption",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "activation_codes_redemptionevent" ("code_id", "enrollment_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "redeemed_at") VALUES (NEW."code_id", NEW."enrollment_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."redeemed_at"); RETURN NULL;',
                    hash="13a8e69c23d0f3c2ec3de6f49aa9571d49d0c9a4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4a573",
                    table="activation_codes_redemption",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redemption",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activation_codes_redemptionevent" ("code_id", "enrollment_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "redeemed_at") VALUES (OLD."code_id", OLD."enrollment_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."redeemed_at"); RETURN NULL;',
                    hash="9b76a07a5ba6579d68d0e2e087032c64dd2abe7a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_61500",
                    table="activation_codes_redemption",
                    when="AFTER",
                ),
            ),
        ),
    ]
