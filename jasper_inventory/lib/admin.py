"""What the admin pages of all apps share.

Services write and refuse; here a refusal becomes an error of the form, what can't be undone is
asked once more, many rows are done one by one, and the history is the database's own.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import IntegrityError, models
from django.db.models import CharField, ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jasper_inventory.lib.admin_history import acts_of, is_tracked
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import (
    DateTextField,
    TextField,
    WholeNumberField,
    WholeNumberInput,
    refuse,
)
from jasper_inventory.lib.numbers import is_number, whole_number
from jasper_inventory.lib.text_fields import has_words, words_of

MOST_SELECTED = 500


def admin_url(row: Model) -> str:
    """The address of a row's page in the admin."""
    names = (row._meta.app_label, row._meta.model_name)
    return reverse("admin:{}_{}_change".format(*names), args=[row.pk])


def is_key(text: Any) -> bool:
    """Whether a text can be the key of a row, which is a number of at most eight bytes."""
    text = str(text)
    return text.isascii() and text.isdecimal() and len(text) <= 18


# What a page of an object leads to: a label and an address, or None where it doesn't apply.
Link = tuple[Any, str] | None


class AdminWholeNumberInput(WholeNumberInput):
    """As wide as Django's own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "vIntegerField", **(attrs or {})})


class ReasonForm(forms.Form):
    """Asks why."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off"}),
    )


class PresetFilter(admin.SimpleListFilter):
    """A filter whose first choice, with None as its value, holds where nothing was chosen."""

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}, [] if value else [self.parameter_name]
                ),
                "display": title,
            }


class KeySelect(AutocompleteSelect):
    """Django's, which also shows a form again where something other than a key was sent."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        keys = [key for key in value if is_key(key)]
        return super().optgroups(name, keys, attr)


class KeyFields:
    """For the admin of a model, or an inline: fields that name a row take any text sent."""

    select = KeySelect

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # The class that it is mixed into has the rest.
        mixed: Any = self
        if "widget" not in kwargs and db_field.name in mixed.get_autocomplete_fields(request):
            kwargs["widget"] = self.select(db_field, mixed.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class NameOrderChangeList(ChangeList):
    """Django's; columns of names and other texts are sorted by their folded keys."""

    def get_ordering_field(self, field_name: Any) -> Any:
        """What a column is sorted by."""
        name = super().get_ordering_field(field_name)
        try:
            field: Any = isinstance(name, str) and self.lookup_opts.get_field(name)
        except FieldDoesNotExist:
            return name
        if isinstance(field, ForeignKey) and hasattr(field.related_model, "folded"):
            return f"{name}__folded"
        is_text = isinstance(field, CharField) and not field.choices
        return f"{name}__folded" if is_text else name


class ServiceAdmin(KeyFields, admin.ModelAdmin):
    """A model whose rows are changed by services only, never deleted, and keep a history.

    `links` leads from a row to related pages; a subclass in an app above adds its own. The
    history tells of `history_parts` too: rows that point here by foreign keys of these names.
    """

    links: ClassVar[list[Callable[[HttpRequest, Any], Link]]] = []
    # Pages of one row: <address part>: name of the method.
    pages: ClassVar[dict[str, str]] = {}
    history_parts: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    show_full_result_count = False
    # The site's own pages are for those who have a role.
    view_on_site = False
    formfield_overrides = {
        models.IntegerField: {"form_class": WholeNumberField, "widget": AdminWholeNumberInput},
        models.BigIntegerField: {"form_class": WholeNumberField, "widget": AdminWholeNumberInput},
        models.DateField: {"form_class": DateTextField},
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Each typed word is in one of the texts, in any spelling, or is a number of the row's.

        The number may be typed with separators, such as 1,000 or 1 000.
        `search_fields` are stored keys (`folded`, `compact_…`), transforms to them
        (`subject__folded`), and numbers (`…__exact`).
        """
        numbers: list[str] = []
        texts: list[str] = []
        for field in self.get_search_fields(request):
            (numbers if field.endswith("__exact") else texts).append(field)
        words = words_of(search_term)
        for word in [search_term] if numbers and is_number(search_term) else words:
            condition = has_words(texts, word)
            if is_number(word):
                number = whole_number(word)
                condition = reduce(or_, (Q(**{field: number}) for field in numbers), condition)
            queryset = queryset.filter(condition)
        return queryset if words or not search_term.strip() else queryset.none(), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NameOrderChangeList

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
    ) -> Any:
        """Django's; where a service refuses, the form is shown again with what was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            refusal = error
        except IntegrityError:
            refusal = DomainError(_("Someone changed this at the same moment. Please try again."))
        # All was rolled back; the same form is now processed as an invalid one. The attribute of
        # the request is ours: `get_form` reads it.
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        refusal: Any = getattr(request, "refusal", None)
        if refusal is None:
            return form_class

        # Django makes the class; the checker asks for one that is written down.
        class RefusedForm(form_class):  # type: ignore[valid-type, misc]
            def full_clean(self) -> None:
                super().full_clean()
                refuse(self, refusal, link_to=admin_url)

        return RefusedForm

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        if context.get("original"):
            context["object_links"] = self.links_of(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def links_of(self, request: HttpRequest, obj: Model) -> list[tuple[Any, str]]:
        """Where the page of this row leads to."""
        return [link for link in (make(request, obj) for make in self.links) if link]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Who did what, when and why, as the database's triggers wrote it down.

        Of a model that has no such history, what was done in the admin.
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
        """To the front page, with a message: what was asked for isn't there."""
        # Django's own way, which its types leave out.
        return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
            request, self.opts, object_id
        )

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
        text: Callable[[Any], str],
        act: Callable[..., Any],
        done: str,
        form_class: type[forms.Form] = forms.Form,
    ) -> Any:
        """Ask once more, then call a service for one row: `act(obj, **what the form asks)`.

        The permission to change the row is needed.
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

    def selected(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows of an action, those too that the list's filter no longer shows by now."""
        if request.POST.get("select_across", "0") in ("", "0"):
            chosen = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if is_key(pk)]
            return self.rows_of(request, chosen)
        return self._with_joined(queryset)

    def rows_of(self, request: HttpRequest, keys: Iterable[Any]) -> QuerySet:
        """The rows of these keys that the request may see."""
        return self._with_joined(self.get_queryset(request).filter(pk__in=keys))

    def _with_joined(self, queryset: QuerySet) -> QuerySet:
        joined = self.list_select_related
        return queryset if isinstance(joined, bool) else queryset.select_related(*joined)

    def label_of(self, row: Any) -> str:
        """How a page that asks once more names a row."""
        return str(row)

    def name_of(self, row: Any) -> str:
        """How a message about what was done names a row."""
        return str(row)

    def run_for_each(
        self, request: HttpRequest, queryset: QuerySet, act: Callable[[Any], Any], *, done: str
    ) -> None:
        """Call a service for each row, each in its own transaction, and report each.

        `done` is the message about those that went well; `%(names)s` in it stands for them.
        """
        rows = list(queryset[: MOST_SELECTED + 1])
        if len(rows) > MOST_SELECTED:
            text = _("Select at most %(most)d at once. Nothing was changed.")
            self.message_user(request, text % {"most": MOST_SELECTED}, messages.ERROR)
            return
        names = []
        for row in rows:
            name = self.name_of(row)
            try:
                act(row)
            except (DomainError, IntegrityError) as error:
                why = _("Someone changed this at the same moment.")
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
        queryset: QuerySet,
        act: Callable[..., Any],
        *,
        action: str,
        title: str,
        done: str,
        form_class: type[forms.Form] = forms.Form,
    ) -> HttpResponse | None:
        """An action with a page in between: shows the selected rows and asks what the form asks."""
        rows = self.selected(request, queryset)
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self.run_for_each(request, rows, lambda row: act(row, **form.cleaned_data), done=done)
            return None
        shown = list(rows[: MOST_SELECTED + 1])
        if len(shown) > MOST_SELECTED:
            text = _("Select at most %(most)d at once.") % {"most": MOST_SELECTED}
            self.message_user(request, text, messages.ERROR)
            return None
        context = {
            **self._page_context(request, title, None),
            "text": ngettext("This concerns one row:", "This concerns these:", len(shown)),
            "rows": [(row.pk, self.label_of(row)) for row in shown],
            "form": form,
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/confirm.html", context)
