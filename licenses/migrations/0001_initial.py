import datetime

import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import jasper_inventory.lib.text_fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Order numbers, which people quote on the phone.
        migrations.RunSQL(
            "CREATE SEQUENCE licenses_order_number START 10001",
            "DROP SEQUENCE licenses_order_number",
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("students", "Number of students"),
                            ("burst", "Many new students in an hour"),
                            ("seats", "Seats nearly used up"),
                            ("ending", "Expiring soon"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("mark", models.CharField(max_length=24, verbose_name="mark")),
                ("students", models.PositiveIntegerField(verbose_name="students")),
                ("raised_at", models.DateTimeField(auto_now_add=True, verbose_name="raised at")),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="AlertRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                (
                    "finished_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="finished at"
                    ),
                ),
                (
                    "orders",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="orders expiring soon"
                    ),
                ),
                (
                    "alerts",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="alerts raised"
                    ),
                ),
            ],
            options={
                "verbose_name": "alert run",
                "verbose_name_plural": "alert runs",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="GroupKeyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("key", models.CharField(max_length=17, verbose_name="key")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Order",
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
                    "first_alert",
                    models.PositiveIntegerField(default=400, verbose_name="first alert at"),
                ),
                (
                    "second_alert",
                    models.PositiveIntegerField(default=500, verbose_name="second alert at"),
                ),
                (
                    "joining_paused_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        null=True,
                        verbose_name="enrollment paused at",
                    ),
                ),
                (
                    "joining_pause_reason",
                    models.CharField(blank=True, editable=False, max_length=500),
                ),
                (
                    "enable_benchmark",
                    models.BooleanField(default=True, verbose_name="Enable Benchmark"),
                ),
                (
                    "enable_exercises",
                    models.BooleanField(
                        default=True, verbose_name="Enable Creative and Validation Exercises"
                    ),
                ),
                (
                    "enable_badges",
                    models.BooleanField(default=True, verbose_name="Enable Badges Assignment"),
                ),
                (
                    "teacher_required",
                    models.BooleanField(
                        default=False,
                        verbose_name="The student must be linked to a teacher before starting the course",
                    ),
                ),
                (
                    "seats",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("students"),
                            django.db.models.expressions.CombinedExpression(
                                models.F("number_of_codes"), "*", models.F("users_per_code")
                            ),
                        ),
                        output_field=models.BigIntegerField(null=True),
                        verbose_name="seats",
                    ),
                ),
                (
                    "seats_taken",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("enrolled"), "+", models.F("allocated")
                            ),
                            "+",
                            django.db.models.expressions.CombinedExpression(
                                models.F("codes_allocated"),
                                "*",
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("users_per_code"), 0
                                ),
                            ),
                        ),
                        output_field=models.BigIntegerField(null=True),
                        verbose_name="seats taken",
                    ),
                ),
                (
                    "seats_available",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Coalesce(
                                models.F("students"),
                                django.db.models.expressions.CombinedExpression(
                                    models.F("number_of_codes"), "*", models.F("users_per_code")
                                ),
                            ),
                            "-",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("enrolled"), "+", models.F("allocated")
                                ),
                                "+",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("codes_allocated"),
                                    "*",
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("users_per_code"), 0
                                    ),
                                ),
                            ),
                        ),
                        output_field=models.BigIntegerField(null=True),
                        verbose_name="seats available",
                    ),
                ),
                (
                    "suspended_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="suspended at"
                    ),
                ),
                ("suspension_reason", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "suspended_ancestors",
                    models.PositiveSmallIntegerField(default=0, editable=False),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(
                            models.Value("licenses_order_number"), function="nextval"
                        ),
                        editable=False,
                        unique=True,
                        verbose_name="order number",
                    ),
                ),
                (
                    "inventory_type",
                    models.CharField(
                        choices=[("codes", "User Activation Codes"), ("center", "Center License")],
                        max_length=10,
                        verbose_name="inventory type",
                    ),
                ),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="start date")),
                (
                    "finish_date",
                    models.DateField(blank=True, null=True, verbose_name="finish date"),
                ),
                (
                    "students",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The maximum number of students. Empty means unlimited.",
                        null=True,
                        verbose_name="students",
                    ),
                ),
                (
                    "number_of_codes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="number of codes"
                    ),
                ),
                (
                    "users_per_code",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="users per code"
                    ),
                ),
                (
                    "duration",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="duration (days)"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active license")),
                (
                    "enrolled",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="enrolled students"
                    ),
                ),
                (
                    "allocated",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="seats allocated"
                    ),
                ),
                (
                    "codes_created",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="codes created"
                    ),
                ),
                (
                    "codes_allocated",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="codes allocated"
                    ),
                ),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="OrderEvent",
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
                    "first_alert",
                    models.PositiveIntegerField(default=400, verbose_name="first alert at"),
                ),
                (
                    "second_alert",
                    models.PositiveIntegerField(default=500, verbose_name="second alert at"),
                ),
                (
                    "joining_paused_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        null=True,
                        verbose_name="enrollment paused at",
                    ),
                ),
                (
                    "joining_pause_reason",
                    models.CharField(blank=True, editable=False, max_length=500),
                ),
                (
                    "enable_benchmark",
                    models.BooleanField(default=True, verbose_name="Enable Benchmark"),
                ),
                (
                    "enable_exercises",
                    models.BooleanField(
                        default=True, verbose_name="Enable Creative and Validation Exercises"
                    ),
                ),
                (
                    "enable_badges",
                    models.BooleanField(default=True, verbose_name="Enable Badges Assignment"),
                ),
                (
                    "teacher_required",
                    models.BooleanField(
                        default=False,
                        verbose_name="The student must be linked to a teacher before starting the course",
                    ),
                ),
                (
                    "suspended_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="suspended at"
                    ),
                ),
                ("suspension_reason", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "suspended_ancestors",
                    models.PositiveSmallIntegerField(default=0, editable=False),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(
                            models.Value("licenses_order_number"), function="nextval"
                        ),
                        editable=False,
                        verbose_name="order number",
                    ),
                ),
                (
                    "inventory_type",
                    models.CharField(
                        choices=[("codes", "User Activation Codes"), ("center", "Center License")],
                        max_length=10,
                        verbose_name="inventory type",
                    ),
                ),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="start date")),
                (
                    "finish_date",
                    models.DateField(blank=True, null=True, verbose_name="finish date"),
                ),
                (
                    "students",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The maximum number of students. Empty means unlimited.",
                        null=True,
                        verbose_name="students",
                    ),
                ),
                (
                    "number_of_codes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="number of codes"
                    ),
                ),
                (
                    "users_per_code",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="users per code"
                    ),
                ),
                (
                    "duration",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="duration (days)"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active license")),
                (
                    "enrolled",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="enrolled students"
                    ),
                ),
                (
                    "allocated",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="seats allocated"
                    ),
                ),
                (
                    "codes_created",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="codes created"
                    ),
                ),
                (
                    "codes_allocated",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="codes allocated"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OrderProduct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "product of an order",
                "verbose_name_plural": "products of an order",
            },
        ),
        migrations.CreateModel(
            name="OrderProductEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="No longer offered. Old orders keep it.",
                        verbose_name="retired",
                    ),
                ),
                (
                    "folded",
                    models.GeneratedField(
                        db_persist=True,
                        expression=jasper_inventory.lib.text_fields.Folded("name"),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": [
                    "family__position",
                    "family__folded",
                    "family__pk",
                    "position",
                    "folded",
                    "pk",
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductFamily",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="No longer offered. Old orders keep it.",
                        verbose_name="retired",
                    ),
                ),
                (
                    "folded",
                    models.GeneratedField(
                        db_persist=True,
                        expression=jasper_inventory.lib.text_fields.Folded("name"),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
            ],
            options={
                "verbose_name": "product family",
                "verbose_name_plural": "product families",
                "ordering": ["position", "folded", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TeacherCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=13, unique=True, verbose_name="code")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "teacher code",
                "verbose_name_plural": "teacher codes",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("allocated", "Allocated"), ("reclaimed", "Reclaimed")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "number",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="seats or codes"
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
                (
                    "purchase_order",
                    models.CharField(blank=True, max_length=64, verbose_name="purchase order"),
                ),
                ("reason", models.TextField(blank=True, max_length=4000, verbose_name="reason")),
            ],
            options={
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("withdrawn", "Request withdrawn"),
                            ("forwarded", "Forwarded"),
                            ("approved", "Request approved"),
                            ("rejected", "Request rejected"),
                            ("assigned", "Assigned"),
                            ("renewed", "Assigned as a renewal"),
                            ("edited", "Edited"),
                            ("reclaimed", "Seats reclaimed"),
                            ("activated", "Activated"),
                            ("deactivated", "Deactivated"),
                            ("suspended", "Suspended"),
                            ("resumed", "Resumed"),
                            ("suspended above", "Suspended with its parent order"),
                            (
                                "resumed above",
                                "Resumed with its parent order",
                            ),
                            ("paused", "Enrollment paused"),
                            ("unpaused", "Enrollment resumed"),
                            ("code replaced", "Teacher code replaced"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "changes",
                    models.JSONField(
                        default=list,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="changes",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                        verbose_name="acted for",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activity",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Enrollment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Teacher"), (2, "Student")], verbose_name="role"
                    ),
                ),
                (
                    "enrolled_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="enrolled at"),
                ),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "removed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="removed at"
                    ),
                ),
                (
                    "followed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="followed by another at"
                    ),
                ),
                (
                    "teacher",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="linked_students",
                        to="licenses.enrollment",
                        verbose_name="linked to teacher",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrollments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "enrollment",
                "verbose_name_plural": "enrollments",
            },
        ),
        migrations.CreateModel(
            name="GroupKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=17, unique=True, verbose_name="key")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "group key",
                "verbose_name_plural": "group keys",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("key__regex", "^[2-9B-DF-HJKMNP-TV-Z]{8}([2-9B-DF-HJKMNP-TV-Z]{9})?$")
                        ),
                        name="licenses_groupkey_format",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnrollmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Teacher"), (2, "Student")], verbose_name="role"
                    ),
                ),
                (
                    "enrolled_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="enrolled at"),
                ),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "removed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="removed at"
                    ),
                ),
                (
                    "followed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="followed by another at"
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
                        to="licenses.enrollment",
                    ),
                ),
                (
                    "teacher",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.enrollment",
                        verbose_name="linked to teacher",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "group_key",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="licenses.groupkey",
                        verbose_name="group key",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="enrollment",
            name="group_key",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="licenses.groupkey",
                verbose_name="group key",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupkey",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_groupkeyevent" ("created_at", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."id", NEW."key", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="d3916831929e79defc329d61b3d79b96ae6f3b32",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_18368",
                    table="licenses_groupkey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupkey",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "licenses_groupkeyevent" ("created_at", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."id", NEW."key", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="752795d9763452c4d6c7ab171377c036a4116d07",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_20158",
                    table="licenses_groupkey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="groupkey",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_groupkeyevent" ("created_at", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."created_at", OLD."id", OLD."key", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="f4b6e62c7b0d704b1709356695adbb3bb302d7ec",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d048d",
                    table="licenses_groupkey",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="groupkeyevent",
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
            model_name="groupkeyevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="licenses.groupkey",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="assigned_by_organization",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assigned_orders",
                to="accounts.organization",
                verbose_name="assigned by",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="assigned_to",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="accounts.organization",
                verbose_name="assigned to",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="forwarded_as",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="licenses.order",
                verbose_name="forwarded as",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="joining_paused_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="enrollment paused by",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                help_text="The supplier's order that this one was allocated from.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="licenses.order",
                verbose_name="parent order",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="renewal_of",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewal",
                to="licenses.order",
                verbose_name="renewal of",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requested by",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="requested_by_organization",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="requested by organization",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="requested_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="requested to",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewed by",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="suspended_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="suspended by",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="suspended_by_organization",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="suspended by organization",
            ),
        ),
        migrations.AddField(
            model_name="enrollmentevent",
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
            model_name="enrollment",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrollments",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="activity",
                to="licenses.order",
                verbose_name="order",
            ),
        ),
        migrations.CreateModel(
            name="LicenseRequest",
            fields=[],
            options={
                "verbose_name": "new license request",
                "verbose_name_plural": "new license requests",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("licenses.order",),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="assigned_by_organization",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.organization",
                verbose_name="assigned by",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="assigned_to",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.organization",
                verbose_name="assigned to",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="forwarded_as",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="orderevent",
            name="joining_paused_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="enrollment paused by",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="The supplier's order that this one was allocated from.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.order",
                verbose_name="parent order",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
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
            model_name="orderevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="licenses.order",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="renewal_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.order",
                verbose_name="renewal of",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="requested_by",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="orderevent",
            name="requested_by_organization",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="orderevent",
            name="requested_to",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="orderevent",
            name="reviewed_by",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="orderevent",
            name="suspended_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="suspended by",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="suspended_by_organization",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.organization",
                verbose_name="suspended by organization",
            ),
        ),
        migrations.AddField(
            model_name="orderproduct",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="order_products",
                to="licenses.order",
            ),
        ),
        migrations.AddField(
            model_name="orderproductevent",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.order",
            ),
        ),
        migrations.AddField(
            model_name="orderproductevent",
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
            model_name="orderproductevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="licenses.orderproduct",
            ),
        ),
        migrations.AddField(
            model_name="orderproductevent",
            name="product",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.product",
            ),
        ),
        migrations.AddField(
            model_name="orderproduct",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_products",
                to="licenses.product",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="products",
            field=models.ManyToManyField(
                through="licenses.OrderProduct", to="licenses.product", verbose_name="products"
            ),
        ),
        migrations.AddConstraint(
            model_name="productfamily",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                name="licenses_productfamily_once",
                violation_error_message="A product family with this name already exists.",
            ),
        ),
        migrations.AddConstraint(
            model_name="productfamily",
            constraint=models.CheckConstraint(
                condition=jasper_inventory.lib.text_fields.IsPlain("name"),
                name="licenses_productfamily_plain_text",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="family",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="licenses.productfamily",
                verbose_name="product family",
            ),
        ),
        migrations.AddIndex(
            model_name="teachercode",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("code", "gin_trgm_ops"),
                name="licenses_teachercode_by_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="teachercode",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[0-9A-Z]{13}$")),
                name="licenses_teachercode_format",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="teacher_code",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="licenses.teachercode",
                verbose_name="teacher code",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="teacher_code",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="licenses.teachercode",
                verbose_name="teacher code",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="from_order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers_from",
                to="licenses.order",
                verbose_name="from",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="to_order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers_to",
                to="licenses.order",
                verbose_name="to",
            ),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(
                condition=models.Q(("removed_at", None), ("role", 1)),
                fields=["order"],
                name="licenses_enrollment_teachers",
            ),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(
                condition=models.Q(("role", 2)),
                fields=["order", "enrolled_at"],
                name="licenses_enrollment_joined",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("followed_at", None), ("removed_at", None)),
                fields=("order", "user", "role"),
                name="licenses_enrollment_once",
                violation_error_message="This person is already on the order.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("order", "group_key"),
                name="licenses_enrollment_own_group_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("group_key", None), ("role", 1), _connector="OR"),
                name="licenses_enrollment_group_key_of_teacher",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [1, 2])), name="licenses_enrollment_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("teacher", None), ("role", 2), _connector="OR"),
                name="licenses_enrollment_teacher_of_student",
                violation_error_message="Only a student can be linked to a teacher.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("followed_at", None),
                    models.Q(("ends_on__isnull", False), ("role", 2)),
                    _connector="OR",
                ),
                name="licenses_enrollment_followed_had_an_end",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrollment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_enrollmentevent" ("ends_on", "enrolled_at", "followed_at", "group_key_id", "id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "role", "teacher_id", "user_id") VALUES (NEW."ends_on", NEW."enrolled_at", NEW."followed_at", NEW."group_key_id", NEW."id", NEW."order_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."removed_at", NEW."role", NEW."teacher_id", NEW."user_id"); RETURN NULL;',
                    hash="b69a8760b65bb05ba24ccb6295d0ce8f2c2d5b09",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_bff8f",
                    table="licenses_enrollment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrollment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "licenses_enrollmentevent" ("ends_on", "enrolled_at", "followed_at", "group_key_id", "id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "role", "teacher_id", "user_id") VALUES (NEW."ends_on", NEW."enrolled_at", NEW."followed_at", NEW."group_key_id", NEW."id", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."removed_at", NEW."role", NEW."teacher_id", NEW."user_id"); RETURN NULL;',
                    hash="b2c0af94ed153f6eb7c8edea7e7d37e9095b3608",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_883fb",
                    table="licenses_enrollment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="enrollment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_enrollmentevent" ("ends_on", "enrolled_at", "followed_at", "group_key_id", "id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "role", "teacher_id", "user_id") VALUES (OLD."ends_on", OLD."enrolled_at", OLD."followed_at", OLD."group_key_id", OLD."id", OLD."order_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."removed_at", OLD."role", OLD."teacher_id", OLD."user_id"); RETURN NULL;',
                    hash="33babe8219e8ed81732c29eacb022f0dcba43502",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_90218",
                    table="licenses_enrollment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                fields=("order", "kind", "mark"), name="licenses_alert_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["students", "burst", "seats", "ending"])),
                name="licenses_alert_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "requested",
                            "withdrawn",
                            "forwarded",
                            "approved",
                            "rejected",
                            "assigned",
                            "renewed",
                            "edited",
                            "reclaimed",
                            "activated",
                            "deactivated",
                            "suspended",
                            "resumed",
                            "suspended above",
                            "resumed above",
                            "paused",
                            "unpaused",
                            "code replaced",
                        ],
                    )
                ),
                name="licenses_activity_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderproduct",
            constraint=models.UniqueConstraint(
                fields=("order", "product"), name="licenses_orderproduct_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="products_inside_parent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n        IF EXISTS (\n            SELECT 1\n            FROM licenses_order child JOIN licenses_orderproduct mix ON mix.order_id = child.id\n            WHERE child.parent_id IS NOT NULL\n              AND (\n                child.id = COALESCE(NEW.order_id, OLD.order_id)\n                OR child.parent_id = COALESCE(NEW.order_id, OLD.order_id)\n              )\n              AND NOT EXISTS (\n                SELECT 1 FROM licenses_orderproduct held\n                WHERE held.order_id = child.parent_id AND held.product_id = mix.product_id\n              )\n        )\n        \n    THEN\n        RAISE EXCEPTION 'an order must lie within its parent order'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'licenses_order_inside_parent';\n    END IF;\n    RETURN NULL;\n\n    ",
                    hash="c4596f4e635880cee70a61899f95967844bfbd9c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_products_inside_parent_24954",
                    table="licenses_orderproduct",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_orderproductevent" ("id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id") VALUES (NEW."id", NEW."order_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_id"); RETURN NULL;',
                    hash="92e83220e51ffdad149b5b818eca6c4a523306c5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1e82d",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "licenses_orderproductevent" ("id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id") VALUES (NEW."id", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id"); RETURN NULL;',
                    hash="cb2a0e9288524b54609037f87fca48cedb8d4c42",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e8e8a",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderproduct",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_orderproductevent" ("id", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id") VALUES (OLD."id", OLD."order_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."product_id"); RETURN NULL;',
                    hash="3afe252d337d424da91c87916af49286d9ff74c6",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a6128",
                    table="licenses_orderproduct",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                models.F("family"),
                django.db.models.functions.text.Lower("name"),
                name="licenses_product_once_in_family",
                violation_error_message="This family already has a product with this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=jasper_inventory.lib.text_fields.IsPlain("name"),
                name="licenses_product_plain_text",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["assigned_to", "-number"], name="licenses_order_inventory"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("outcome", "pending")),
                fields=["requested_to"],
                name="licenses_order_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("compact_purchase_order", "gin_trgm_ops"),
                name="licenses_order_by_purchase",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["pending", "approved", "rejected", "withdrawn"])
                ),
                name="licenses_order_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
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
                name="licenses_order_reviewed_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
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
                name="licenses_order_requested_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("requested_students", None), ("requested_students__gte", 1), _connector="OR"
                ),
                name="licenses_order_requested_students",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("requester_comments"), 4000
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("approval_comments"), 4000
                    ),
                ),
                name="licenses_order_comments_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=jasper_inventory.lib.text_fields.IsPlain("purchase_order"),
                name="licenses_order_plain_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_alert__gte", 1), ("first_alert__lt", models.F("second_alert"))
                ),
                name="licenses_order_alert_numbers",
                violation_error_message="The second number must be greater than the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("joining_pause_reason", ""),
                        ("joining_paused_at", None),
                        ("joining_paused_by", None),
                    ),
                    models.Q(
                        ("joining_paused_at__isnull", False), ("joining_paused_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="licenses_order_joining_paused_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("suspended_at", None),
                        ("suspended_by", None),
                        ("suspended_by_organization", None),
                        ("suspension_reason", ""),
                    ),
                    models.Q(
                        ("suspended_at__isnull", False),
                        ("suspended_by__isnull", False),
                        ("suspended_by_organization__isnull", False),
                        models.Q(("suspension_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="licenses_order_suspended_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("inventory_type__in", ["codes", "center"])),
                name="licenses_order_inventory_type",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("start_date", None),
                    ("finish_date", None),
                    ("start_date__lte", models.F("finish_date")),
                    _connector="OR",
                ),
                name="licenses_order_dates",
                violation_error_message="The finish date is before the start date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finish_date", None),
                    ("finish_date__lte", datetime.date(2199, 12, 31)),
                    _connector="OR",
                ),
                name="licenses_order_last_day",
                violation_error_message="The finish date is too far away.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", "approved"),
                    models.Q(
                        ("allocated", 0),
                        ("codes_allocated", 0),
                        ("codes_created", 0),
                        ("enrolled", 0),
                        ("is_active", True),
                        ("requested_at__isnull", False),
                        ("suspended_at", None),
                    ),
                    _connector="OR",
                ),
                name="licenses_order_only_approved_is_used",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("inventory_type", "codes"), _negated=True),
                    ("requested_at", None),
                    ("requested_students__isnull", False),
                    _connector="OR",
                ),
                name="licenses_order_codes_asked_for",
                violation_error_message="User Activation Codes can't be unlimited.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "approved"), _negated=True),
                    models.Q(
                        ("assigned_by_organization__isnull", False),
                        ("finish_date__isnull", False),
                        ("start_date__isnull", False),
                        ("teacher_code__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="licenses_order_approved_is_complete",
                violation_error_message="An approved order needs its dates and a teacher code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("codes_allocated", 0),
                        ("codes_created", 0),
                        ("duration", None),
                        ("inventory_type", "center"),
                        ("number_of_codes", None),
                        ("users_per_code", None),
                    ),
                    models.Q(
                        ("allocated", 0),
                        ("inventory_type", "codes"),
                        ("students", None),
                        models.Q(
                            models.Q(("outcome", "approved"), _negated=True),
                            models.Q(
                                ("duration__isnull", False),
                                ("number_of_codes__isnull", False),
                                ("users_per_code__isnull", False),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="licenses_order_fields_of_type",
                violation_error_message="Number of codes, users per code and duration are only for User Activation Codes. Students is only for a Center License.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("students__isnull", True),
                    models.Q(("students__gte", 0), ("students__lte", 1000000)),
                    _connector="OR",
                ),
                name="licenses_order_students",
                violation_error_message="Students must be between 1 and 1,000,000, or empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number_of_codes__isnull", True),
                    models.Q(("number_of_codes__gte", 0), ("number_of_codes__lte", 1000000)),
                    _connector="OR",
                ),
                name="licenses_order_number_of_codes",
                violation_error_message="The number of codes must be between 1 and 1,000,000.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("users_per_code__isnull", True),
                    models.Q(("users_per_code__gte", 1), ("users_per_code__lte", 10000)),
                    _connector="OR",
                ),
                name="licenses_order_users_per_code",
                violation_error_message="Users per code must be between 1 and 10,000.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("duration__isnull", True),
                    models.Q(("duration__gte", 1), ("duration__lte", 3650)),
                    _connector="OR",
                ),
                name="licenses_order_duration",
                violation_error_message="The duration must be between 1 and 3,650 days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seats_available", None), ("seats_available__gte", 0), _connector="OR"
                ),
                name="licenses_order_seats",
                violation_error_message="There can't be fewer seats than are taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number_of_codes", None),
                    models.Q(
                        (
                            "number_of_codes__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("codes_created"), "+", models.F("codes_allocated")
                            ),
                        ),
                        (
                            "enrolled__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("codes_created"), "*", models.F("users_per_code")
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="licenses_order_codes",
                violation_error_message="There can't be fewer codes than were created and allocated.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None),
                    models.Q(("parent", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="licenses_order_parent",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="inside_parent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n        IF EXISTS (\n            SELECT 1\n            FROM licenses_order child JOIN licenses_order parent ON parent.id = child.parent_id\n            WHERE (child.id = NEW.id OR child.parent_id = NEW.id)\n              AND (\n                child.inventory_type <> parent.inventory_type\n                OR child.start_date < parent.start_date\n                OR child.finish_date > parent.finish_date\n                OR child.users_per_code <> parent.users_per_code\n                OR child.duration > parent.duration\n                OR child.inventory_type = 'center'\n                   AND child.students IS NULL AND parent.students IS NOT NULL\n              )\n        )\n        \n    THEN\n        RAISE EXCEPTION 'an order must lie within its parent order'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'licenses_order_inside_parent';\n    END IF;\n    RETURN NULL;\n\n    ",
                    hash="d397cc6279678c5c93f666460b6b8e88e6df7a78",
                    operation='INSERT OR UPDATE OF "parent_id", "inventory_type", "start_date", "finish_date", "students", "users_per_code", "duration"',
                    pgid="pgtrigger_inside_parent_2548a",
                    table="licenses_order",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_orderevent" ("allocated", "approval_comments", "assigned_by_organization_id", "assigned_to_id", "changes", "codes_allocated", "codes_created", "duration", "enable_badges", "enable_benchmark", "enable_exercises", "enrolled", "finish_date", "first_alert", "forwarded_as_id", "id", "inventory_type", "is_active", "joining_pause_reason", "joining_paused_at", "joining_paused_by_id", "number", "number_of_codes", "outcome", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "renewal_of_id", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "second_alert", "start_date", "students", "suspended_ancestors", "suspended_at", "suspended_by_id", "suspended_by_organization_id", "suspension_reason", "teacher_code_id", "teacher_required", "users_per_code") VALUES (NEW."allocated", NEW."approval_comments", NEW."assigned_by_organization_id", NEW."assigned_to_id", NEW."changes", NEW."codes_allocated", NEW."codes_created", NEW."duration", NEW."enable_badges", NEW."enable_benchmark", NEW."enable_exercises", NEW."enrolled", NEW."finish_date", NEW."first_alert", NEW."forwarded_as_id", NEW."id", NEW."inventory_type", NEW."is_active", NEW."joining_pause_reason", NEW."joining_paused_at", NEW."joining_paused_by_id", NEW."number", NEW."number_of_codes", NEW."outcome", NEW."parent_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."purchase_order", NEW."renewal_of_id", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."reviewed_at", NEW."reviewed_by_id", NEW."second_alert", NEW."start_date", NEW."students", NEW."suspended_ancestors", NEW."suspended_at", NEW."suspended_by_id", NEW."suspended_by_organization_id", NEW."suspension_reason", NEW."teacher_code_id", NEW."teacher_required", NEW."users_per_code"); RETURN NULL;',
                    hash="f81777be811c389ecb1119a8de0d566f17acf214",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_eaaab",
                    table="licenses_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."allocated" IS DISTINCT FROM (NEW."allocated") OR OLD."approval_comments" IS DISTINCT FROM (NEW."approval_comments") OR OLD."assigned_by_organization_id" IS DISTINCT FROM (NEW."assigned_by_organization_id") OR OLD."assigned_to_id" IS DISTINCT FROM (NEW."assigned_to_id") OR OLD."changes" IS DISTINCT FROM (NEW."changes") OR OLD."codes_allocated" IS DISTINCT FROM (NEW."codes_allocated") OR OLD."codes_created" IS DISTINCT FROM (NEW."codes_created") OR OLD."duration" IS DISTINCT FROM (NEW."duration") OR OLD."enable_badges" IS DISTINCT FROM (NEW."enable_badges") OR OLD."enable_benchmark" IS DISTINCT FROM (NEW."enable_benchmark") OR OLD."enable_exercises" IS DISTINCT FROM (NEW."enable_exercises") OR OLD."enrolled" IS DISTINCT FROM (NEW."enrolled") OR OLD."finish_date" IS DISTINCT FROM (NEW."finish_date") OR OLD."first_alert" IS DISTINCT FROM (NEW."first_alert") OR OLD."forwarded_as_id" IS DISTINCT FROM (NEW."forwarded_as_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inventory_type" IS DISTINCT FROM (NEW."inventory_type") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."joining_pause_reason" IS DISTINCT FROM (NEW."joining_pause_reason") OR OLD."joining_paused_at" IS DISTINCT FROM (NEW."joining_paused_at") OR OLD."joining_paused_by_id" IS DISTINCT FROM (NEW."joining_paused_by_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."number_of_codes" IS DISTINCT FROM (NEW."number_of_codes") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."purchase_order" IS DISTINCT FROM (NEW."purchase_order") OR OLD."renewal_of_id" IS DISTINCT FROM (NEW."renewal_of_id") OR OLD."requested_at" IS DISTINCT FROM (NEW."requested_at") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."requested_by_organization_id" IS DISTINCT FROM (NEW."requested_by_organization_id") OR OLD."requested_students" IS DISTINCT FROM (NEW."requested_students") OR OLD."requested_to_id" IS DISTINCT FROM (NEW."requested_to_id") OR OLD."requester_comments" IS DISTINCT FROM (NEW."requester_comments") OR OLD."reviewed_at" IS DISTINCT FROM (NEW."reviewed_at") OR OLD."reviewed_by_id" IS DISTINCT FROM (NEW."reviewed_by_id") OR OLD."second_alert" IS DISTINCT FROM (NEW."second_alert") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date") OR OLD."students" IS DISTINCT FROM (NEW."students") OR OLD."suspended_ancestors" IS DISTINCT FROM (NEW."suspended_ancestors") OR OLD."suspended_at" IS DISTINCT FROM (NEW."suspended_at") OR OLD."suspended_by_id" IS DISTINCT FROM (NEW."suspended_by_id") OR OLD."suspended_by_organization_id" IS DISTINCT FROM (NEW."suspended_by_organization_id") OR OLD."suspension_reason" IS DISTINCT FROM (NEW."suspension_reason") OR OLD."teacher_code_id" IS DISTINCT FROM (NEW."teacher_code_id") OR OLD."teacher_required" IS DISTINCT FROM (NEW."teacher_required") OR OLD."users_per_code" IS DISTINCT FROM (NEW."users_per_code"))',
                    func='INSERT INTO "licenses_orderevent" ("allocated", "approval_comments", "assigned_by_organization_id", "assigned_to_id", "changes", "codes_allocated", "codes_created", "duration", "enable_badges", "enable_benchmark", "enable_exercises", "enrolled", "finish_date", "first_alert", "forwarded_as_id", "id", "inventory_type", "is_active", "joining_pause_reason", "joining_paused_at", "joining_paused_by_id", "number", "number_of_codes", "outcome", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "renewal_of_id", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "second_alert", "start_date", "students", "suspended_ancestors", "suspended_at", "suspended_by_id", "suspended_by_organization_id", "suspension_reason", "teacher_code_id", "teacher_required", "users_per_code") VALUES (NEW."allocated", NEW."approval_comments", NEW."assigned_by_organization_id", NEW."assigned_to_id", NEW."changes", NEW."codes_allocated", NEW."codes_created", NEW."duration", NEW."enable_badges", NEW."enable_benchmark", NEW."enable_exercises", NEW."enrolled", NEW."finish_date", NEW."first_alert", NEW."forwarded_as_id", NEW."id", NEW."inventory_type", NEW."is_active", NEW."joining_pause_reason", NEW."joining_paused_at", NEW."joining_paused_by_id", NEW."number", NEW."number_of_codes", NEW."outcome", NEW."parent_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."purchase_order", NEW."renewal_of_id", NEW."requested_at", NEW."requested_by_id", NEW."requested_by_organization_id", NEW."requested_students", NEW."requested_to_id", NEW."requester_comments", NEW."reviewed_at", NEW."reviewed_by_id", NEW."second_alert", NEW."start_date", NEW."students", NEW."suspended_ancestors", NEW."suspended_at", NEW."suspended_by_id", NEW."suspended_by_organization_id", NEW."suspension_reason", NEW."teacher_code_id", NEW."teacher_required", NEW."users_per_code"); RETURN NULL;',
                    hash="87e78a3fc7acb0e74fbe508a1dbb0c11e9a07414",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9a893",
                    table="licenses_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "licenses_orderevent" ("allocated", "approval_comments", "assigned_by_organization_id", "assigned_to_id", "changes", "codes_allocated", "codes_created", "duration", "enable_badges", "enable_benchmark", "enable_exercises", "enrolled", "finish_date", "first_alert", "forwarded_as_id", "id", "inventory_type", "is_active", "joining_pause_reason", "joining_paused_at", "joining_paused_by_id", "number", "number_of_codes", "outcome", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purchase_order", "renewal_of_id", "requested_at", "requested_by_id", "requested_by_organization_id", "requested_students", "requested_to_id", "requester_comments", "reviewed_at", "reviewed_by_id", "second_alert", "start_date", "students", "suspended_ancestors", "suspended_at", "suspended_by_id", "suspended_by_organization_id", "suspension_reason", "teacher_code_id", "teacher_required", "users_per_code") VALUES (OLD."allocated", OLD."approval_comments", OLD."assigned_by_organization_id", OLD."assigned_to_id", OLD."changes", OLD."codes_allocated", OLD."codes_created", OLD."duration", OLD."enable_badges", OLD."enable_benchmark", OLD."enable_exercises", OLD."enrolled", OLD."finish_date", OLD."first_alert", OLD."forwarded_as_id", OLD."id", OLD."inventory_type", OLD."is_active", OLD."joining_pause_reason", OLD."joining_paused_at", OLD."joining_paused_by_id", OLD."number", OLD."number_of_codes", OLD."outcome", OLD."parent_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."purchase_order", OLD."renewal_of_id", OLD."requested_at", OLD."requested_by_id", OLD."requested_by_organization_id", OLD."requested_students", OLD."requested_to_id", OLD."requester_comments", OLD."reviewed_at", OLD."reviewed_by_id", OLD."second_alert", OLD."start_date", OLD."students", OLD."suspended_ancestors", OLD."suspended_at", OLD."suspended_by_id", OLD."suspended_by_organization_id", OLD."suspension_reason", OLD."teacher_code_id", OLD."teacher_required", OLD."users_per_code"); RETURN NULL;',
                    hash="774b0485314bf8207e1e0048889461842c48a8bc",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9702a",
                    table="licenses_order",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["-made_at", "-id"], name="licenses_transfer_newest"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["allocated", "reclaimed"])),
                name="licenses_transfer_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("number", None), ("number__gte", 1), _connector="OR"),
                name="licenses_transfer_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_order", models.F("to_order")), _negated=True),
                name="licenses_transfer_two_orders",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bb04d8a884813edf47eddfbe63d62ab78b498bfe",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3f3ed",
                    table="licenses_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        # Replaced keys are looked up, too: whoever types one has not guessed.
        migrations.RunSQL(
            "CREATE INDEX licenses_groupkeyevent_key ON licenses_groupkeyevent (key)",
            "DROP INDEX licenses_groupkeyevent_key",
        ),
    ]
