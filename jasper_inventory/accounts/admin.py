"""Admin of people, memberships, invitations and notices."""

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts import log_admin  # noqa: F401 (registers)
from jasper_inventory.accounts.admin_filters import LevelFilter, RoleFilter
from jasper_inventory.accounts.email_delivery import SECRET_KINDS, worded
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    Invitation,
    Membership,
    Notice,
    User,
)
from jasper_inventory.accounts.people_admin import AskingAgain, PeopleAdmin, PostedSelects, staff_of
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.addresses import hold_address
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.services.memberships import grant_role, revoke_role
from jasper_inventory.accounts.services.passwords import require_new_password
from jasper_inventory.accounts.services.sessions import end_sessions
from jasper_inventory.accounts.throttling_admin import BlockAdmin
from jasper_inventory.lib.admin_base import is_key
from jasper_inventory.lib.admin_lists import ValuesFilter
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.references import people_in

if TYPE_CHECKING:
    _MembershipInline = admin.TabularInline[Membership, User]
    _UserAdmin = UserAdmin[User]
else:
    # Django's classes take no type arguments at run time.
    _MembershipInline, _UserAdmin = admin.TabularInline, UserAdmin

__all__ = ["BlockAdmin"]


class MembershipInline(PostedSelects, _MembershipInline):
    """A person's roles, which are granted and revoked but never changed."""

    model = Membership
    extra = 0
    autocomplete_fields = ("organization",)
    fields = ("role", "organization")
    verbose_name_plural = gettext_lazy("Roles")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("organization")


def _grant(membership: Membership, by: User) -> Membership:
    return grant_role(
        user=membership.user, organization=membership.organization, role=membership.role, by=by
    )


def _revoke(membership: Membership, by: User) -> None:
    revoke_role(
        user=membership.user, organization=membership.organization, role=membership.role, by=by
    )


class PersonAdmin(AskingAgain, PeopleAdmin[User], _UserAdmin):
    """People. CCI staff can't grant permissions, or take over accounts, beyond their own.

    Registered in `support.admin.users`, where people can be erased.
    """

    list_display = ("username", "first_name", "last_name", "email", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", RoleFilter)
    sorted_by_key = ("last_name",)
    sorted_when_few = ("username", "first_name", "email", "is_staff", "is_active")
    search_fields = ("folded", "unconfirmed_email__folded")
    ordering = ("folded",)
    search_help_text = gettext_lazy("Username, name or email address")
    history_parts = ("user",)
    person = "pk"
    inlines = [MembershipInline]
    links = []
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    *("username", "first_name", "last_name", "email"),
                    *("usable_password", "password1", "password2"),
                ),
            },
        ),
    )
    staff_fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            gettext_lazy("Personal info"),
            {"fields": ("first_name", "last_name", "email", "unconfirmed_email")},
        ),
        (
            gettext_lazy("Access"),
            {
                "fields": ("is_active", "is_staff"),
                "description": gettext_lazy(
                    "Staff work at CCI Learning. They have the permissions of the CCI staff group "
                    "and can sign in here. Everyone else needs a role below."
                ),
            },
        ),
        (gettext_lazy("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return self._superuser_fieldsets(request, obj)
        return self.staff_fieldsets

    def _superuser_fieldsets(self, request: HttpRequest, obj: User) -> Any:
        """Return Django's fieldsets with the unconfirmed address after the confirmed one."""
        sets = super().get_fieldsets(request, obj)
        return [
            (title, {**options, "fields": (*options["fields"], "unconfirmed_email")})
            if "email" in options["fields"]
            else (title, options)
            for title, options in sets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("last_login", "date_joined", "unconfirmed_email")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not _goes_beyond_cci_staff(obj)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        action = "person.edited" if change else "person.added"
        # CCI staff know the initial password.
        if not change:
            obj.must_change_password = obj.has_usable_password()
        with audited(action, by=staff_of(request)) as act:
            hold_address(obj.email)
            super().save_model(request, obj, form, change)
            act.on(obj)
            act.changes(None, {"fields": form.changed_data})
            # Django-allauth's copy of a former address would still allow sign-in and resets.
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
            if not obj.is_active:
                end_sessions(user=obj)

    @asks_again
    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set another user's password, which must be changed at the next sign-in."""
        if id == str(request.user.pk):
            return redirect("account_change_password")
        if not is_key(id):
            raise Http404
        with transaction.atomic():
            before = list(User.objects.filter(pk=id).values_list("password", flat=True))
            response = super().user_change_password(request, id, form_url)
            changed = User.objects.filter(pk=id).exclude(password__in=before).first()
            if changed is not None:
                require_new_password(user=changed, by=staff_of(request))
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "is_staff" in form.changed_data and not request.user.is_superuser:
            group = Group.objects.get(name=STAFF_GROUP)
            if form.instance.is_staff:
                form.instance.groups.add(group)
            else:
                form.instance.groups.remove(group)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for membership in formset.deleted_objects:
            _revoke(membership, staff_of(request))
        for membership in formset.new_objects:
            _grant(membership, staff_of(request))


def _goes_beyond_cci_staff(user: User) -> bool:
    """Return whether a user, active or not, has permissions that the CCI staff group lacks."""
    return (
        user.is_superuser
        or user.user_permissions.exists()
        or user.groups.exclude(name=STAFF_GROUP).exists()
    )


@admin.register(Membership)
class MembershipAdmin(AskingAgain, PeopleAdmin[Membership]):
    """Roles of people, which services grant and revoke but never change."""

    list_display = ("user", "username", "role", "organization", "level", "last_used_at")
    list_filter = ("role", LevelFilter.of("organization"))
    list_select_related = ("user", "organization")
    sorted_when_few = ("username", "role", "level", "last_used_at")
    search_fields = ("user__folded", "organization__folded")
    search_help_text = gettext_lazy("Name, username or email address, or organization")
    autocomplete_fields = ("user", "organization")
    fields = ("user", "organization", "role")
    links = []

    @admin.display(description=gettext_lazy("username"), ordering="user__username__folded")
    def username(self, membership: Membership) -> str:
        return membership.user.username

    @admin.display(description=gettext_lazy("level"), ordering="organization__level")
    def level(self, membership: Membership) -> str:
        return membership.organization.get_level_display()

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return request.user.has_perm("accounts.delete_membership")

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        obj.pk = _grant(obj, staff_of(request)).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        _revoke(obj, staff_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.select_related("user", "organization"):
            _revoke(membership, staff_of(request))


@admin.register(Invitation)
class InvitationAdmin(AskingAgain, PeopleAdmin[Invitation]):
    """Invitations, such as that of a new center's first administrator."""

    person = "accepted_by_id"
    list_display = ("email", "role", "organization", "invited_by", "created_at", "ended")
    list_filter = ("role",)
    list_select_related = ("organization", "invited_by")
    sorted_when_few = ("email", "role", "invited_by", "created_at")
    search_fields = ("email__folded", "organization__folded")
    search_help_text = gettext_lazy("Email address or organization")
    autocomplete_fields = ("organization",)
    ordering = ("-pk",)
    links = []

    @admin.display(description=gettext_lazy("status"))
    def ended(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return _("Accepted")
        if invitation.revoked_at:
            return _("Withdrawn")
        return _("Expired") if invitation.has_expired else _("Pending")

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> tuple[str, ...]:
        asked = ("email", "organization", "role")
        if obj is None:
            return asked
        return (*asked, "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        asked = {name: form.cleaned_data[name] for name in ("email", "organization", "role")}
        obj.__dict__.update(invite(by=staff_of(request), **asked).__dict__)


class SentFilter(admin.SimpleListFilter):
    """Notices by whether they were sent or have failed so far."""

    title = gettext_lazy("sent")
    parameter_name = "sent"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [
            ("yes", _("Sent")),
            ("no", _("Not sent")),
            ("failed", _("Not sent, failed so far")),
            ("never", _("Refused or expired")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        unsent = queryset.filter(sent_at=None, given_up_at=None)
        if self.value() == "never":
            return queryset.exclude(given_up_at=None)
        if self.value() == "yes":
            return queryset.exclude(sent_at=None)
        if self.value() == "no":
            return unsent
        return unsent.exclude(last_error="") if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(PeopleAdmin[Notice]):
    """Emails and their delivery status, read-only."""

    list_display = (
        *("created_at", "kind", "address", "shown_subject", "sent_at", "attempts", "last_error"),
    )
    list_filter = (SentFilter, ("kind", ValuesFilter))
    sorted_when_few = (
        *("created_at", "kind", "address", "shown_subject", "sent_at", "attempts", "last_error"),
    )
    person = "recipient_id"
    search_fields = ("address__folded", "subject__folded")
    search_help_text = gettext_lazy("Address or subject")
    ordering = ("-pk",)
    fields = (
        *("kind", "recipient", "address", "shown_subject", "created_at"),
        *("sent_at", "given_up_at", "attempts", "last_error", "shown_text"),
    )
    links = []

    @admin.display(description=gettext_lazy("subject"), ordering="subject")
    def shown_subject(self, notice: Notice) -> str:
        """Return the subject with the names of the people that it refers to."""
        return worded([notice])[0].subject if people_in(notice.subject) else notice.subject

    @admin.display(description=gettext_lazy("text"))
    def shown_text(self, notice: Notice) -> str:
        """Return the text, except of emails that grant access, such as a password reset."""
        return _("Not shown.") if notice.kind in SECRET_KINDS else worded([notice])[0].text

    def get_readonly_fields(self, request: HttpRequest, obj: Notice | None = None) -> Any:
        return self.fields

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse lookups by text, which could reveal a secret link letter by letter."""
        if lookup.partition("__")[0] in ("text", "html"):
            return False
        assert request is not None
        return super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False
