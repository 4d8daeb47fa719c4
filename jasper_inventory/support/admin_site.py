"""The admin site of CCI staff: pending requests on the front page, and a search for codes."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django_tasks_db.models import DBTaskResult

from jasper_inventory.accounts.models import Level
from jasper_inventory.accounts.models.erasure_requests import ErasureRequestQuerySet
from jasper_inventory.accounts.people_admin import AskingAgain, PeopleAutocomplete, record_look
from jasper_inventory.inventory.code_lookup import FindCodeForm, find_codes
from jasper_inventory.lib.returning import post_only
from jasper_inventory.support.admin_diagnostics import AnyUser, ExplainingPages, may_explain
from jasper_inventory.support.attention import Attention, orders_needing_attention
from licenses.models import RequestQuerySet

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])


class InventoryAdminSite(ExplainingPages, AdminSite):
    site_header = gettext_lazy("License Inventory – CCI Learning")
    site_title = gettext_lazy("License Inventory")
    index_title = gettext_lazy("Administration")
    # The front page links to everything, and lists need the width.
    enable_nav_sidebar = False
    index_template = "admin/front_page.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register a model, except django-allauth's and the queue's own list.

        Addresses are shown with their user. In a list of their own, searches would not be recorded.
        The jobs of the queue have a list of ours.
        """
        is_one = isinstance(model_or_iterable, type)
        for model in (model_or_iterable,) if is_one else model_or_iterable:
            if model.__module__.startswith("allauth.") or model is DBTaskResult:
                continue
            if model is Group:
                # Django's class, which can't be imported here yet. Groups are rights of staff.
                admin_class = type("AskingGroupAdmin", (AskingAgain, admin_class), {})
            super().register(model, admin_class, **options)

    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in on the site's own page, which limits attempts."""
        return super().login(request, extra_context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # Rows have no page on the site for Django's "view on site" to redirect to.
        others = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        return [path("find-code/", self.admin_view(self.find_code), name="find_code"), *others]

    def admin_view(self, view: ViewT, cacheable: bool = False) -> ViewT:
        """Refuse an empty name of the field to look a row up by, which Django doesn't check."""

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            for sent in (request.GET, request.POST):
                if TO_FIELD_VAR in sent and not sent[TO_FIELD_VAR]:
                    raise DisallowedModelAdminToField("No field is named.")
            return view(request, *args, **kwargs)

        # It takes what the view takes.
        return super().admin_view(cast(ViewT, update_wrapper(checked, view)), cacheable)

    def password_change(  # type: ignore[override]  # a redirect instead of a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change the password on the site's own page, which limits guesses of the old one."""
        return redirect("account_change_password")

    # It accepts only a form, so no redirect may lead to its address.
    @method_decorator(post_only)
    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().logout(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the numbers of pending requests above the list of models."""
        context = {
            "waiting": self._waiting(request),
            "attention": _attention(request.user),
            "may_find_codes": _may_find_codes(request.user),
            "may_explain": may_explain(request.user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def _waiting(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the name, number and address of each kind of pending request.

        Requests to CCI come first, then those to other suppliers, then other kinds.
        """
        ours, others, rest = [], [], []
        for model, model_admin in self._registry.items():
            is_reviewed = getattr(model_admin, "review_template", None)
            waits = is_reviewed or getattr(model_admin, "waits_on_front_page", False)
            if not waits or not model_admin.has_view_permission(request):
                continue
            opts = model._meta
            name = capfirst(opts.verbose_name_plural)
            url = reverse(f"{self.name}:{opts.app_label}_{opts.model_name}_changelist")
            rows = model_admin.get_queryset(request)
            assert isinstance(rows, RequestQuerySet | ErasureRequestQuerySet)
            pending = rows.pending()
            if not is_reviewed:
                rest.append({"name": name, "number": pending.count(), "url": url})
                continue
            to_cci = Q(requested_to__level=Level.VENDOR)
            counted = pending.order_by().aggregate(
                cci=Count("pk", filter=to_cci), others=Count("pk", filter=~to_cci)
            )
            text = _("%(requests)s to CCI") % {"requests": name}
            ours.append({"name": text, "number": counted["cci"], "url": f"{url}?to=cci"})
            text = _("%(requests)s to other suppliers") % {"requests": name}
            others.append({"name": text, "number": counted["others"], "url": f"{url}?to=others"})
        return [*ours, *others, *rest]

    # It only reads, and other sites can't read its response.
    @method_decorator(csrf_exempt)
    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        response = PeopleAutocomplete.as_view(admin_site=self)(request)
        assert isinstance(response, HttpResponse)
        return response

    @method_decorator([never_cache, sensitive_post_parameters("code"), sensitive_variables("form")])
    def find_code(self, request: HttpRequest) -> HttpResponse:
        """Find a code. The POST returns a page, so that no address contains the code."""
        if not _may_find_codes(request.user):
            raise PermissionDenied
        form = FindCodeForm(request.POST if request.method == "POST" else None)
        found = find_codes(form.cleaned_data["code"]) if form.is_valid() else []
        shown = [each for one in found for each in one.enrollments]
        record_look(request, "find_code", [each.user_id for each in shown], is_search=True)
        context = {
            **self.each_context(request),
            "title": _("Find a code"),
            "form": form,
            "found": found,
            "may_explain": may_explain(request.user),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/find_code.html", context)


def _attention(user: AnyUser) -> list[Attention]:
    return orders_needing_attention() if user.has_perm("licenses.view_order") else []


def _may_find_codes(user: AnyUser) -> bool:
    return user.has_perms(["activation_codes.view_activationcode", "licenses.view_order"])
