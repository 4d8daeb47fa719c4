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
                        blank=True, null=True, verbose_name="students asked for"
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
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
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
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
                    "passed_on_as",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="licenses.order",
                        verbose_name="passed on as",
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
                        blank=True, null=True, verbose_name="students asked for"
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
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
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
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
                    "passed_on_as",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.order",
                        verbose_name="passed on as",
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
                    models.Q(("decided_at", None), ("decided_by", None), ("outcome", "pending")),
                    models.Q(
                        models.Q(("outcome", "pending"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="renewals_renewalrequest_decided_by_and_at",
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
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "decided_at", "decided_by_id", "finish_date", "id", "new_order_id", "order_id", "outcome", "passed_on_as_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "start_date") VALUES (NEW."approval_comments", NEW."changes", NEW."code_choice", NEW."decided_at", NEW."decided_by_id", NEW."finish_date", NEW."id", NEW."new_order_id", NEW."order_id", NEW."outcome", NEW."passed_on_as_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purchase_order", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."start_date"); RETURN NULL;',
                    hash="cadcab3cafe03c9f0af3ec3ca27c867db47fed02",
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
                    condition='WHEN (OLD."approval_comments" IS DISTINCT FROM (NEW."approval_comments") OR OLD."changes" IS DISTINCT FROM (NEW."changes") OR OLD."code_choice" IS DISTINCT FROM (NEW."code_choice") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decided_by_id" IS DISTINCT FROM (NEW."decided_by_id") OR OLD."finish_date" IS DISTINCT FROM (NEW."finish_date") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."new_order_id" IS DISTINCT FROM (NEW."new_order_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."passed_on_as_id" IS DISTINCT FROM (NEW."passed_on_as_id") OR OLD."purchase_order" IS DISTINCT FROM (NEW."purchase_order") OR OLD."requested_at" IS DISTINCT FROM (NEW."requested_at") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."requested_by_organization_id" IS DISTINCT FROM (NEW."requested_by_organization_id") OR OLD."requested_students" IS DISTINCT FROM (NEW."requested_students") OR OLD."requested_to_id" IS DISTINCT FROM (NEW."requested_to_id") OR OLD."requester_comments" IS DISTINCT FROM (NEW."requester_comments") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date"))',
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "decided_at", "decided_by_id", "finish_date", "id", "new_order_id", "order_id", "outcome", "passed_on_as_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "start_date") VALUES (NEW."approval_comments", NEW."changes", NEW."code_choice", NEW."decided_at", NEW."decided_by_id", NEW."finish_date", NEW."id", NEW."new_order_id", NEW."order_id", NEW."outcome", NEW."passed_on_as_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purchase_order", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."start_date"); RETURN NULL;',
                    hash="41404ef5ac3e37633f9cce6d44acc9c350474d33",
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
                    func='INSERT INTO "renewals_renewalrequestevent" ("approval_comments", "changes", "code_choice", "decided_at", "decided_by_id", "finish_date", "id", "new_order_id", "order_id", "outcome", "passed_on_as_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "start_date") VALUES (OLD."approval_comments", OLD."changes", OLD."code_choice", OLD."decided_at", OLD."decided_by_id", OLD."finish_date", OLD."id", OLD."new_order_id", OLD."order_id", OLD."outcome", OLD."passed_on_as_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."purchase_order", OLD."requested_at", OLD."requested_by_id", OLD."requested_by_organization_id", OLD."requested_students", OLD."requested_to_id", OLD."requester_comments", OLD."start_date"); RETURN NULL;',
                    hash="320251f7eed0b671a2aff4769b4647577e2ed83c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4ba35",
                    table="renewals_renewalrequest",
                    when="AFTER",
                ),
            ),
        ),
    ]
