"""The admin of CCI staff: its front page shows the requests that wait, and finds codes."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from jasper_inventory.accounts.people_admin import PeopleAutocomplete, record_look
from jasper_inventory.inventory.admin_why import ExplainingPages, may_explain
from jasper_inventory.inventory.find_code import FindCodeForm, find_codes


class InventoryAdminSite(ExplainingPages, AdminSite):
    site_header = gettext_lazy("License Inventory – CCI Learning")
    site_title = gettext_lazy("License Inventory")
    index_title = gettext_lazy("Administration")
    # The front page leads everywhere; the lists need the width.
    enable_nav_sidebar = False
    index_template = "admin/front_page.html"

    def get_urls(self):
        return [
            path("find-code/", self.admin_view(self.find_code), name="find_code"),
            *super().get_urls(),
        ]

    def index(self, request, extra_context=None):
        """The front page: how many requests of both kinds wait, above the list of models."""
        context = {
            "waiting": list(self._waiting(request)),
            "may_find_codes": _may_find_codes(request.user),
            "may_explain": may_explain(request.user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def _waiting(self, request):
        """Label, number and address of each kind of request that this person may see."""
        for model, model_admin in self._registry.items():
            is_decided = getattr(model_admin, "decide_template", None)
            waits = is_decided or getattr(model_admin, "waits_on_front_page", False)
            if not waits or not model_admin.has_view_permission(request):
                continue
            opts = model._meta
            yield {
                "name": opts.verbose_name_plural,
                "number": model_admin.get_queryset(request).pending().count(),
                "url": reverse(f"{self.name}:{opts.app_label}_{opts.model_name}_changelist"),
            }

    # It reads only, and what it answers can't be read from elsewhere.
    @method_decorator(csrf_exempt)
    def autocomplete_view(self, request):
        return PeopleAutocomplete.as_view(admin_site=self)(request)

    @method_decorator([never_cache, sensitive_post_parameters("code"), sensitive_variables("form")])
    def find_code(self, request):
        """Find a code: a POST that is answered with the page, so that no address holds a code."""
        if not _may_find_codes(request.user):
            raise PermissionDenied
        form = FindCodeForm(request.POST if request.method == "POST" else None)
        found = find_codes(form.cleaned_data["code"]) if form.is_valid() else []
        shown = [getattr(each, "enrolment", each) for one in found for each in one.people]
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


def _may_find_codes(user):
    return user.has_perms(["activation_codes.view_activationcode", "licenses.view_order"])
