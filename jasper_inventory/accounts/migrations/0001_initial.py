import django.contrib.auth.validators
import django.contrib.messages.storage.cookie
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import jasper_inventory.lib.text_fields
from jasper_inventory.accounts.migrations._functions_on_text import DROP, FUNCTIONS


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FUNCTIONS, DROP),
        migrations.CreateModel(
            name="OrganizationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("path", models.CharField(max_length=255)),
                ("depth", models.PositiveIntegerField()),
                ("numchild", models.PositiveIntegerField(default=0)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Vendor"),
                            (1, "Distributor"),
                            (2, "Reseller"),
                            (3, "Hub"),
                            (4, "Center"),
                        ],
                        verbose_name="level",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(unique=True, verbose_name="token")),
                ("result_url", models.TextField(blank=True, verbose_name="address of the result")),
                (
                    "messages",
                    models.JSONField(
                        decoder=django.contrib.messages.storage.cookie.MessageDecoder,
                        default=list,
                        encoder=django.contrib.messages.storage.cookie.MessageEncoder,
                        verbose_name="messages",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="sent at"),
                ),
            ],
            options={
                "verbose_name": "submission",
                "verbose_name_plural": "submissions",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=120, primary_key=True, serialize=False, verbose_name="key"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="since"
                    ),
                ),
                ("last_at", models.DateTimeField(verbose_name="last at")),
                ("forget_at", models.DateTimeField(db_index=True, verbose_name="forget at")),
            ],
            options={
                "verbose_name": "block",
                "verbose_name_plural": "blocks",
            },
        ),
        migrations.CreateModel(
            name="UserEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                (
                    "password_set_at",
                    models.DateTimeField(
                        editable=False,
                        null=True,
                        verbose_name="password set by a teacher or administrator at",
                    ),
                ),
                (
                    "must_change_password",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="must choose a new password"
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "erased_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="erased at"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                (
                    "password_set_at",
                    models.DateTimeField(
                        editable=False,
                        null=True,
                        verbose_name="password set by a teacher or administrator at",
                    ),
                ),
                (
                    "must_change_password",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="must choose a new password"
                    ),
                ),
                (
                    "unconfirmed_email",
                    models.EmailField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=254,
                        verbose_name="unconfirmed email address",
                    ),
                ),
                (
                    "lost_email",
                    models.EmailField(
                        blank=True,
                        default="",
                        editable=False,
                        max_length=254,
                        verbose_name="email address that another account confirmed",
                    ),
                ),
                (
                    "is_username_noted",
                    models.BooleanField(
                        default=True, editable=False, verbose_name="has noted the username"
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "folded",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            jasper_inventory.lib.text_fields.Folded("last_name"),
                            models.Value("  "),
                            jasper_inventory.lib.text_fields.Folded("first_name"),
                            models.Value("  "),
                            jasper_inventory.lib.text_fields.Folded("username"),
                            models.Value("  "),
                            jasper_inventory.lib.text_fields.Folded("email"),
                            output_field=models.TextField(),
                        ),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
                (
                    "erased_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="erased at"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AnonymousSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("address", models.CharField(max_length=60, verbose_name="network address")),
                ("created_at", models.DateTimeField(db_index=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "anonymous session",
                "verbose_name_plural": "anonymous sessions",
                "indexes": [
                    models.Index(
                        fields=["address", "-created_at"], name="accounts_anonymous_by_address"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True, verbose_name="asked at")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="withdrawn at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="erased at")),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="erased by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="erasure_requests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure request",
                "verbose_name_plural": "erasure requests",
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
                ("page", models.CharField(max_length=120, verbose_name="page")),
                ("is_search", models.BooleanField(default=False, verbose_name="searched")),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="people"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "view of personal data",
                "verbose_name_plural": "views of personal data",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
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
                        choices=[(1, "Administrator"), (2, "Teacher"), (3, "Student")],
                        verbose_name="role",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.CreateModel(
            name="MutedTopic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("requests", "Requests for licenses and renewals, and their outcomes"),
                            ("licenses", "Licenses assigned, reclaimed, suspended and resumed"),
                            ("ending", "Licenses that are about to expire"),
                            ("seats", "Licenses with few or no seats left"),
                            (
                                "students",
                                "Unlimited licenses that reach a set number of students or grow quickly",
                            ),
                        ],
                        max_length=20,
                        verbose_name="topic",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="muted_topics",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "muted topic",
                "verbose_name_plural": "muted topics",
            },
        ),
        migrations.CreateModel(
            name="MutedTopicEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("requests", "Requests for licenses and renewals, and their outcomes"),
                            ("licenses", "Licenses assigned, reclaimed, suspended and resumed"),
                            ("ending", "Licenses that are about to expire"),
                            ("seats", "Licenses with few or no seats left"),
                            (
                                "students",
                                "Unlimited licenses that reach a set number of students or grow quickly",
                            ),
                        ],
                        max_length=20,
                        verbose_name="topic",
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
                        to="accounts.mutedtopic",
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
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("subject", models.CharField(max_length=250, verbose_name="subject")),
                ("text", models.TextField(verbose_name="text")),
                ("html", models.TextField(blank=True, verbose_name="HTML")),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        editable=False, max_length=80, null=True, verbose_name="event"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "sent_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="sent at"),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="attempts"
                    ),
                ),
                (
                    "last_error",
                    models.TextField(blank=True, editable=False, verbose_name="last error"),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recipient",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=255, unique=True)),
                ("depth", models.PositiveIntegerField()),
                ("numchild", models.PositiveIntegerField(default=0)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Vendor"),
                            (1, "Distributor"),
                            (2, "Reseller"),
                            (3, "Hub"),
                            (4, "Center"),
                        ],
                        verbose_name="level",
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
                "verbose_name": "organization",
                "verbose_name_plural": "organizations",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("folded", "gin_trgm_ops"),
                        name="accounts_organization_by_part",
                    ),
                    models.Index(fields=["folded"], name="accounts_organization_by_name"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=jasper_inventory.lib.text_fields.IsPlain("name"),
                        name="accounts_organization_plain_text",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("depth", 1), ("level", 0)),
                            models.Q(("depth__gt", 1), ("level__gt", 0)),
                            _connector="OR",
                        ),
                        name="accounts_organization_only_vendor_is_root",
                        violation_error_message="Only the vendor can be at the top of the tree.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", [0, 1, 2, 3, 4])),
                        name="accounts_organization_level",
                    ),
                    models.UniqueConstraint(
                        models.F("level"),
                        condition=models.Q(("level", 0)),
                        name="accounts_organization_one_vendor",
                        violation_error_message="There can only be one vendor.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Administrator"), (2, "Teacher"), (3, "Student")],
                        verbose_name="role",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
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
                        to="accounts.membership",
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
                        verbose_name="user",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
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
                        choices=[(1, "Administrator"), (2, "Teacher")], verbose_name="role"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="sent at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "accepted_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="accepted at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at"),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organization",
            trigger=pgtrigger.compiler.Trigger(
                name="level_below_parent",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    declare="DECLARE me accounts_organization%ROWTYPE;",
                    func="\n                    SELECT * INTO me FROM accounts_organization WHERE id = NEW.id;\n                    IF EXISTS (\n                        SELECT 1 FROM accounts_organization parent\n                        WHERE parent.path = left(me.path, length(me.path) - 4)\n                          AND parent.level >= me.level\n                    ) OR TG_OP = 'UPDATE' AND EXISTS (\n                        SELECT 1 FROM accounts_organization child\n                        WHERE child.path BETWEEN me.path || '0000' AND me.path || 'ZZZZ'\n                          AND child.depth = me.depth + 1 AND child.level <= me.level\n                    ) THEN\n                        RAISE EXCEPTION 'an organization''s level must be below its parent''s'\n                        USING ERRCODE = 'check_violation',\n                              CONSTRAINT = 'accounts_organization_level_below_parent';\n                    END IF;\n                    RETURN NULL;\n                ",
                    hash="670076f5cf71ee471120dbefceec4faa3e4ccd0e",
                    operation='INSERT OR UPDATE OF "level", "path"',
                    pgid="pgtrigger_level_below_parent_cf05a",
                    table="accounts_organization",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organization",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_organizationevent" ("depth", "id", "level", "name", "numchild", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."depth", NEW."id", NEW."level", NEW."name", NEW."numchild", NEW."path", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="dfdb0fa643f56a30da535e79d1cfb21790a04a62",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6d17a",
                    table="accounts_organization",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organization",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."depth" IS DISTINCT FROM (NEW."depth") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."numchild" IS DISTINCT FROM (NEW."numchild") OR OLD."path" IS DISTINCT FROM (NEW."path"))',
                    func='INSERT INTO "accounts_organizationevent" ("depth", "id", "level", "name", "numchild", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."depth", NEW."id", NEW."level", NEW."name", NEW."numchild", NEW."path", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="bb79cc1e4b7c5a54b63810727384d34de60b8ae1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_df7c2",
                    table="accounts_organization",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organization",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_organizationevent" ("depth", "id", "level", "name", "numchild", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."depth", OLD."id", OLD."level", OLD."name", OLD."numchild", OLD."path", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="393397d02fdb560e043bd61fbb0f37a0341d8d49",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c7034",
                    table="accounts_organization",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="organizationevent",
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
            model_name="organizationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="accounts.organization",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sent by",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
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
            model_name="userevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("folded", "gin_trgm_ops"),
                name="accounts_user_by_part",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["folded"], name="accounts_user_by_name"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"),
                name="accounts_user_username",
                violation_error_message="A user with that username already exists.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="accounts_user_email",
                violation_error_message="A user with that email address already exists.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="accounts_user_email_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("unconfirmed_email", ""), _negated=True),
                fields=("unconfirmed_email",),
                name="accounts_user_unconfirmed_email",
                violation_error_message="This email address is reserved for another account.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unconfirmed_email",
                        django.db.models.functions.text.Lower("unconfirmed_email"),
                    )
                ),
                name="accounts_user_unconfirmed_email_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    jasper_inventory.lib.text_fields.IsPlain("unconfirmed_email"),
                    models.Q(("unconfirmed_email__regex", "[@.]xn--"), _negated=True),
                ),
                name="accounts_user_unconfirmed_email_plain_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", ""), ("unconfirmed_email", ""), _connector="OR"),
                name="accounts_user_confirmed_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email__regex", "[@.]xn--"), _negated=True),
                name="accounts_user_email_readable",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    jasper_inventory.lib.text_fields.IsPlain("username"),
                    jasper_inventory.lib.text_fields.IsPlain("first_name"),
                    jasper_inventory.lib.text_fields.IsPlain("last_name"),
                    jasper_inventory.lib.text_fields.IsPlain("email"),
                ),
                name="accounts_user_plain_text",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="one_account_per_address",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NEW.email <> '' THEN\n            PERFORM pg_advisory_xact_lock(hashtextextended('email address ' || NEW.email, 0));\n            NEW.unconfirmed_email = '';\n            UPDATE accounts_user\n            SET unconfirmed_email = '', lost_email = NEW.email, is_username_noted = false\n            WHERE unconfirmed_email = NEW.email AND id <> NEW.id;\n        ELSIF NEW.unconfirmed_email <> '' THEN\n            PERFORM pg_advisory_xact_lock(hashtextextended('email address ' || NEW.unconfirmed_email, 0));\n            IF EXISTS (SELECT 1 FROM accounts_user WHERE email = NEW.unconfirmed_email) THEN\n                RAISE EXCEPTION 'this email address belongs to another account'\n                USING ERRCODE = 'unique_violation',\n                      CONSTRAINT = 'accounts_user_unconfirmed_email_is_free';\n            END IF;\n        END IF;\n        RETURN NEW;\n    ",
                    hash="5db53a26b4c59dc6b8fb20fffb14aa1bd33517a8",
                    operation='INSERT OR UPDATE OF "email", "unconfirmed_email"',
                    pgid="pgtrigger_one_account_per_address_cb182",
                    table="accounts_user",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userevent" ("date_joined", "email", "erased_at", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "must_change_password", "password_set_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."date_joined", NEW."email", NEW."erased_at", NEW."first_name", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."last_name", NEW."must_change_password", NEW."password_set_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="d19453fa60c54b27bcd6f8708f11da5a99734fdf",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3867c",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."erased_at" IS DISTINCT FROM (NEW."erased_at") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."must_change_password" IS DISTINCT FROM (NEW."must_change_password") OR OLD."password_set_at" IS DISTINCT FROM (NEW."password_set_at") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func='INSERT INTO "accounts_userevent" ("date_joined", "email", "erased_at", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "must_change_password", "password_set_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (NEW."date_joined", NEW."email", NEW."erased_at", NEW."first_name", NEW."id", NEW."is_active", NEW."is_staff", NEW."is_superuser", NEW."last_name", NEW."must_change_password", NEW."password_set_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."username"); RETURN NULL;',
                    hash="ef577ac0d63c275e7c84d2d53338d2f11b5c2754",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e890",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userevent" ("date_joined", "email", "erased_at", "first_name", "id", "is_active", "is_staff", "is_superuser", "last_name", "must_change_password", "password_set_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") VALUES (OLD."date_joined", OLD."email", OLD."erased_at", OLD."first_name", OLD."id", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."last_name", OLD."must_change_password", OLD."password_set_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."username"); RETURN NULL;',
                    hash="73ecb7f785a29172582971e507f450199f7f8454",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19f14",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="erasurerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None), ("withdrawn_at", None)),
                fields=("user",),
                name="accounts_erasurerequest_one_pending",
                violation_error_message="This was already requested.",
            ),
        ),
        migrations.AddConstraint(
            model_name="erasurerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None)),
                    models.Q(
                        ("done_at__isnull", False),
                        ("done_by__isnull", False),
                        ("withdrawn_at", None),
                    ),
                    _connector="OR",
                ),
                name="accounts_erasurerequest_done_by_and_at",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="look",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ba8cdabd2f4d32a272a6df7bad0aaf007f781923",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_79618",
                    table="accounts_look",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="mutedtopic",
            constraint=models.UniqueConstraint(
                fields=("user", "topic"), name="accounts_mutedtopic_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mutedtopic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("topic__in", ["requests", "licenses", "ending", "seats", "students"])
                ),
                name="accounts_mutedtopic_topic",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mutedtopic",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_mutedtopicevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topic", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."topic", NEW."user_id"); RETURN NULL;',
                    hash="5156f4c8a430c53deda96b02f6021890c60a048b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_be9da",
                    table="accounts_mutedtopic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mutedtopic",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_mutedtopicevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topic", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."topic", NEW."user_id"); RETURN NULL;',
                    hash="75f7be93121e2890c2c167c880eb691dc49bf005",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d3c98",
                    table="accounts_mutedtopic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mutedtopic",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_mutedtopicevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "topic", "user_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."topic", OLD."user_id"); RETURN NULL;',
                    hash="84aecd17ae7d706b0a30092764135809b3f582c7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d7309",
                    table="accounts_mutedtopic",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("sent_at", None)),
                fields=["created_at"],
                name="accounts_notice_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("event", "address"), name="accounts_notice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("user", "organization", "role"),
                name="accounts_membership_once",
                violation_error_message="This person already has this role.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [1, 2, 3])), name="accounts_membership_role"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="8024530c03feadbff493cf63420116772ed7b8df",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fc05a",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."organization_id" IS DISTINCT FROM (NEW."organization_id") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."created_at", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="abbdad7e0c6e59350407db774b77278a906036d1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_20ab5",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("created_at", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (OLD."created_at", OLD."id", OLD."organization_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."user_id"); RETURN NULL;',
                    hash="80c48ba002507604cd6dd805dcffc062d556be73",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19a8f",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                fields=("organization", "role", "email"),
                name="accounts_invitation_one_open",
                violation_error_message="This address already has an invitation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [1, 2])), name="accounts_invitation_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="accounts_invitation_email_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    jasper_inventory.lib.text_fields.IsPlain("email"),
                    models.Q(("email__regex", "[@.]xn--"), _negated=True),
                ),
                name="accounts_invitation_plain_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("accepted_by", None)),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                        ("revoked_at", None),
                    ),
                    _connector="OR",
                ),
                name="accounts_invitation_one_end",
            ),
        ),
    ]
