"""The admin of users, who can be erased, and of their erasure requests."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.admin import PersonAdmin
from jasper_inventory.accounts.models import ErasureRequest, User
from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.lib.admin import PresetFilter
from jasper_inventory.lib.searches import forget_searches
from jasper_inventory.people.erasure import erase_person


def _erase_link(request, user):
    erasable = not (user.is_staff or user.is_superuser or user.erased_at)
    return erasable and (_("Erase"), reverse("admin:accounts_user_erase_page", args=[user.pk]))


@admin.register(User)
class ErasablePersonAdmin(PersonAdmin):
    """Users, with a page to erase them."""

    pages = {"erase": "erase_page"}
    links = [*PersonAdmin.links, _erase_link]

    def has_change_permission(self, request, obj=None):
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def erase_page(self, request, object_id):
        """Erase a user, after confirmation."""

        def act(user):
            erase_person(user=user, by=request.user)
            # The log entry that follows must use the neutral name.
            user.refresh_from_db()
            # Otherwise, this session would be saved again with earlier searches.
            forget_searches(request)

        return self.confirmed(
            request,
            object_id,
            title=_("Erase"),
            text=_erasing,
            act=act,
            done=_("The account was erased. It is now called %(name)s."),
        )


def _erasing(user):
    return _(
        "This permanently erases %(name)s (%(username)s). The name, username, email addresses, "
        "password, roles, sessions and emails to this person are removed, also from the history. "
        "Counts, seats, requests and history are kept under the name Erased person %(number)d. "
        "Comments and reasons are kept as typed."
    ) % {"name": user, "username": user.username, "number": user.pk}


class PendingFilter(PresetFilter):
    """Pending requests by default, or all."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [(None, _("Pending")), ("all", _("All"))]

    def queryset(self, request, queryset):
        return queryset if self.value() else queryset.pending()


@admin.register(ErasureRequest)
class ErasureRequestAdmin(PeopleAdmin):
    """Erasure requests; the user is erased on the user's own page."""

    waits_on_front_page = True
    list_display = ("user", "asked_at", "withdrawn_at", "done_at", "done_by")
    list_filter = (PendingFilter,)
    list_select_related = ("user", "done_by")
    ordering = ("asked_at", "pk")
    fields = list_display
    links = [
        lambda request, asked: (
            _("User"),
            reverse("admin:accounts_user_change", args=[asked.user_id]),
        )
    ]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
