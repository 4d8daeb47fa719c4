"""The admin of the teachers and students on an order."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Organization
from jasper_inventory.accounts.people_admin import PeopleAdmin, staff_of
from jasper_inventory.lib.admin import Choices, Link, PresetFilter
from licenses.admin.forms import EnrollForm
from licenses.models import Enrollment, EnrollmentRole
from licenses.models.enrollments import EnrollmentQuerySet
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    remove_enrollment,
    restore_enrollment,
)


class OnOrderFilter(PresetFilter):
    """People on their order, or removed from it. Shows people on their order by default."""

    title = gettext_lazy("on the order")
    parameter_name = "on"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(None, _("On the order")), ("removed", _("Removed")), ("all", _("All"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Enrollment]
    ) -> QuerySet[Enrollment]:
        if self.value() is None:
            assert isinstance(queryset, EnrollmentQuerySet)
            return queryset.current()
        return queryset.exclude(removed_at=None) if self.value() == "removed" else queryset


def _came_by_code(enrollment: Enrollment) -> bool:
    """Return whether the student used an activation code, which has a page of its own."""
    return enrollment.order.is_codes and not enrollment.is_teacher


def _remove(request: HttpRequest, enrollment: Enrollment) -> Link:
    if (
        enrollment.removed_at
        or _came_by_code(enrollment)
        or not request.user.has_perm("licenses.change_enrollment")
    ):
        return None
    return _("Remove"), reverse("admin:licenses_enrollment_remove_page", args=[enrollment.pk])


def _restore(request: HttpRequest, enrollment: Enrollment) -> Link:
    if (
        not enrollment.removed_at
        or _came_by_code(enrollment)
        or not request.user.has_perm("licenses.change_enrollment")
    ):
        return None
    return _("Restore"), reverse("admin:licenses_enrollment_restore_page", args=[enrollment.pk])


def _order(request: HttpRequest, enrollment: Enrollment) -> Link:
    return _("Order"), reverse("admin:licenses_order_change", args=[enrollment.order_id])


class EnrollmentAdmin(PeopleAdmin[Enrollment]):
    """Enrollments: services add and remove them; they are never edited.

    Registered in `support.admin.orders`, with links to the pages of apps above.
    """

    form = EnrollForm
    list_display = ("user", "role", "order", "holder", "enrolled_at", "last_day", "removed_at")
    list_filter = (OnOrderFilter, "role")
    list_select_related = ("user", "order__assigned_to")
    sorted_when_few = ("role", "enrolled_at", "last_day", "removed_at")
    search_fields = ("user__folded", "order__number__exact", "order__assigned_to__folded")
    search_help_text = gettext_lazy("Name, username, email address, order number, organization")
    autocomplete_fields = ("order", "user", "teacher")
    ordering = ("-pk",)
    actions = ("remove_selected",)
    pages = {"remove": "remove_page", "restore": "restore_page"}
    links = [_remove, _restore, _order]

    @admin.display(description=gettext_lazy("organization"), ordering="order__assigned_to__folded")
    def holder(self, enrollment: Enrollment) -> Organization:
        return enrollment.order.assigned_to

    @admin.display(description=gettext_lazy("last day"), ordering="ends_on")
    def last_day(self, enrollment: Enrollment) -> date:
        return enrollment.last_day

    def get_fields(self, request: HttpRequest, obj: Enrollment | None = None) -> tuple[str, ...]:
        shown = ("order", "user", "role", "teacher")
        if obj and obj.is_teacher:
            shown = ("order", "user", "role", "group_key")
        return (*shown, "enrolled_at", "last_day", "removed_at") if obj else shown

    def get_readonly_fields(
        self, request: HttpRequest, obj: Enrollment | None = None
    ) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Enrollment | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Enrollment], search_term: str
    ) -> tuple[QuerySet[Enrollment], bool]:
        if request.GET.get("field_name") == "teacher":
            assert isinstance(queryset, EnrollmentQuerySet)
            queryset = queryset.current().teachers().select_related("user")
        return super().get_search_results(request, queryset, search_term)

    def label_of(self, row: Enrollment) -> str:
        return f"{row} – {row.order}, {row.order.assigned_to}"

    def save_model(self, request: HttpRequest, obj: Enrollment, form: Any, change: bool) -> None:
        order, user, by = obj.order, obj.user, staff_of(request)
        if obj.role == EnrollmentRole.TEACHER:
            joined = enroll_teacher(order=order, user=user, by=by)
        else:
            joined = enroll_student(order=order, user=user, by=by, teacher=obj.teacher)
        obj.__dict__.update(joined.enrollment.__dict__)
        for full in joined.full:
            text = _("Renewal %(order)s has no seats left, so %(user)s was not added to it.")
            names = {"order": full, "user": obj.user}
            self.message_user(request, text % names, messages.WARNING)

    def remove_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remove one person from the order, after confirmation."""
        return self.confirmed(
            request,
            object_id,
            title=_("Remove from order"),
            text=lambda enrollment: (
                _("This removes %(name)s from order %(order)s and frees a student's seat.")
                % {"name": enrollment, "order": enrollment.order}
            ),
            act=lambda enrollment: remove_enrollment(enrollment=enrollment, by=staff_of(request)),
            done=_("%(name)s was removed from the order."),
        )

    def restore_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore one person to the order, after confirmation."""
        return self.confirmed(
            request,
            object_id,
            title=_("Restore to order"),
            text=lambda enrollment: (
                _("This restores %(name)s to order %(order)s. A student uses a seat again.")
                % {"name": enrollment, "order": enrollment.order}
            ),
            act=lambda enrollment: restore_enrollment(enrollment=enrollment, by=staff_of(request)),
            done=_("%(name)s was restored to the order."),
        )

    @admin.action(
        permissions=["change"], description=gettext_lazy("Remove selected people from their orders")
    )
    def remove_selected(
        self, request: HttpRequest, queryset: QuerySet[Enrollment]
    ) -> HttpResponse | None:
        """Remove the selected people, after confirmation; each one is reported."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda enrollment: remove_enrollment(enrollment=enrollment, by=staff_of(request)),
            action="remove_selected",
            title=_("Remove people from their orders"),
            done=_("Removed: %(names)s."),
        )
