"""The admin of people, memberships and notices; that of organizations is the roof's."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.emails import SECRET_KINDS, worded
from jasper_inventory.accounts.models import (
    STAFF_GROUP,
    Invitation,
    Look,
    Membership,
    Notice,
    User,
)
from jasper_inventory.accounts.people_admin import PeopleAdmin, PostedSelects
from jasper_inventory.accounts.services.addresses import hold_address
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.services.memberships import grant_role, revoke_role
from jasper_inventory.accounts.services.passwords import require_new_password
from jasper_inventory.accounts.throttling_admin import BlockAdmin
from jasper_inventory.lib.admin import ServiceAdmin, is_key
from jasper_inventory.lib.audit import recorded
from jasper_inventory.lib.references import people_in

__all__ = ["BlockAdmin"]


class MembershipInline(PostedSelects, admin.TabularInline):
    """A person's roles: given and taken away, never changed into another."""

    model = Membership
    extra = 0
    autocomplete_fields = ("organization",)
    fields = ("role", "organization")
    verbose_name_plural = gettext_lazy("Roles")

    def has_change_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organization")


def _grant(membership, by):
    return grant_role(
        user=membership.user, organization=membership.organization, role=membership.role, by=by
    )


def _revoke(membership, by):
    revoke_role(
        user=membership.user, organization=membership.organization, role=membership.role, by=by
    )


@admin.register(User)
class PersonAdmin(PeopleAdmin, UserAdmin):
    """People. CCI staff can't give or take over rights that go beyond their own."""

    list_display = ("username", "first_name", "last_name", "email", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", "memberships__role")
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
                    "Staff work at CCI Learning: they have the rights of the CCI staff group and "
                    "may sign in here. Everyone else needs a role below."
                ),
            },
        ),
        (gettext_lazy("Important dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return self._superuser_fieldsets(request, obj)
        return self.staff_fieldsets

    def _superuser_fieldsets(self, request, obj):
        """Django's, with the unconfirmed address below the confirmed one."""
        sets = super().get_fieldsets(request, obj)
        return [
            (title, {**options, "fields": (*options["fields"], "unconfirmed_email")})
            if "email" in options["fields"]
            else (title, options)
            for title, options in sets
        ]

    def get_readonly_fields(self, request, obj=None):
        return ("last_login", "date_joined", "unconfirmed_email")

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not _goes_beyond_cci_staff(obj)

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def save_model(self, request, obj, form, change):
        action = "person.edited" if change else "person.added"
        # Somebody else knows the password that an account is added with.
        if not change:
            obj.must_change_password = obj.has_usable_password()
        with recorded(action, by=request.user):
            hold_address(obj.email)
            super().save_model(request, obj, form, change)
            # Django-allauth's copy of a former address would still sign in and get a new password.
            obj.emailaddress_set.exclude(email=obj.email).delete()

    def user_change_password(self, request, id, form_url=""):
        """Django's, for others: whoever it is chooses a new one at the next sign-in."""
        if id == str(request.user.pk):
            return redirect("account_change_password")
        if not is_key(id):
            raise Http404
        with transaction.atomic():
            before = list(User.objects.filter(pk=id).values_list("password", flat=True))
            response = super().user_change_password(request, id, form_url)
            changed = User.objects.filter(pk=id).exclude(password__in=before).first()
            if changed is not None:
                require_new_password(user=changed, by=request.user)
        return response

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if "is_staff" in form.changed_data and not request.user.is_superuser:
            group = Group.objects.get(name=STAFF_GROUP)
            if form.instance.is_staff:
                form.instance.groups.add(group)
            else:
                form.instance.groups.remove(group)

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        for membership in formset.deleted_objects:
            _revoke(membership, request.user)
        for membership in formset.new_objects:
            _grant(membership, request.user)


def _goes_beyond_cci_staff(user):
    """Whether someone has rights that the CCI staff group has not, active or not."""
    return (
        user.is_superuser
        or user.user_permissions.exists()
        or user.groups.exclude(name=STAFF_GROUP).exists()
    )


@admin.register(Membership)
class MembershipAdmin(PeopleAdmin):
    """Who has which role where: given and taken away by services, never changed."""

    list_display = ("user", "username", "role", "organization", "level", "last_used_at")
    list_filter = ("role", "organization__level")
    list_select_related = ("user", "organization")
    search_fields = ("user__folded", "organization__folded")
    search_help_text = gettext_lazy("Name, username or email address, or organization")
    autocomplete_fields = ("user", "organization")
    fields = ("user", "organization", "role")
    links = []

    @admin.display(description=gettext_lazy("username"), ordering="user__username__folded")
    def username(self, membership):
        return membership.user.username

    @admin.display(description=gettext_lazy("level"), ordering="organization__level")
    def level(self, membership):
        return membership.organization.get_level_display()

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm("accounts.delete_membership")

    def save_model(self, request, obj, form, change):
        obj.pk = _grant(obj, request.user).pk

    def delete_model(self, request, obj):
        _revoke(obj, request.user)

    def delete_queryset(self, request, queryset):
        for membership in queryset.select_related("user", "organization"):
            _revoke(membership, request.user)


@admin.register(Invitation)
class InvitationAdmin(PeopleAdmin):
    """Who is invited, such as the first administrator of a new center."""

    person = "accepted_by_id"
    list_display = ("email", "role", "organization", "invited_by", "created_at", "ended")
    list_filter = ("role",)
    list_select_related = ("organization", "invited_by")
    search_fields = ("email__folded", "organization__folded")
    search_help_text = gettext_lazy("Email address or organization")
    autocomplete_fields = ("organization",)
    ordering = ("-pk",)
    links = []

    @admin.display(description=gettext_lazy("what became of it"))
    def ended(self, invitation):
        if invitation.accepted_at:
            return _("Accepted")
        if invitation.revoked_at:
            return _("Withdrawn")
        return _("Expired") if invitation.has_expired else _("Waiting")

    def get_fields(self, request, obj=None):
        asked = ("email", "organization", "role")
        if obj is None:
            return asked
        return (*asked, "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        asked = {name: form.cleaned_data[name] for name in ("email", "organization", "role")}
        obj.__dict__.update(invite(by=request.user, **asked).__dict__)


class SentFilter(admin.SimpleListFilter):
    """Sent, or waiting and failed so far."""

    title = gettext_lazy("sent")
    parameter_name = "sent"

    def lookups(self, request, model_admin):
        return [("yes", _("Sent")), ("no", _("Not sent")), ("failed", _("Not sent, failed so far"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.exclude(sent_at=None)
        if self.value() == "no":
            return queryset.unsent()
        return queryset.unsent().exclude(last_error="") if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(PeopleAdmin):
    """Emails, to tell silence from failure. Nothing can be changed."""

    list_display = (
        *("created_at", "kind", "address", "shown_subject", "sent_at", "attempts", "last_error"),
    )
    list_filter = (SentFilter, "kind")
    person = "recipient_id"
    search_fields = ("address__folded", "subject__folded")
    search_help_text = gettext_lazy("Address or subject")
    ordering = ("-pk",)
    fields = (
        *("kind", "recipient", "address", "shown_subject", "created_at"),
        *("sent_at", "attempts", "last_error", "shown_text"),
    )
    links = []

    @admin.display(description=gettext_lazy("subject"), ordering="subject")
    def shown_subject(self, notice):
        """With the names of those whom it refers to."""
        return worded([notice])[0].subject if people_in(notice.subject) else notice.subject

    @admin.display(description=gettext_lazy("text"))
    def shown_text(self, notice):
        """Not of emails that let one in, such as a password reset."""
        return _("Not shown.") if notice.kind in SECRET_KINDS else worded([notice])[0].text

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def lookup_allowed(self, lookup, value, request):
        """Not by text: a link that lets one in could be guessed from it, letter by letter."""
        if lookup.partition("__")[0] in ("text", "html"):
            return False
        return super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Look)
class LookAdmin(ServiceAdmin):
    """Which people CCI staff looked at, for superusers only. Nothing can be changed."""

    list_display = ("at", "by", "page", "is_search", "number")
    list_filter = ("page", "is_search")
    list_select_related = ("by",)
    fields = ("at", "by", "page", "is_search", "shown_people")
    links = []

    @admin.display(description=gettext_lazy("people"))
    def number(self, look):
        return len(look.people)

    @admin.display(description=gettext_lazy("people"))
    def shown_people(self, look):
        people = User.objects.filter(pk__in=look.people).order_by("pk")
        return ", ".join(f"{person} ({person.username})" for person in people)

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_view_permission(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
