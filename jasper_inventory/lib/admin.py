"""Base classes of the admin pages.

They call services and show refusals as form errors, ask for confirmation, run actions row by row,
and show the history that the database records.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jasper_inventory.lib.admin_base import KeyFields, ModelT, is_key
from jasper_inventory.lib.admin_history import acts_of, is_tracked
from jasper_inventory.lib.admin_lists import LargeListAdmin
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import (
    DateTextField,
    TextField,
    WholeNumberField,
    WholeNumberInput,
    refuse,
)

MOST_SELECTED = 500


if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices
    from django_stubs_ext import StrOrPromise


def admin_url(row: Model) -> str:
    """Return the address of a row's page in the admin."""
    names = (row._meta.app_label, row._meta.model_name)
    return reverse("admin:{}_{}_change".format(*names), args=[row.pk])


# The choices of a list's filter; the value of a PresetFilter's default is None.
Choices = Sequence[tuple[Any, "StrOrPromise"]]
# A link on a row's page: its label and address, or None if it doesn't apply.
Link = tuple[str | Promise, str] | None


class AdminWholeNumberInput(WholeNumberInput):
    """A whole number input as wide as Django's own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "vIntegerField", **(attrs or {})})


class ReasonForm(forms.Form):
    """A form that asks for a reason."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off"}),
    )


class PresetFilter(admin.SimpleListFilter):
    """A filter whose first choice, with None as its value, is the default."""

    parameter_name: str

    def choices(self, changelist: ChangeList) -> Iterator["_ListFilterChoices"]:
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}, [] if value else [self.parameter_name]
                ),
                "display": title,
            }


def _refused(
    form_class: type[forms.ModelForm[ModelT]], refusal: DomainError
) -> type[forms.ModelForm[ModelT]]:
    """Return a form class that always fails with a service's refusal."""

    # mypy supports no base classes that are only known at run time.
    class RefusedForm(form_class):  # type: ignore[valid-type, misc]
        def full_clean(self) -> None:
            super().full_clean()
            refuse(self, refusal, link_to=admin_url)

    return RefusedForm


class ServiceAdmin(KeyFields, LargeListAdmin[ModelT]):
    """Admin of a model that only services change, that is never deleted and has a history.

    `links` are the links from a row to related pages; a subclass in an app above adds its own. The
    history includes `history_parts`: rows that refer to this one by foreign keys with these names.
    """

    links: ClassVar[list[Callable[[HttpRequest, Any], Link]]] = []
    # Additional pages of a row: the last part of the address, and the method's name.
    pages: ClassVar[dict[str, str]] = {}
    history_parts: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    # The site's own pages need a role.
    view_on_site = False
    formfield_overrides = {
        models.IntegerField: {"form_class": WholeNumberField, "widget": AdminWholeNumberInput},
        models.BigIntegerField: {"form_class": WholeNumberField, "widget": AdminWholeNumberInput},
        models.DateField: {"form_class": DateTextField},
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{part}/",
                self.admin_site.admin_view(getattr(self, method)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{method}",
            )
            for part, method in self.pages.items()
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form again with its input if a service refuses."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            refusal = error
        except IntegrityError:
            refusal = DomainError(_("Someone changed this at the same time. Try again."))
        # Everything was rolled back. Process the same form again as an invalid one: `get_form`
        # reads this attribute, which is ours.
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: ModelT | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[ModelT]]:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return form_class if refusal is None else _refused(form_class, refusal)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if context.get("original"):
            context["object_links"] = self.links_of(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def links_of(self, request: HttpRequest, obj: ModelT) -> list[tuple[str | Promise, str]]:
        """Return the links of a row's page."""
        return [link for link in (make(request, obj) for make in self.links) if link]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who did what, when and why, as recorded by database triggers.

        For models without such a history, show the changes made in the admin.
        """
        if not is_tracked(self.model._meta.concrete_model):
            return super().history_view(request, object_id, extra_context)
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._missing(request, object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        before = request.GET.get("before", "")
        acts, older = acts_of(obj, parts=self.history_parts, before=before)
        context = {
            **self._page_context(request, _("History"), obj),
            "acts": acts,
            "older": older,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)

    def _missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Redirect to the front page with a message that the row doesn't exist."""
        # A private method of Django's, which the stubs leave out.
        response: HttpResponse = self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
            request, self.opts, object_id
        )
        return response

    def _page_context(self, request: HttpRequest, title: str, obj: Model | None) -> dict[str, Any]:
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(obj) if obj else None,
            "opts": self.opts,
            "original": obj,
            "media": self.media,
        }

    def confirmed(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        title: str,
        text: Callable[[ModelT], str],
        act: Callable[..., object],
        done: str,
        form_class: Callable[..., forms.Form] = forms.Form,
    ) -> HttpResponse:
        """Ask for confirmation, then call a service for one row: `act(obj, **cleaned_data)`.

        The user needs the permission to change the row.
        """
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._missing(request, object_id)
        if not self.has_view_permission(request, obj) or not super().has_change_permission(request):
            raise PermissionDenied
        form = form_class(request.POST if request.method == "POST" else None)
        back = reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change",
            args=[obj.pk],
        )
        if form.is_valid():
            try:
                act(obj, **form.cleaned_data)
            except DomainError as error:
                refuse(form, error, link_to=admin_url)
            else:
                self.log_change(request, obj, title)
                self.message_user(request, done % {"name": obj}, messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = {
            **self._page_context(request, title, obj),
            "text": text(obj),
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def selected(self, request: HttpRequest, queryset: QuerySet[ModelT]) -> QuerySet[ModelT]:
        """Return the selected rows, including those that the list's filter no longer shows."""
        if request.POST.get("select_across", "0") in ("", "0"):
            chosen = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if is_key(pk)]
            return self.rows_of(request, chosen)
        return self._with_joined(queryset)

    def rows_of(self, request: HttpRequest, keys: Iterable[object]) -> QuerySet[ModelT]:
        """Return the rows with these keys that the user may see."""
        return self._with_joined(self.get_queryset(request).filter(pk__in=keys))

    def _with_joined(self, queryset: QuerySet[ModelT]) -> QuerySet[ModelT]:
        joined = self.list_select_related
        return queryset if isinstance(joined, bool) else queryset.select_related(*joined)

    def label_of(self, row: ModelT) -> str:
        """Return the name of a row on confirmation pages."""
        return str(row)

    def name_of(self, row: ModelT) -> str:
        """Return the name of a row in messages."""
        return str(row)

    def run_for_each(
        self,
        request: HttpRequest,
        queryset: QuerySet[ModelT],
        act: Callable[[ModelT], object],
        *,
        done: str,
    ) -> None:
        """Call a service for each row, each in its own transaction, and report each result.

        `done` is the message about successful rows; it contains `%(names)s`.
        """
        rows = list(queryset[: MOST_SELECTED + 1])
        if len(rows) > MOST_SELECTED:
            text = _("Select at most %(most)d rows. Nothing was changed.")
            self.message_user(request, text % {"most": MOST_SELECTED}, messages.ERROR)
            return
        names = []
        for row in rows:
            name = self.name_of(row)
            try:
                act(row)
            except (DomainError, IntegrityError) as error:
                why = _("Someone changed this at the same time.")
                if isinstance(error, DomainError):
                    why = error.named
                self.message_user(request, f"{name}: {why}", messages.ERROR)
            else:
                self.log_change(request, row, done % {"names": row})
                names.append(name)
        if names:
            self.message_user(request, done % {"names": ", ".join(names)}, messages.SUCCESS)

    def confirmed_for_each(
        self,
        request: HttpRequest,
        queryset: QuerySet[ModelT],
        act: Callable[..., object],
        *,
        action: str,
        title: str,
        done: str,
        form_class: Callable[..., forms.Form] = forms.Form,
    ) -> HttpResponse | None:
        """Run an action after a confirmation page with the selected rows and the form."""
        rows = self.selected(request, queryset)
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self.run_for_each(request, rows, lambda row: act(row, **form.cleaned_data), done=done)
            return None
        shown = list(rows[: MOST_SELECTED + 1])
        if len(shown) > MOST_SELECTED:
            text = _("Select at most %(most)d rows.") % {"most": MOST_SELECTED}
            self.message_user(request, text, messages.ERROR)
            return None
        context = {
            **self._page_context(request, title, None),
            "text": ngettext("This affects one row:", "This affects these rows:", len(shown)),
            "rows": [(row.pk, self.label_of(row)) for row in shown],
            "form": form,
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/confirm.html", context)
