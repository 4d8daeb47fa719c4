"""The admin of orders: listed by today's status, assigned and edited through the services."""

from typing import Any, ClassVar, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.admin_filters import LevelFilter
from jasper_inventory.accounts.people_admin import staff_of
from jasper_inventory.accounts.submissions import submit_once
from jasper_inventory.lib.admin import Choices, Link, ReasonForm, ServiceAdmin
from jasper_inventory.lib.admin_search import found_by, has_parts
from jasper_inventory.lib.code_format import LENGTH, normalize
from jasper_inventory.lib.components import badge
from jasper_inventory.lib.numbers import is_number, whole_number
from licenses.admin.forms import (
    ADDING_OTHERS,
    EDITING_OTHERS,
    OF_CENTER_LICENSE,
    SEATS,
    AssignForm,
    EditForm,
)
from licenses.admin.order_pages import LINKS, PAGES, OrderPages, may_act
from licenses.models import Order, OrderStatus, TeacherCode
from licenses.models.order_queryset import OrderQuerySet
from licenses.permissions import can_edit, can_resume, can_suspend
from licenses.services.order_edits import edit_order
from licenses.services.orders import assign_order
from licenses.services.suspensions import resume_order, suspend_order

# Fields of the page; those of a group share a line.
Fields: TypeAlias = tuple[str | tuple[str, ...], ...]


class StatusFilter(admin.SimpleListFilter):
    """An order's status today."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return OrderStatus.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        chosen = self.value()
        assert isinstance(queryset, OrderQuerySet)
        if chosen not in OrderStatus.values:
            return queryset
        return queryset.in_status(timezone.localdate(), chosen)


def _review(request: HttpRequest, order: Order) -> Link:
    if not order.is_pending or not order.requested_at:
        return None
    return _("Review this request"), reverse(
        "admin:licenses_licenserequest_change", args=[order.pk]
    )


def _people(request: HttpRequest, order: Order) -> Link:
    url = reverse("admin:licenses_enrollment_changelist")
    return _("People"), f"{url}?order__id__exact={order.pk}"


def _suspend(request: HttpRequest, order: Order) -> Link:
    may = can_suspend if order.suspended_at is None else can_resume
    if not order.is_approved or not may_act(request, order, may):
        return None
    if order.suspended_at is None:
        return _("Suspend"), reverse("admin:licenses_order_suspend_page", args=[order.pk])
    return _("Resume"), reverse("admin:licenses_order_resume_page", args=[order.pk])


class OrderAdmin(OrderPages, ServiceAdmin[Order]):
    """All orders. Adding an order assigns it; only approved orders can be edited.

    Registered in `support.admin.orders`, with links to the pages of apps above.
    """

    list_display = (
        *("number", "assigned_to", "inventory_type", "shown_status", "start_date", "finish_date"),
        *("shown_remaining", "used_seats", "purchase_order"),
    )
    list_filter = (StatusFilter, "inventory_type", LevelFilter.of("assigned_to"))
    list_select_related = ("assigned_to",)
    sorted_when_few = ("inventory_type", "shown_status", "purchase_order")
    # This only makes the search box appear: see get_search_results.
    search_fields = ("number__exact", "compact_purchase_order")
    search_help_text = gettext_lazy(
        "Order number, purchase order, organization or teacher code. "
        "To search for an activation code, use Find a code on the start page."
    )
    autocomplete_fields = ("assigned_to",)
    history_parts: ClassVar[tuple[str, ...]] = ("order",)
    pages = {"suspend": "suspend_page", "resume": "resume_page", **PAGES}
    links = [_review, _people, _suspend, *LINKS]

    def get_queryset(self, request: HttpRequest) -> OrderQuerySet:
        today = timezone.localdate()
        orders = super().get_queryset(request)
        assert isinstance(orders, OrderQuerySet)
        annotated = orders.with_status(today).with_remaining_days(today)
        return annotated.select_related("assigned_to")

    @method_decorator(submit_once)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add an order once, even if the form is submitted twice."""
        return super().add_view(request, form_url, extra_context)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Order | None:
        order = super().get_object(request, object_id, from_field)
        if order is None:
            return None
        found = self.get_queryset(request).with_people().with_teachers().with_was_renewed()
        return found.get(pk=order.pk)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        texts = ("compact_purchase_order", "assigned_to__folded")
        ways = [has_parts(Order, path, [term]) for path in texts]
        if is_number(term):
            ways.append(Q(number=whole_number(term)))
        code = normalize(term)
        if len(code) == LENGTH:
            ways.append(Q(teacher_code__in=TeacherCode.objects.typed(code).values("pk")))
        return found_by(queryset, ways), False

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def shown_status(self, order: Order) -> str:
        return badge(order.status, order.get_status_display())

    @admin.display(description=gettext_lazy("teachers"))
    def shown_teachers(self, order: Order) -> int | None:
        return order.teachers if order.is_approved else None

    @admin.display(description=gettext_lazy("renewal"))
    def shown_renewal(self, order: Order) -> str | None:
        if order.was_renewed:
            return _("renewed")
        return _("requested") if order.renewal_requests.pending().exists() else None

    @admin.display(description=gettext_lazy("remaining days"), ordering="finish_date")
    def shown_remaining(self, order: Order) -> int | None:
        return order.remaining_days

    @admin.display(description=gettext_lazy("seats taken"))
    def used_seats(self, order: Order) -> str | None:
        """Return the number of seats taken, out of how many."""
        if not order.is_approved:
            return None
        if order.seats is None:
            return _("%(taken)d (unlimited)") % {"taken": order.seats_taken}
        return _("%(taken)d of %(all)d") % {"taken": order.seats_taken, "all": order.seats}

    @admin.display(description=gettext_lazy("suspended"))
    def suspension(self, order: Order) -> str | None:
        if order.suspended_at is not None:
            return _("by %(who)s on %(day)s: %(reason)s") % {
                "who": order.suspended_by,
                "day": timezone.localdate(order.suspended_at),
                "reason": order.suspension_reason,
            }
        if order.is_suspended:
            return _("because its parent order is suspended")
        return None

    @admin.display(description=gettext_lazy("enrollment"))
    def joining_pause(self, order: Order) -> str | None:
        if order.joining_paused_at is None:
            return None
        return _("paused by %(who)s on %(day)s. %(reason)s") % {
            "who": order.joining_paused_by,
            "day": timezone.localdate(order.joining_paused_at),
            "reason": order.joining_pause_reason,
        }

    @admin.display(description=gettext_lazy("alerts"))
    def alert_numbers(self, order: Order) -> str | None:
        if not order.is_unlimited:
            return None
        return _("at %(first)d and %(second)d students") % {
            "first": order.first_alert,
            "second": order.second_alert,
        }

    @admin.display(description=gettext_lazy("assigned by"))
    def assigned_by(self, order: Order) -> str | None:
        if not order.assigned_by_organization:
            return None
        return f"{order.assigned_by_organization} ({order.reviewed_by})"

    @admin.display(description=gettext_lazy("parent"))
    def shown_parent(self, order: Order) -> SafeString | None:
        return _link_to(order.parent)

    @admin.display(description=gettext_lazy("renewal of"))
    def shown_renewal_of(self, order: Order) -> SafeString | None:
        return _link_to(order.renewal_of)

    @admin.display(description=gettext_lazy("requester comments"))
    def asked_comments(self, order: Order) -> str | None:
        return order.requester_comments or None

    @admin.display(description=gettext_lazy("requested by"))
    def request(self, order: Order) -> str | None:
        if not order.requested_at:
            return None
        asked = f"{order.requested_by} ({order.requested_by_organization})"
        if not order.is_by_proxy:
            return asked
        return _("%(who)s, for %(holder)s") % {"who": asked, "holder": order.assigned_to}

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        # Pending requests are reviewed; rejected and withdrawn ones never change.
        return super().has_change_permission(request, obj) and (
            obj is None or obj.is_approved and can_edit(obj, staff_of(request))
        )

    def get_exclude(self, request: HttpRequest, obj: Order | None = None) -> tuple[str, ...]:
        # The service takes the forms' own fields, so they are not set on the order.
        return tuple(EditForm.declared_fields)

    def get_form(
        self, request: HttpRequest, obj: Order | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Order]]:
        editable = self.has_change_permission(request, obj)
        kwargs.setdefault(
            "form", AssignForm if obj is None else EditForm if editable else self.form
        )
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Order | None = None) -> Any:
        terms = ("start_date", "finish_date")
        center: Fields = (SEATS,)
        codes: Fields = ("number_of_codes", ("users_per_code", "duration"))
        if obj is None:
            return [
                (None, {"fields": ("form_token", "assigned_to", "inventory_type", terms)}),
                (_("Center License"), {"fields": center}),
                (_("User Activation Codes"), {"fields": codes}),
                (None, {"fields": ADDING_OTHERS}),
            ]
        own = codes if obj.is_codes else center
        if not self.has_change_permission(request, obj):
            shown = ("requested_students", "purchase_order", "shown_products")
            own = codes if obj.is_codes else OF_CENTER_LICENSE
            fields = (*self._fixed_fields(obj), terms, *own, *shown, "approval_comments")
            return [(None, {"fields": fields})]
        return [
            (None, {"fields": self._fixed_fields(obj)}),
            (_("Terms"), {"fields": ("is_active", terms, *own)}),
            (None, {"fields": (*EDITING_OTHERS, "reason")}),
        ]

    def _fixed_fields(self, order: Order) -> tuple[str, ...]:
        """Return the fields that are shown but never edited, without empty ones."""
        rare = (
            "suspension",
            "joining_pause",
            "alert_numbers",
            "assigned_by",
            "shown_parent",
            "shown_renewal_of",
            "request",
            "asked_comments",
            "shown_remaining",
            "shown_teachers",
            "shown_renewal",
        )
        return (
            *("number", "shown_status", "assigned_to", "inventory_type"),
            *(name for name in (*rare, "used_seats") if getattr(self, name)(order) is not None),
        )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Order | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        if self.has_change_permission(request, obj):
            return self._fixed_fields(obj)
        return tuple(flatten_fieldsets(self.get_fieldsets(request, obj)))

    @admin.display(description=gettext_lazy("products"))
    def shown_products(self, order: Order) -> str:
        return ", ".join(str(product) for product in order.products.select_related("family"))

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: bool) -> None:
        saved = self._edit(request, obj, form) if change else self._assign(request, form)
        obj.pk, obj.number, obj.teacher_code = saved.pk, saved.number, saved.teacher_code
        if not change:
            text = _("The teacher code for order %(order)s is %(code)s.")
            names = {"order": saved, "code": saved.teacher_code}
            self.message_user(request, text % names, messages.INFO)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing: the service has saved everything."""

    def _assign(self, request: HttpRequest, form: AssignForm) -> Order:
        values = form.cleaned_data
        return assign_order(
            assigned_to=values["assigned_to"],
            inventory_type=values["inventory_type"],
            products=values["products"],
            terms=form.terms(),
            purchase_order=values["purchase_order"],
            comments=values["approval_comments"],
            teacher_code=values["teacher_code"],
            by=staff_of(request),
        )

    def _edit(self, request: HttpRequest, order: Order, form: EditForm) -> Order:
        return edit_order(
            order=order, by=staff_of(request), shown=form.shown_values(), **form.changed_values()
        )

    def suspend_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Suspend an order and every order allocated from it; asks for a reason."""
        return self.confirmed(
            request,
            object_id,
            title=_("Suspend order"),
            text=lambda order: (
                _(
                    "This stops enrollment, redemption, courses and code creation on order "
                    "%(order)s and every order allocated from it until you resume it."
                )
                % {"order": order}
            ),
            act=lambda order, reason: suspend_order(
                order=order, by=staff_of(request), reason=reason
            ),
            done=_("Order %(name)s was suspended."),
            form_class=ReasonForm,
        )

    def resume_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Resume an order that is itself suspended."""
        return self.confirmed(
            request,
            object_id,
            title=_("Resume order"),
            text=lambda order: (
                _("Order %(order)s was suspended: %(reason)s")
                % {"order": order, "reason": order.suspension_reason}
            ),
            act=lambda order: resume_order(order=order, by=staff_of(request)),
            done=_("Order %(name)s was resumed."),
        )


def _link_to(order: Order | None) -> SafeString | None:
    if order is None:
        return None
    url = reverse("admin:licenses_order_change", args=[order.pk])
    return format_html('<a href="{}">{}</a>', url, order)
