"""Middleware for the active role, sessions of visitors, and passwords that must be changed."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from jasper_inventory.accounts import form_roles, reauthentication, second_factors
from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.decorators import RoleHttpRequest
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.services.sessions import bound_anonymous_sessions
from jasper_inventory.accounts.session_store import SessionStore
from jasper_inventory.accounts.throttling import address_of
from jasper_inventory.lib.form_recovery import keep, kept_form, opened_by, typed_in
from jasper_inventory.lib.returning import local_page, way_back

SESSION_KEY = "membership"


class ActiveRoleMiddleware:
    """Set `request.memberships` (the user's roles) and `request.membership` (the active role).

    Roles are read at each request, so a revoked role stops working immediately. Then, and at
    sign-in, the first ranked role becomes active, or None if there is no role. A form that was
    opened in another role is refused.
    """

    def __init__(self, get_response: Callable[[RoleHttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: RoleHttpRequest) -> HttpResponse:
        # A lazy list behaves like one, but its type isn't one.
        request.memberships = SimpleLazyObject(  # type: ignore[assignment]
            lambda: self._memberships(request)
        )
        request.membership = None
        return self.get_response(request)

    def process_view(
        self,
        request: RoleHttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Sequence[Any],
        view_kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if request.user.is_authenticated:
            request.membership = self._active(request)
            return form_roles.refused(request, view_func)
        return None

    @staticmethod
    def _memberships(request: RoleHttpRequest) -> list[Membership]:
        if not request.user.is_authenticated:
            return []
        return list(Membership.objects.of_user(request.user))

    @staticmethod
    def _active(request: RoleHttpRequest) -> Membership | None:
        chosen = request.session.get(SESSION_KEY)
        if chosen is None and (kept := kept_form(request)):
            # A new session that begins with a kept form continues in its role.
            chosen = kept.opened.role
        first = request.memberships[0] if request.memberships else None
        active = next((one for one in request.memberships if one.pk == chosen), first)
        # Fixed for this session, so that switching roles in another session doesn't change it.
        if active is not None and request.session.get(SESSION_KEY) != active.pk:
            request.session[SESSION_KEY] = active.pk
        return active


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's middleware, which notes active people and limits sessions of visitors.

    Visitors' sessions keep a typed code or a form of an ended session. When a network address
    exceeds the limit, sessions of the browser with the most are deleted.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        # Checked first, because looking for a key would load sessions that the page didn't need.
        is_anonymous = session.modified and USER_KEY not in session
        self._see(request, response)
        if _has_confirmed(request, response):
            # A copy of the session's key is worth nothing from now on.
            session.cycle_key()
        try:
            response = super().process_response(request, response)
        except SessionInterrupted:
            # It was ended meanwhile. The request was allowed when it began.
            return response
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if is_anonymous and session.session_key and session.session_key != cookie:
            browser = browser_of(request)
            bound_anonymous_sessions(
                session_key=session.session_key,
                address=address_of(request),
                browser="" if browser.is_new else browser.key,
            )
        return response

    @staticmethod
    def _see(request: HttpRequest, response: HttpResponse) -> None:
        """Note that a person is active, unless the answer is an error, perhaps of the database."""
        if response.status_code >= 500 or not request.session.accessed:
            return
        user = getattr(request, "user", None)
        if USER_KEY in request.session and user is not None and user.is_authenticated:
            cast(SessionStore, request.session).see(user)


# Pages where people who are signed in enter their password, code or passkey again.
_CONFIRMING = {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


def _has_confirmed(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether this request was right on one of these pages, which redirects."""
    match = request.resolver_match
    is_there = match is not None and match.view_name in _CONFIRMING
    return is_there and request.method == "POST" and response.status_code == HTTPStatus.FOUND


class OwnPasswordMiddleware:
    """Make users choose a new password first if someone else set the current one.

    Signing out and resetting the password by an emailed link remain possible.
    """

    open_to_all = {
        "accounts:password_choose",
        "account_logout",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }

    def __init__(self, get_response: Callable[[RoleHttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: RoleHttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: RoleHttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Sequence[Any],
        view_kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if request.resolver_match and request.resolver_match.view_name in self.open_to_all:
            return None
        asked = urlencode({"next": _wanted(request)})
        return redirect(f"{resolve_url('accounts:password_choose')}?{asked}")


class SecondFactorMiddleware(OwnPasswordMiddleware):
    """Lead people who must have a second factor to set one up, and then back.

    A form that was just sent is kept, and shown again on its page.
    """

    open_to_all = OwnPasswordMiddleware.open_to_all | second_factors.PAGES

    def process_view(
        self,
        request: RoleHttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Sequence[Any],
        view_kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        if request.resolver_match and request.resolver_match.view_name in self.open_to_all:
            return None
        if not request.user.is_authenticated or not second_factors.is_missing(request):
            return None
        opened, typed = opened_by(request), typed_in(request, view_func)
        wanted = _wanted(request)
        if request.method == "POST" and opened and typed:
            keep(request, request.path, typed, opened)
            wanted = request.get_full_path()
        request.session[second_factors.WANTED] = wanted
        return redirect("mfa_index")


class ConfirmationMiddleware(OwnPasswordMiddleware):
    """Ask people who only use single sign-on again before they change how they sign in."""

    def process_view(
        self,
        request: RoleHttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Sequence[Any],
        view_kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        return reauthentication.ask_at_service(request)


def _wanted(request: RoleHttpRequest) -> str:
    """Return the requested page, or for POST and htmx requests the page they came from."""
    if request.htmx:
        return local_page(request.htmx.current_url_abs_path or "") or "/"
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return way_back(request)
