"""The admin of users, who can be erased, and of their erasure requests."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.admin import PersonAdmin
from jasper_inventory.accounts.models import ErasureRequest, Session, User
from jasper_inventory.accounts.models.erasure_requests import ErasureRequestQuerySet
from jasper_inventory.accounts.people_admin import PeopleAdmin, staff_of
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.second_factors import has_any
from jasper_inventory.accounts.services.second_factors import remove_second_factors
from jasper_inventory.accounts.services.sessions import end_sessions
from jasper_inventory.lib.admin import Choices, Link, PresetFilter, ReasonForm
from jasper_inventory.lib.searches import forget_searches
from jasper_inventory.people.erasure import erase_person


def _sessions_link(request: HttpRequest, user: User) -> Link:
    if user.erased_at:
        return None
    return _("End Sessions"), reverse("admin:accounts_user_end_sessions", args=[user.pk])


def _erase_link(request: HttpRequest, user: User) -> Link:
    if user.is_staff or user.is_superuser or user.erased_at:
        return None
    return _("Erase"), reverse("admin:accounts_user_erase_page", args=[user.pk])


def _second_factors_link(request: HttpRequest, user: User) -> Link:
    if not has_any(user):
        return None
    return _("Second factors"), reverse("admin:accounts_user_second_factors_page", args=[user.pk])


@admin.register(User)
class ErasablePersonAdmin(PersonAdmin):
    """Users, with pages to end their sessions and to erase them."""

    pages = {
        "sessions": "end_sessions",
        "second-factors": "second_factors_page",
        "erase": "erase_page",
    }
    links = [*PersonAdmin.links, _sessions_link, _second_factors_link, _erase_link]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def end_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End all sessions of a user, after confirmation."""

        def act(user: User) -> None:
            if not self.has_change_permission(request, user):
                raise PermissionDenied
            own = request.session.session_key or "" if user.pk == request.user.pk else ""
            end_sessions(user=user, but=own)

        return self.confirmed(
            request,
            object_id,
            title=_("End Sessions"),
            text=_sessions_of,
            act=act,
            done=_("All sessions of %(name)s were ended."),
        )

    @asks_again
    def erase_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Erase a user, after confirmation."""

        def act(user: User) -> None:
            erase_person(user=user, by=staff_of(request))
            # The log entry that follows must use the neutral name.
            user.refresh_from_db()
            # Otherwise, this session would be saved again with earlier searches.
            forget_searches(request)

        return self.confirmed(
            request,
            object_id,
            title=_("Erase"),
            text=_erasing,
            act=act,
            done=_("The account was erased. It is now called %(name)s."),
        )

    @asks_again
    def second_factors_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remove the second factors of a person who lost them."""
        person = self.get_object(request, unquote(object_id))
        if person is not None and not self.has_change_permission(request, person):
            raise PermissionDenied
        return self.confirmed(
            request,
            object_id,
            title=_("Remove second factors"),
            text=_losing_factors,
            act=lambda user, reason: remove_second_factors(
                user=user, reason=reason, by=staff_of(request)
            ),
            done=_("The second factors of %(name)s were removed."),
            form_class=ReasonForm,
        )


def _losing_factors(user: User) -> str:
    return _(
        "This removes the passkeys, authenticator app and recovery codes of %(name)s "
        "(%(username)s), who gets an email with your reason. First make sure that it is this "
        "person who asks: call back on a number that you know."
    ) % {"name": user, "username": user.username}


def _sessions_of(user: User) -> str:
    sessions = Session.objects.of_user(user)
    listed = [
        _("%(browser)s at %(address)s, last seen %(seen)s")
        % {
            "browser": session.browser or _("Unknown browser"),
            "address": session.address or "–",
            "seen": date_format(timezone.localtime(session.seen_at), "DATETIME_FORMAT"),
        }
        for session in sessions
    ]
    text = _("%(name)s has to sign in again in every browser. Sessions now: %(sessions)s.")
    return text % {"name": user, "sessions": "; ".join(listed) or _("none")}


def _erasing(user: User) -> str:
    return _(
        "This permanently erases %(name)s (%(username)s). The name, username, email addresses, "
        "password, roles, sessions and emails to this person are removed, also from the history. "
        "Counts, seats, requests and history are kept under the name Erased person %(number)d. "
        "Comments and reasons are kept as typed."
    ) % {"name": user, "username": user.username, "number": user.pk}


class PendingFilter(PresetFilter):
    """Pending requests by default, or all."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(None, _("Pending")), ("all", _("All"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ErasureRequest]
    ) -> QuerySet[ErasureRequest]:
        assert isinstance(queryset, ErasureRequestQuerySet)
        return queryset if self.value() else queryset.pending()


@admin.register(ErasureRequest)
class ErasureRequestAdmin(PeopleAdmin[ErasureRequest]):
    """Erasure requests; the user is erased on the user's own page."""

    waits_on_front_page = True
    list_display = ("user", "asked_at", "asked_for", "withdrawn_at", "done_at", "done_by")
    list_filter = (PendingFilter,)
    list_select_related = ("user", "asked_for", "done_by")
    ordering = ("asked_at", "pk")
    fields = list_display
    links = [
        lambda request, asked: (
            _("User"),
            reverse("admin:accounts_user_change", args=[asked.user_id]),
        )
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ErasureRequest | None = None
    ) -> bool:
        return False
