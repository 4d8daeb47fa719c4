"""Sensitive acts ask again who it is, if the person signed in or confirmed it too long ago."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from jasper_inventory.accounts.decorators import RoleHttpRequest
from jasper_inventory.lib import form_recovery

ViewT = TypeVar("ViewT", bound=Callable[..., Any])
# The page where people without a password and second factor confirm who they are.
AT_SERVICE = "accounts:sso_confirm"
# Pages of django-allauth that ask again, but not these people: it knows no way to ask them.
_OF_ALLAUTH = frozenset(
    {
        *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_remove_webauthn"),
        *("mfa_generate_recovery_codes", "mfa_view_recovery_codes"),
        *("mfa_download_recovery_codes", "account_set_password"),
    }
)


def is_recent(request: HttpRequest) -> bool:
    """Return whether the last sign-in or confirmation in this session is recent enough."""
    records = get_authentication_records(request, cast(Any, request.user))
    last = max((one["at"] for one in records), default=0)
    return bool(time.time() - last < settings.REAUTHENTICATION_MINUTES * 60)


def asks_again(view: ViewT, *, to_look: bool = True) -> ViewT:
    """Decorate a view of a sensitive act: it asks for the password or passkey first.

    A form that was just sent is kept. Its own page fills it in again, or, if its view can't, a
    page sends it. Unless `to_look`, only what is sent is an act.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> HttpResponseBase:
        request = _request_in(args)
        is_act = to_look or request.method == "POST"
        if is_act and request.user.is_authenticated and not is_recent(request):
            methods = get_adapter(request).get_reauthentication_methods(request.user)
            return _ask(request, methods[0]["url"])
        if request.method == "GET" and not _fills_in(request):
            kept = form_recovery.typed_data(request)
            if kept is not None:
                return _continue(request, kept)
        response: HttpResponseBase = view(*args, **kwargs)
        return response

    # Functions have no such attribute by default.
    checked.asks_again = True  # type: ignore[attr-defined]
    return cast(ViewT, checked)


def asks_again_to_change(view: ViewT) -> ViewT:
    """Decorate a view that shows more than a sensitive act: only what is sent is one."""
    return asks_again(view, to_look=False)


def ask_at_service(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect that asks again where django-allauth wouldn't, or None."""
    match, user = request.resolver_match, request.user
    if match is None or match.view_name not in _OF_ALLAUTH or not user.is_authenticated:
        return None
    [first, *_others] = get_adapter(request).get_reauthentication_methods(user)
    if first["id"] != AT_SERVICE or is_recent(request):
        return None
    return redirect(f"{first['url']}?{urlencode({'next': request.get_full_path()})}")


def _request_in(args: tuple[Any, ...]) -> RoleHttpRequest:
    """Return the request: a view's first argument, or the one after `self`."""
    return next(one for one in args if isinstance(one, HttpRequest))  # type: ignore[return-value]


def _fills_in(request: HttpRequest) -> bool:
    return getattr(request.resolver_match and request.resolver_match.func, "keeps_typed", False)


def _ask(request: RoleHttpRequest, url: str) -> HttpResponse:
    if request.method == "POST":
        sent = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            # No session keeps a password: it is typed again.
            if "password" not in name and name not in ("csrfmiddlewaretoken", form_recovery.OWNER)
        ]
        role = request.membership
        opened = form_recovery.Opened(request.user.pk, role.pk if role else None)
        form_recovery.keep(request, request.path, urlencode(sent), opened)
    return redirect(f"{url}?{urlencode({'next': request.get_full_path()})}")


def _continue(request: HttpRequest, kept: QueryDict) -> HttpResponse:
    """Return a page that sends a kept form, now that its sender has confirmed who they are."""
    sent = [(name, value) for name, values in kept.lists() for value in values]
    return render(request, "accounts/form_continue.html", {"sent": sent})
