"""The admin of who teaches and who learns on an order."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.lib.admin import PresetFilter
from licenses.admin.forms import EnrollForm
from licenses.models import EnrollmentRole
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    remove_enrollment,
    restore_enrollment,
)


class OnOrderFilter(PresetFilter):
    """People on their order, or taken off it; at first the former."""

    title = gettext_lazy("on the order")
    parameter_name = "on"

    def lookups(self, request, model_admin):
        return [(None, _("On the order")), ("removed", _("Taken off")), ("all", _("All"))]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset.current()
        return queryset.exclude(removed_at=None) if self.value() == "removed" else queryset


def _came_by_code(enrollment):
    """Whose redemption is taken back instead, on its own page."""
    return enrollment.order.is_codes and not enrollment.is_teacher


def _remove(request, enrollment):
    if (
        enrollment.removed_at
        or _came_by_code(enrollment)
        or not request.user.has_perm("licenses.change_enrollment")
    ):
        return None
    return _("Take off the order"), reverse(
        "admin:licenses_enrollment_remove_page", args=[enrollment.pk]
    )


def _restore(request, enrollment):
    if (
        not enrollment.removed_at
        or _came_by_code(enrollment)
        or not request.user.has_perm("licenses.change_enrollment")
    ):
        return None
    return _("Put back"), reverse("admin:licenses_enrollment_restore_page", args=[enrollment.pk])


def _order(request, enrollment):
    return _("Order"), reverse("admin:licenses_order_change", args=[enrollment.order_id])


class EnrollmentAdmin(PeopleAdmin):
    """Enrollments: added and ended by the services, never changed into another.

    Registered in `support.admin.orders`, with links to the pages of apps above.
    """

    form = EnrollForm
    list_display = ("user", "role", "order", "holder", "enrolled_at", "last_day", "removed_at")
    list_filter = (OnOrderFilter, "role")
    list_select_related = ("user", "order__assigned_to")
    search_fields = ("user__folded", "order__number__exact", "order__assigned_to__folded")
    search_help_text = gettext_lazy("Name, username, email address, order number, organization")
    autocomplete_fields = ("order", "user", "teacher")
    ordering = ("-pk",)
    actions = ("remove_selected",)
    pages = {"remove": "remove_page", "restore": "restore_page"}
    links = [_remove, _restore, _order]

    @admin.display(description=gettext_lazy("organization"), ordering="order__assigned_to__folded")
    def holder(self, enrollment):
        return enrollment.order.assigned_to

    @admin.display(description=gettext_lazy("last day"), ordering="ends_on")
    def last_day(self, enrollment):
        return enrollment.last_day

    def get_fields(self, request, obj=None):
        shown = ("order", "user", "role", "teacher")
        if obj and obj.is_teacher:
            shown = ("order", "user", "role", "group_key")
        return (*shown, "enrolled_at", "last_day", "removed_at") if obj else shown

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") == "teacher":
            found = found.current().filter(role=EnrollmentRole.TEACHER).select_related("user")
        return found, may_repeat

    def label_of(self, row):
        return f"{row} – {row.order}, {row.order.assigned_to}"

    def save_model(self, request, obj, form, change):
        people = {"order": obj.order, "user": obj.user, "by": request.user}
        if obj.role == EnrollmentRole.TEACHER:
            joined = enroll_teacher(**people)
        else:
            joined = enroll_student(**people, teacher=obj.teacher)
        obj.__dict__.update(joined.enrollment.__dict__)
        for full in joined.full:
            text = _("Renewal %(order)s has no place left: %(user)s is not on it.")
            names = {"order": full, "user": obj.user}
            self.message_user(request, text % names, messages.WARNING)

    def remove_page(self, request, object_id):
        """Take one person off the order, after asking once."""
        return self.confirmed(
            request,
            object_id,
            title=_("Take off the order"),
            text=lambda enrollment: (
                _("%(name)s is taken off order %(order)s at once. A student's place is free then.")
                % {"name": enrollment, "order": enrollment.order}
            ),
            act=lambda enrollment: remove_enrollment(enrollment=enrollment, by=request.user),
            done=_("%(name)s was taken off the order."),
        )

    def restore_page(self, request, object_id):
        """Put one person back, after asking once."""
        return self.confirmed(
            request,
            object_id,
            title=_("Put back on the order"),
            text=lambda enrollment: (
                _("%(name)s is put back on order %(order)s. A student takes a place again.")
                % {"name": enrollment, "order": enrollment.order}
            ),
            act=lambda enrollment: restore_enrollment(enrollment=enrollment, by=request.user),
            done=_("%(name)s is on the order again."),
        )

    @admin.action(
        permissions=["change"], description=gettext_lazy("Take selected people off their orders")
    )
    def remove_selected(self, request, queryset):
        """After asking once; each is reported."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda enrollment: remove_enrollment(enrollment=enrollment, by=request.user),
            action="remove_selected",
            title=_("Take people off their orders"),
            done=_("Taken off: %(names)s."),
        )
