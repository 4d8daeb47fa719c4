"""The admin's review of requests of either kind: one list, one page, two actions."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Level
from jasper_inventory.accounts.people_admin import staff_of
from jasper_inventory.accounts.tree_locks import hold_position
from jasper_inventory.lib.admin import (
    MOST_SELECTED,
    Choices,
    PresetFilter,
    ServiceAdmin,
    admin_url,
)
from jasper_inventory.lib.admin_base import is_key
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import focus_first_error, refuse
from licenses.admin.forms import AdminReviewForm, RejectForm
from licenses.admin.previews import Preview, preview_of
from licenses.models import Order, Outcome, RequestFields, RequestQuerySet
from licenses.permissions import can_review
from licenses.services.requests import (
    approve_request,
    offered_terms,
    reject_request,
    require_pending,
)
from licenses.terms import Terms

R = TypeVar("R", bound=RequestFields)


class FormOptions(TypedDict):
    """What the form of a review depends on."""

    is_codes: bool
    keeps_code: bool


class OutcomeFilter(PresetFilter):
    """The outcome of the requests. Shows pending requests by default."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            (None, _("Pending")),
            (Outcome.APPROVED, _("Approved")),
            (Outcome.REJECTED, _("Rejected")),
            (Outcome.WITHDRAWN, _("Withdrawn")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[R]) -> QuerySet[R]:
        if self.value() is None:
            assert isinstance(queryset, RequestQuerySet)
            return queryset.pending()
        if self.value() in Outcome.values:
            return queryset.filter(outcome=self.value())
        return queryset


class SupplierFilter(admin.SimpleListFilter):
    """The supplier that the requests are addressed to."""

    title = gettext_lazy("requested to")
    parameter_name = "to"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("cci", _("CCI")), ("others", _("Other suppliers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[R]) -> QuerySet[R]:
        vendors = {"requested_to__level": Level.VENDOR}
        if self.value() == "cci":
            return queryset.filter(**vendors)
        return queryset.exclude(**vendors) if self.value() else queryset


class ReviewAdmin(ServiceAdmin[R]):
    """Requests: listed, shown with the facts needed for a review, and reviewed by the services.

    Subclasses name the template of the facts.
    """

    actions = ("approve_selected", "reject_selected")
    list_filter = (OutcomeFilter, SupplierFilter)
    ordering = (F("reviewed_at").desc(nulls_first=True), "requested_at")
    review_template: str

    def form_options(self, asked: R) -> FormOptions:
        """Return `is_codes` and `keeps_code` for the form."""
        raise NotImplementedError

    def facts(self, request: HttpRequest, asked: R) -> dict[str, Any]:
        """Return what the template shows besides the request itself."""
        return {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the request with everything needed to review it; reviewed ones are read-only."""
        asked = self.get_object(request, unquote(object_id))
        if asked is None:
            return self._missing(request, object_id)
        may_review = self.has_change_permission(request, asked) and can_review(
            asked, staff_of(request)
        )
        if not may_review and (
            request.method == "POST" or not self.has_view_permission(request, asked)
        ):
            raise PermissionDenied
        preview = None
        form: AdminReviewForm | None = None
        if request.method == "POST":
            form = self._form(asked, request.POST)
            if self._reviewed(request, asked, form):
                return HttpResponseRedirect(request.get_full_path())
            if form.is_valid() and form.decision in ("preview", "approve"):
                preview = self._preview_of(asked, form)
            focus_first_error(form)
        elif asked.is_pending and may_review:
            form = self._form(asked)
        context = {
            **self._page_context(request, self._title(asked), asked),
            "asked": asked,
            "form": form,
            "preview": preview,
            "terms_fields": form and [f for f in form if f.name != "approval_comments"],
            "comments_fields": form and [form["approval_comments"]],
            "has_view_permission": True,
            "object_links": self.links_of(request, asked),
            **self.facts(request, asked),
        }
        if form:
            context["media"] += form.media
        return TemplateResponse(request, self.review_template, context)

    def _title(self, asked: R) -> str:
        name = self.opts.verbose_name
        return (_("Review %s") if asked.is_pending else _("View %s")) % name

    def _form(self, asked: R, data: QueryDict | None = None) -> AdminReviewForm:
        offered = vars(offered_terms(asked))
        return AdminReviewForm(data, initial=offered, **self.form_options(asked))

    def _reviewed(self, request: HttpRequest, asked: R, form: AdminReviewForm) -> bool:
        """Review as the form says. Return True to reload the page, or False to show the form."""
        try:
            require_pending(asked)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return True
        if not form.is_valid() or form.decision not in ("approve", "reject"):
            return False
        try:
            text = self._review(request, asked, form)
        except IntegrityError:
            refuse(
                form,
                DomainError(
                    _("Someone else changed this at the same time. Nothing was saved. Try again.")
                ),
            )
            return False
        except DomainError as error:
            asked.refresh_from_db()
            if asked.is_pending:
                refuse(form, error, link_to=admin_url)
                return False
            self.message_user(request, error.named, messages.ERROR)
            return True
        self.log_change(request, asked, text)
        self.message_user(request, text, messages.SUCCESS)
        return True

    def _review(self, request: HttpRequest, asked: R, form: AdminReviewForm) -> str:
        comments = form.cleaned_data.get("approval_comments", "")
        if form.decision == "reject":
            reject_request(request=asked, by=staff_of(request), comments=comments)
            return _("%(request)s was rejected.") % {"request": self._name(asked)}
        order = self._approve_as_shown(
            asked,
            by=staff_of(request),
            preview=lambda: self._preview_of(asked, form),
            shown=request.POST.get("shown", ""),
            terms=form.terms(),
            comments=comments,
            teacher_code=form.cleaned_data.get("teacher_code", ""),
        )
        return _("%(request)s was approved: order %(order)s, teacher code %(code)s.") % {
            "request": self._name(asked),
            "order": order,
            "code": order.teacher_code,
        }

    def _name(self, asked: R) -> str:
        return _("Request %(number)s") % {"number": asked}

    def _approve_as_shown(
        self, asked: R, *, preview: Callable[[], Preview], shown: str, **values: Any
    ) -> Order:
        """Approve exactly what was shown; raise DomainError if something changed since then."""
        with transaction.atomic():
            # The supplier can't change until the approval is finished.
            hold_position(asked.asked_order.assigned_to)
            require_pending(asked)
            if not constant_time_compare(preview().shown, shown):
                raise DomainError(
                    _("Check the preview of this approval first: it is new, or has changed.")
                )
            return approve_request(request=asked, **values)

    def preview(
        self, asked: R, *, terms: Terms, teacher_code: str = "", comments: str = ""
    ) -> Preview:
        """Return the approval preview; an empty `teacher_code` means a new random one."""
        keeps = self.form_options(asked)["keeps_code"]
        code = asked.asked_order.teacher_code if keeps else teacher_code
        return preview_of(
            asked,
            terms=terms,
            teacher_code=str(code or _("a new random code")),
            comments=comments,
            more=self.more_facts(asked),
        )

    def more_facts(self, asked: R) -> list[tuple[str, str]]:
        """Return further facts of the preview, as (label, text)."""
        return []

    def _preview_of(self, asked: R, form: AdminReviewForm) -> Preview:
        values = form.cleaned_data
        return self.preview(
            asked,
            terms=form.terms(),
            teacher_code=values.get("teacher_code", ""),
            comments=values.get("approval_comments", ""),
        )

    @admin.action(
        permissions=["change"],
        description=gettext_lazy("Approve selected requests with the offered terms"),
    )
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[R]) -> HttpResponse | None:
        """Approve each with the terms that its page suggests and a new random teacher code.

        A confirmation page lists what each approval will do. Unlimited licenses are listed in
        their own section and approved only if its box is selected. Anything not listed there
        is refused.
        """
        seals = self._seals(request)
        rows = self.rows_of(request, seals) if seals else self.selected(request, queryset)
        if "confirmed" in request.POST:
            self._approve_listed(request, rows, seals)
            return None
        shown = list(rows[: MOST_SELECTED + 1])
        if len(shown) > MOST_SELECTED:
            text = _("Select at most %(most)d requests at a time.") % {"most": MOST_SELECTED}
            self.message_user(request, text, messages.ERROR)
            return None
        prefetch_related_objects([asked.asked_order for asked in shown], "products__family")
        pending = [asked for asked in shown if asked.is_pending]
        previews = [self.preview(asked, terms=offered_terms(asked)) for asked in pending]
        context = {
            **self._page_context(request, _("Approve with the offered terms"), None),
            "limited": [preview for preview in previews if not preview.is_unlimited],
            "unlimited": [preview for preview in previews if preview.is_unlimited],
            "gone": [asked for asked in shown if not asked.is_pending],
            "ticked": "unlimited" in request.POST,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/approve_many.html", context)

    def _seals(self, request: HttpRequest) -> dict[int, str]:
        """Return what the confirmation page listed: the seal on each row's preview, by its key.

        Both are in one field per row, as the largest selection must stay within the limit on
        fields.
        """
        listed = (value.partition(":") for value in request.POST.getlist("shown"))
        return {int(pk): seal for pk, _colon, seal in listed if is_key(pk)}

    def _approve_listed(
        self, request: HttpRequest, rows: QuerySet[R], seals: dict[int, str]
    ) -> None:
        """Approve what the confirmation page listed, with the terms that it showed."""
        left_out = []
        if "unlimited" not in request.POST:
            left_out = [
                asked
                for asked in rows[: MOST_SELECTED + 1]
                if asked.is_pending and offered_terms(asked).is_unlimited
            ]
        rows = rows.exclude(pk__in=[asked.pk for asked in left_out])
        self.run_for_each(
            request,
            rows,
            lambda asked: self._approve_offer(request, asked, seals.get(asked.pk, "")),
            done=_("Approved: %(names)s."),
        )
        if left_out:
            text = _(
                "Not approved, because the box for unlimited licenses was not selected: %(names)s."
            )
            names = ", ".join(str(asked) for asked in left_out)
            self.message_user(request, text % {"names": names}, messages.WARNING)

    def _approve_offer(self, request: HttpRequest, asked: R, seal: str) -> None:
        # Checked first: a request that is no longer pending may have no terms to suggest.
        require_pending(asked)
        terms = offered_terms(asked)
        self._approve_as_shown(
            asked,
            by=staff_of(request),
            preview=lambda: self.preview(asked, terms=terms),
            shown=seal,
            terms=terms,
        )

    @admin.action(permissions=["change"], description=gettext_lazy("Reject selected requests"))
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[R]) -> HttpResponse | None:
        """Reject the requests with one comment, which a confirmation page asks for."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda asked, comments: reject_request(
                request=asked, by=staff_of(request), comments=comments
            ),
            action="reject_selected",
            title=_("Reject requests"),
            done=_("Rejected: %(names)s."),
            form_class=RejectForm,
        )
