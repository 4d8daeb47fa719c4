"""The admin of the tree of organizations, whose moves affect orders and requests."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from treebeard.admin import TreeAdmin

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.accounts.people_admin import staff_of
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.organizations import create_organization
from jasper_inventory.accounts.services.second_factors import set_second_factor_required
from jasper_inventory.lib.admin import ServiceAdmin
from jasper_inventory.lib.admin_base import is_key
from jasper_inventory.lib.admin_lists import LargeList
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import choices_of, field_of
from jasper_inventory.support.organization_moves import HoldsOrders, edit_organization
from licenses.models import Order

if TYPE_CHECKING:
    # Django's classes take no type arguments at run time.
    _OrganizationField = forms.ModelChoiceField[Organization]
    _OrganizationForm = forms.ModelForm[Organization]
else:
    _OrganizationField, _OrganizationForm = forms.ModelChoiceField, forms.ModelForm


class ParentField(_OrganizationField):
    """A choice of organizations, indented as the tree."""

    def label_from_instance(self, obj: Organization) -> str:
        indent = "\u00a0\u00a0\u00a0" * (obj.depth - 1)
        return f"{indent}{obj.name} ({obj.get_level_display()})"


class OrganizationForm(_OrganizationForm):
    """Name, level and parent; the service decides which parents are allowed."""

    parent = ParentField(
        Organization.objects.filter(level__lt=Level.CENTER),
        label=gettext_lazy("Supplier"),
        required=False,
        help_text=gettext_lazy(
            "The organization that assigns licenses to it and reviews its requests. "
            "Sub-organizations move with it."
        ),
    )

    class Meta:
        model = Organization
        fields = ("name", "level")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.is_vendor:
            for name in ("parent", "level"):
                self.fields.pop(name, None)
            return
        parent = field_of(self, "parent", ParentField)
        level = field_of(self, "level", forms.ChoiceField)
        parent.required = True
        level.choices = [choice for choice in choices_of(level) if choice[0] != Level.VENDOR]
        if self.instance.pk:
            parent.initial = self.instance.supplier


class DropForm(forms.Form):
    """The data that the tree's script sends."""

    node = forms.ModelChoiceField(Organization.objects.all())
    target = forms.ModelChoiceField(Organization.objects.all())
    relation = forms.ChoiceField(choices=[("child", "child"), ("sibling", "sibling")])


def _edit(**values: Any) -> Organization:
    """Call the service; if orders prevent the move, link them in the message."""
    try:
        return edit_organization(**values)
    except HoldsOrders as refusal:
        message = mark_safe(refusal.describe(name=_linked, text=conditional_escape))
        raise DomainError(message, field=refusal.field) from None


def _linked(order: Order) -> SafeString:
    url = reverse("admin:licenses_order_change", args=[order.pk])
    return format_html('<a href="{}">{}</a>', url, order)


class TreeList(LargeList):
    """A level of the tree, or the organizations that a search found."""

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page as a query, to which treebeard adds a column."""
        super().get_results(request)
        keys = [organization.pk for organization in self.result_list]
        self.result_list = self.queryset.filter(pk__in=keys)


@admin.register(Organization)
class OrganizationAdmin(ServiceAdmin[Organization], TreeAdmin):
    """The tree: drag an organization to its new supplier, or choose the supplier on its page."""

    form = OrganizationForm
    list_display = ("name", "level")
    list_filter = ("level",)
    sorted_by_key = ("name",)
    search_fields = ("folded",)
    search_help_text = gettext_lazy("Name")
    history_parts = ("organization",)

    pages = {"second-factor": "second_factor_page"}

    class Media:
        js = ("js/admin-tree.js",)

    links = [
        lambda request, organization: (
            _("People"),
            reverse("admin:accounts_membership_changelist")
            + f"?organization__id__exact={organization.pk}",
        ),
        lambda request, organization: (
            _("Second factor"),
            reverse("admin:accounts_organization_second_factor_page", args=[organization.pk]),
        ),
    ]

    @asks_again
    def second_factor_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Require a second factor of the organization's people, or no longer."""
        organization = self.get_object(request, object_id)
        is_required = organization is not None and organization.requires_second_factor
        text = Organization._meta.get_field("requires_second_factor").help_text
        return self.confirmed(
            request,
            object_id,
            title=_("Stop requiring second factors")
            if is_required
            else _("Require second factors"),
            text=lambda organization: (
                _("%(name)s. %(text)s") % {"name": organization, "text": text}
            ),
            act=lambda organization: set_second_factor_required(
                organization=organization, is_required=not is_required, by=staff_of(request)
            ),
            done=_("Second factors at %(name)s: the setting was changed."),
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order the list as the tree, and suggestions by name."""
        match = request.resolver_match
        is_tree = match is None or match.url_name != "autocomplete"
        return super().get_ordering(request) if is_tree else ("folded", "path")

    def get_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        return ("name",) if obj and obj.is_vendor else ("name", "level", "parent")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Treebeard sets this on GET only, but a POST without an action shows the list, too.
        request._treebeard_parent = None  # type: ignore[attr-defined]  # of treebeard
        return super().changelist_view(request, extra_context)

    def children_view(self, request: HttpRequest, parent_id: str) -> HttpResponse:
        """Refuse wrong keys and unknown filters, which treebeard doesn't check."""
        if not is_key(parent_id):
            raise Http404
        try:
            response: HttpResponse = super().children_view(request, parent_id)
        except IncorrectLookupParameters:
            raise BadRequest("No such filter.") from None
        return response

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        values = {"name": form.cleaned_data["name"], "by": staff_of(request)}
        if not change:
            saved = create_organization(
                level=form.cleaned_data["level"], parent=form.cleaned_data["parent"], **values
            )
        else:
            saved = _edit(
                organization=obj,
                level=form.cleaned_data.get("level", Level.VENDOR),
                parent=form.cleaned_data.get("parent"),
                **values,
            )
        obj.__dict__.update(saved.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing, because the service saved everything."""

    def move_node(self, request: HttpRequest) -> HttpResponse:
        """Move an organization that was dropped on its new supplier, or beside a sibling."""
        form = DropForm(request.POST)
        if not form.is_valid() or not self.has_change_permission(request):
            return HttpResponseBadRequest("Refused")
        moved, target = form.cleaned_data["node"], form.cleaned_data["target"]
        parent = target if form.cleaned_data["relation"] == "child" else target.supplier
        try:
            _edit(
                organization=moved,
                name=moved.name,
                level=moved.level,
                parent=parent,
                by=staff_of(request),
            )
        except DomainError as error:
            # The page's script reloads the page, which then shows the message.
            self.message_user(request, str(error.message), messages.ERROR)
            return HttpResponseBadRequest("Refused")
        text = _("%(name)s is now below %(parent)s.") % {"name": moved, "parent": parent}
        self.message_user(request, text, messages.SUCCESS)
        self.log_change(request, moved, text)
        return HttpResponse("OK")
