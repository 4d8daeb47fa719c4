"""The admin of what looks across all apps: erasing a person, and who asked for it."""

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
    """People, who can be erased."""

    pages = {"erase": "erase_page"}
    links = [*PersonAdmin.links, _erase_link]

    def has_change_permission(self, request, obj=None):
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def erase_page(self, request, object_id):
        """Erase a person, once it was confirmed."""

        def act(user):
            erase_person(user=user, by=request.user)
            # What is noted in the log from here on has the neutral name.
            user.refresh_from_db()
            # Else this session is written again with what it had.
            forget_searches(request)

        return self.confirmed(
            request,
            object_id,
            title=_("Erase"),
            text=_erasing,
            act=act,
            done=_("The account was erased. It is %(name)s now."),
        )


def _erasing(user):
    return _(
        "%(name)s (%(username)s) is erased for good. Name, username, email addresses, password, "
        "roles, sessions and the mails sent to this person go, from the history too. Counts, "
        "places, requests and history stay under a neutral name; comments and reasons that people "
        "typed stay as they are."
    ) % {"name": user, "username": user.username}


class PendingFilter(PresetFilter):
    """Those that wait, unless all are asked for."""

    title = gettext_lazy("waiting")
    parameter_name = "waiting"

    def lookups(self, request, model_admin):
        return [(None, _("Waiting")), ("all", _("All"))]

    def queryset(self, request, queryset):
        return queryset if self.value() else queryset.pending()


@admin.register(ErasureRequest)
class ErasureRequestAdmin(PeopleAdmin):
    """Who asked to be erased; the page of the person is where it is done."""

    waits_on_front_page = True
    list_display = ("user", "asked_at", "withdrawn_at", "done_at", "done_by")
    list_filter = (PendingFilter,)
    list_select_related = ("user", "done_by")
    ordering = ("asked_at", "pk")
    fields = list_display
    links = [
        lambda request, asked: (
            _("The person's page"),
            reverse("admin:accounts_user_change", args=[asked.user_id]),
        )
    ]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
