"""Single sign-on: to the service and back, and the accounts that a user has linked."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.connect import disconnect
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from jasper_inventory.accounts.decorators import RoleHttpRequest, UserHttpRequest
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.provider import SingleSignOnClient
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.sso import linked_services
from jasper_inventory.lib.returning import local_page, post_only


@for_any_role
@post_only
@never_cache
@login_not_required
def sso_begin(request: RoleHttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to a service: to sign in, to confirm who is signed in, or to link an account."""
    if not request.user.is_authenticated:
        return _lead(request, provider_id, AuthProcess.LOGIN)
    if "confirm" in request.POST:
        return _lead(request, provider_id, AuthProcess.REDIRECT)
    return _link(request, provider_id)


@asks_again
def _link(request: RoleHttpRequest, provider_id: str) -> HttpResponse:
    return _lead(request, provider_id, AuthProcess.CONNECT)


def _lead(request: RoleHttpRequest, provider_id: str, process: str) -> HttpResponse:
    """Show a page that leads on, because the content policy refuses it as answer to a form."""
    try:
        provider = get_adapter(request).get_provider(request, provider=provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    wanted = local_page(request.POST.get("next", ""))
    try:
        response = provider.redirect(request, process, next_url=wanted or None)
    except (RequestException, ValueError, KeyError):
        text = _("%(service)s can't be reached. Try again later, or sign in in another way.")
        messages.error(request, text % {"service": provider.name})
        return redirect("mfa_index" if request.user.is_authenticated else "account_login")
    context = {"url": response["Location"], "service": provider.name}
    return render(request, "accounts/sso_leave.html", context)


@never_cache
@require_safe
def sso_confirm(request: UserHttpRequest) -> HttpResponse:
    """Let people who only use single sign-on sign in there again, before a sensitive act."""
    wanted = local_page(request.GET.get("next", ""))
    context = {"services": linked_services(request), "next": wanted}
    return render(request, "accounts/sso_confirm.html", context)


@never_cache
@login_not_required
@require_safe
def sso_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Receive the answer of a service."""
    try:
        client = SingleSignOnClient(request, provider_id)
        response: HttpResponse = OAuth2CallbackView.adapter_view(client)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return response


@for_any_role
@post_only
@asks_again
def sso_unlink(request: UserHttpRequest, pk: int) -> HttpResponse:
    """Unlink an account of a service, unless it is the only way to sign in."""
    account = get_object_or_404(SocialAccount, pk=pk, user=request.user)
    others = SocialAccount.objects.filter(user=request.user).exclude(pk=pk).exists()
    passkeys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    if not (others or request.user.has_usable_password() or passkeys.exists()):
        messages.error(request, _("This is your only way to sign in. Add a passkey first."))
    else:
        disconnect(request, account)
    return redirect("mfa_index")
