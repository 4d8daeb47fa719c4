import datetime

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import jasper_inventory.lib.text_fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("licenses", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RenewalRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("pending", "Requested"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=64, verbose_name="purchase order"),
                ),
                (
                    "compact_purchase_order",
                    models.GeneratedField(
                        db_persist=True,
                        expression=jasper_inventory.lib.text_fields.Compact("purchase_order"),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="requested at"),
                ),
                (
                    "requested_students",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="requested students"
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="reviewed at"),
                ),
                (
                    "requester_comments",
                    models.TextField(
                        blank=True, max_length=4000, verbose_name="requester comments"
                    ),
                ),
                (
                    "approval_comments",
                    models.TextField(blank=True, max_length=4000, verbose_name="approval comments"),
                ),
                (
                    "changes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="changes",
                    ),
                ),
                (
                    "code_choice",
                    models.CharField(
                        choices=[("new", "Create New Code"), ("existing", "Use Existing Code")],
                        default="new",
                        max_length=10,
                        verbose_name="code",
                    ),
                ),
                ("start_date", models.DateField(verbose_name="start date")),
                ("finish_date", models.DateField(verbose_name="finish date")),
                (
                    "forwarded_as",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="licenses.order",
                        verbose_name="forwarded as",
                    ),
                ),
                (
                    "new_order",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewal_request",
                        to="licenses.order",
                        verbose_name="new order",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewal_requests",
                        to="licenses.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "requested_by_organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                        verbose_name="requested by organization",
                    ),
                ),
                (
                    "requested_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                        verbose_name="requested to",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal request",
                "verbose_name_plural": "renewal requests",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="RenewalRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("pending", "Requested"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=64, verbose_name="purchase order"),
                ),
                (
                    "requested_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="requested at"),
                ),
                (
                    "requested_students",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="requested students"
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="reviewed at"),
                ),
                (
                    "requester_comments",
                    models.TextField(
                        blank=True, max_length=4000, verbose_name="requester comments"
                    ),
                ),
                (
                    "approval_comments",
                    models.TextField(blank=True, max_length=4000, verbose_name="approval comments"),
                ),
                (
                    "changes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        editable=False,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="changes",
                    ),
                ),
                (
                    "code_choice",
                    models.CharField(
                        choices=[("new", "Create New Code"), ("existing", "Use Existing Code")],
                        default="new",
                        max_length=10,
                        verbose_name="code",
                    ),
                ),
                ("start_date", models.DateField(verbose_name="start date")),
                ("finish_date", models.DateField(verbose_name="finish date")),
                (
                    "forwarded_as",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.order",
                        verbose_name="forwarded as",
                    ),
                ),
                (
                    "new_order",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.order",
                        verbose_name="new order",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="renewals.renewalrequest",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "requested_by_organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organization",
                        verbose_name="requested by organization",
                    ),
                ),
                (
                    "requested_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organization",
                        verbose_name="requested to",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="renewalrequest",
            index=models.Index(
                condition=models.Q(("outcome", "pending")),
                fields=["requested_to"],
                name="renewals_request_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["pending", "approved", "rejected", "withdrawn"])
                ),
                name="renewals_renewalrequest_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "pending"), ("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(
                        models.Q(("outcome", "pending"), _negated=True),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="renewals_renewalrequest_reviewed_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("requested_at", None),
                        ("requested_by", None),
                        ("requested_by_organization", None),
                        ("requested_to", None),
                    ),
                    models.Q(
                        ("requested_at__isnull", False),
                        ("requested_by__isnull", False),
                        ("requested_by_organization__isnull", False),
                        ("requested_to__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="renewals_renewalrequest_requested_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("requested_students", None), ("requested_students__gte", 1), _connector="OR"
                ),
                name="renewals_renewalrequest_requested_students",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("requester_comments"), 4000
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("approval_comments"), 4000
                    ),
                ),
                name="renewals_renewalrequest_comments_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=jasper_inventory.lib.text_fields.IsPlain("purchase_order"),
                name="renewals_renewalrequest_plain_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "pending")),
                fields=("order",),
                name="renewals_renewalrequest_one_pending",
                violation_error_message="A renewal of this order is already requested.",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("start_date__lte", models.F("finish_date"))),
                name="renewals_renewalrequest_dates",
                violation_error_message="The finish date is before the start date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("finish_date__lte", datetime.date(2199, 12, 31))),
                name="renewals_renewalrequest_last_day",
                violation_error_message="The finish date is too far away.",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("requested_at__isnull", False)),
                name="renewals_renewalrequest_was_requested",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("code_choice__in", ["new", "existing"])),
                name="renewals_renewalrequest_code_choice",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("new_order__isnull", False), ("outcome", "approved")),
                    models.Q(models.Q(("outcome", "approved"), _negated=True), ("new_order", None)),
                    _connector="OR",
                ),
                name="renewals_renewalrequest_new_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="renewalrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "finish_date", "forwarded_as_id", "id", "new_order_id", "order_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "start_date") VALUES (NEW."approval_comments", NEW."changes", NEW."code_choice", NEW."finish_date", NEW."forwarded_as_id", NEW."id", NEW."new_order_id", NEW."order_id", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purchase_order", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."reviewed_at", NEW."reviewed_by_id", NEW."start_date"); RETURN NULL;',
                    hash="e4c0c306a6b089f6b4c47a53a5983da7e3128880",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d4be5",
                    table="renewals_renewalrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="renewalrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."approval_comments" IS DISTINCT FROM (NEW."approval_comments") OR OLD."changes" IS DISTINCT FROM (NEW."changes") OR OLD."code_choice" IS DISTINCT FROM (NEW."code_choice") OR OLD."finish_date" IS DISTINCT FROM (NEW."finish_date") OR OLD."forwarded_as_id" IS DISTINCT FROM (NEW."forwarded_as_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."new_order_id" IS DISTINCT FROM (NEW."new_order_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."purchase_order" IS DISTINCT FROM (NEW."purchase_order") OR OLD."requested_at" IS DISTINCT FROM (NEW."requested_at") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."requested_by_organization_id" IS DISTINCT FROM (NEW."requested_by_organization_id") OR OLD."requested_students" IS DISTINCT FROM (NEW."requested_students") OR OLD."requested_to_id" IS DISTINCT FROM (NEW."requested_to_id") OR OLD."requester_comments" IS DISTINCT FROM (NEW."requester_comments") OR OLD."reviewed_at" IS DISTINCT FROM (NEW."reviewed_at") OR OLD."reviewed_by_id" IS DISTINCT FROM (NEW."reviewed_by_id") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date"))',
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "finish_date", "forwarded_as_id", "id", "new_order_id", "order_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "start_date") VALUES (NEW."approval_comments", NEW."changes", NEW."code_choice", NEW."finish_date", NEW."forwarded_as_id", NEW."id", NEW."new_order_id", NEW."order_id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purchase_order", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."reviewed_at", NEW."reviewed_by_id", NEW."start_date"); RETURN NULL;',
                    hash="83261b6db00953faf5054e340b022d265297f640",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_10d42",
                    table="renewals_renewalrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="renewalrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "finish_date", "forwarded_as_id", "id", "new_order_id", "order_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "start_date") VALUES (OLD."approval_comments", OLD."changes", OLD."code_choice", OLD."finish_date", OLD."forwarded_as_id", OLD."id", OLD."new_order_id", OLD."order_id", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."purchase_order", OLD."requested_at", OLD."requested_by_id", OLD."requested_by_organization_id", OLD."requested_students", OLD."requested_to_id", OLD."requester_comments", OLD."reviewed_at", OLD."reviewed_by_id", OLD."start_date"); RETURN NULL;',
                    hash="26b9128eb847d24bd44573ac3066f6a0219207e5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4ba35",
                    table="renewals_renewalrequest",
                    when="AFTER",
                ),
            ),
        ),
    ]
