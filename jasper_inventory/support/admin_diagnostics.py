"""The Troubleshoot pages of CCI staff: why an order, a code or an enrollment can't be used."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.decorators import View
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.people_admin import record_look
from jasper_inventory.inventory.diagnostics import (
    Explanation,
    explain_code,
    explain_enrollment,
    explain_order,
)
from jasper_inventory.inventory.forms import CodeForm
from licenses.models import Enrollment, Order

AnyUser: TypeAlias = User | AnonymousUser

if TYPE_CHECKING:
    # What the mixin's users inherit.
    from django.contrib.admin import AdminSite as _AdminSite
else:
    _AdminSite = object


def may_explain(user: AnyUser) -> bool:
    """Return whether a user may see orders, codes and enrollments."""
    return user.has_perms(
        ["activation_codes.view_activationcode", "licenses.view_order", "licenses.view_enrollment"]
    )


def _checked(view: View) -> View:
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not may_explain(request.user):
            raise PermissionDenied
        return view(request, **kwargs)

    return checked


class ExplainingPages(_AdminSite):
    """The Troubleshoot pages, as a mixin of the admin site."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages: list[tuple[str, View, str]] = [
            ("why/", self.why_code, "why_code"),
            ("why/order/<int:pk>/", self.why_order, "why_order"),
            ("why/activation-code/<int:pk>/", self.why_activation_code, "why_activation_code"),
            ("why/person/<int:pk>/", self.why_enrollment, "why_enrollment"),
        ]
        own = [
            path(route, self.admin_view(_checked(view)), name=name) for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    @method_decorator([never_cache, sensitive_post_parameters("code"), sensitive_variables("form")])
    def why_code(self, request: HttpRequest) -> HttpResponse:
        """Check a typed code. The POST returns a page, so that no address contains the code."""
        form = CodeForm(request.POST if request.method == "POST" else None)
        explained = None
        if form.is_valid():
            explained = _of_code(form.cleaned_data["code"])
            if explained.teacher:
                record_look(request, "why_code", [explained.teacher.pk], is_search=True)
        return self._explanation(request, explained, form=form)

    @method_decorator(require_safe)
    def why_order(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show why no one can join an order, redeem its codes or start its courses."""
        order = get_object_or_404(Order.objects.with_people(), pk=pk)
        return self._explanation(request, explain_order(order, timezone.localdate()))

    @method_decorator(require_safe)
    def why_activation_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show why an activation code can't be used."""
        code = get_object_or_404(ActivationCode, pk=pk)
        return self._explanation(request, _of_code(code.code))

    @method_decorator(require_safe)
    def why_enrollment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show why a teacher or a student of an order can't use it."""
        people = Enrollment.objects.select_related("user", "order__assigned_to")
        person = get_object_or_404(people, pk=pk)
        order = Order.objects.with_people().get(pk=person.order_id)
        explained = explain_enrollment(person, order, timezone.localdate())
        record_look(request, "why_enrollment", [person.user_id])
        return self._explanation(request, explained)

    def _explanation(
        self, request: HttpRequest, explained: Explanation | None, form: CodeForm | None = None
    ) -> HttpResponse:
        context = {
            **self.each_context(request),
            "title": _("Troubleshoot"),
            "form": form,
            "explained": explained,
            "links": _links(explained) + _blocks(request, explained) if explained else [],
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/why.html", context)


def _of_code(typed: str) -> Explanation:
    return explain_code(typed, orders=Order.objects.all(), today=timezone.localdate())


def _blocks(request: HttpRequest, explained: Explanation) -> list[tuple[str, str]]:
    """Return the link to the blocks in effect, if throttling is a reason and the user may look."""
    if not explained.waits or not request.user.has_perm("accounts.view_tally"):
        return []
    return [(_("Blocks in effect"), reverse("admin:accounts_tally_changelist"))]


def _links(explained: Explanation) -> list[tuple[str, str]]:
    """Return the labels and addresses of the rows that an explanation is about."""
    rows = [
        (_("Person"), "licenses_enrollment", explained.enrollment),
        (_("Activation code"), "activation_codes_activationcode", explained.activation_code),
        (_("Order"), "licenses_order", explained.order),
    ]
    return [
        (label, reverse(f"admin:{model}_change", args=[row.pk]))
        for label, model, row in rows
        if row
    ]
