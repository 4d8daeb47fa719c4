"""Deciding requests of either kind in the admin: one list, one page, two actions."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import F
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Level
from jasper_inventory.lib.admin import PresetFilter, ServiceAdmin, admin_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import focus_first_error, refuse
from licenses.admin.forms import DecisionForm, RejectForm
from licenses.models import Outcome
from licenses.services import require_pending


class OutcomeFilter(PresetFilter):
    """What became of the requests; at first those that wait."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request, model_admin):
        return [
            (None, _("Waiting")),
            (Outcome.APPROVED, _("Approved")),
            (Outcome.REJECTED, _("Rejected")),
            (Outcome.WITHDRAWN, _("Withdrawn")),
            ("all", _("All")),
        ]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset.pending()
        if self.value() in Outcome.values:
            return queryset.filter(outcome=self.value())
        return queryset


class SupplierFilter(admin.SimpleListFilter):
    """Whom the requests are addressed to."""

    title = gettext_lazy("requested to")
    parameter_name = "to"

    def lookups(self, request, model_admin):
        return [("cci", _("CCI")), ("others", _("Other suppliers"))]

    def queryset(self, request, queryset):
        vendors = {"requested_to__level": Level.VENDOR}
        if self.value() == "cci":
            return queryset.filter(**vendors)
        return queryset.exclude(**vendors) if self.value() else queryset


class DecisionAdmin(ServiceAdmin):
    """Requests: listed, opened with what is needed to decide, decided by the services.

    Subclasses name the template of the facts and call their services.
    """

    actions = ("approve_selected", "reject_selected")
    list_filter = (OutcomeFilter, SupplierFilter)
    ordering = (F("decided_at").desc(nulls_first=True), "requested_at")
    decide_template: str

    def offered_terms(self, asked):
        """The terms that the form offers."""
        raise NotImplementedError

    def approve(self, asked, *, terms, by, **kwargs):
        """Approve through the service; return the order."""
        raise NotImplementedError

    def reject(self, asked, *, by, comments):
        """Reject through the service."""
        raise NotImplementedError

    def form_options(self, asked):
        """`is_codes` and `keeps_code` of the form."""
        raise NotImplementedError

    def facts(self, request, asked):
        """What the template shows besides the request itself."""
        return {}

    def has_add_permission(self, request):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The request with all that is needed to decide; decided ones are only shown."""
        asked = self.get_object(request, unquote(object_id))
        if asked is None:
            return self._missing(request, object_id)
        may_decide = self.has_change_permission(request, asked)
        if not may_decide and (
            request.method == "POST" or not self.has_view_permission(request, asked)
        ):
            raise PermissionDenied
        if request.method == "POST":
            form = self._form(asked, request.POST)
            if self._decided(request, asked, form):
                return HttpResponseRedirect(request.get_full_path())
            focus_first_error(form)
        else:
            form = self._form(asked) if asked.is_pending and may_decide else None
        context = {
            **self._page_context(request, self._title(asked), asked),
            "asked": asked,
            "form": form,
            "terms_fields": form and [f for f in form if f.name != "approval_comments"],
            "comments_fields": form and [form["approval_comments"]],
            "has_view_permission": True,
            "object_links": self.links_of(request, asked),
            **self.facts(request, asked),
        }
        if form:
            context["media"] += form.media
        return TemplateResponse(request, self.decide_template, context)

    def _title(self, asked):
        name = self.opts.verbose_name
        return (_("Decide %s") if asked.is_pending else _("View %s")) % name

    def _form(self, asked, data=None):
        offered = vars(self.offered_terms(asked))
        return DecisionForm(data, initial=offered, **self.form_options(asked))

    def _decided(self, request, asked, form):
        """Decide as the form says. True: go on to the page as it now is, False: show the form."""
        try:
            require_pending(asked)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return True
        if not form.is_valid():
            return False
        try:
            text = self._decide(request, asked, form)
        except IntegrityError:
            refuse(form, DomainError(_("Someone changed this at the same moment. Try again.")))
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

    def _decide(self, request, asked, form):
        comments = form.cleaned_data.get("approval_comments", "")
        if form.decision == "reject":
            self.reject(asked, by=request.user, comments=comments)
            return _("%(request)s was rejected.") % {"request": self._name(asked)}
        order = self.approve(
            asked,
            by=request.user,
            terms=form.terms(),
            comments=comments,
            teacher_code=form.cleaned_data.get("teacher_code", ""),
        )
        return _("%(request)s was approved: order %(order)s, teacher code %(code)s.") % {
            "request": self._name(asked),
            "order": order,
            "code": order.teacher_code,
        }

    def _name(self, asked):
        return _("Request %(number)s") % {"number": asked}

    @admin.action(
        permissions=["change"],
        description=gettext_lazy("Approve selected requests with the offered terms"),
    )
    def approve_selected(self, request, queryset):
        """Each with what its page would offer, and a teacher code made at random; asks once."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda asked: self._approve_as_offered(asked, request.user),
            action="approve_selected",
            title=_("Approve with the offered terms"),
            done=_("Approved: %(names)s."),
        )

    def _approve_as_offered(self, asked, by):
        # First: what is no longer pending may have no terms to offer.
        require_pending(asked)
        self.approve(asked, by=by, terms=self.offered_terms(asked))

    @admin.action(permissions=["change"], description=gettext_lazy("Reject selected requests"))
    def reject_selected(self, request, queryset):
        """With one comment for all, which a page in between asks for."""
        return self.confirmed_for_each(
            request,
            queryset,
            lambda asked, comments: self.reject(asked, by=request.user, comments=comments),
            action="reject_selected",
            title=_("Reject requests"),
            done=_("Rejected: %(names)s."),
            form_class=RejectForm,
        )
