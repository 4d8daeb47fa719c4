"""A user's own pages: email address, password, Email Alerts."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts import email_verification
from jasper_inventory.accounts.decorators import UserHttpRequest
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.forms import ChoosePasswordForm, EmailAlertsForm
from jasper_inventory.accounts.models import MutedTopic, Topic
from jasper_inventory.accounts.services.addresses import confirm_address, note_username
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from jasper_inventory.accounts.services.passwords import choose_password
from jasper_inventory.accounts.services.preferences import use_shortcuts
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import attempt, focus_first_error
from jasper_inventory.lib.returning import post_only


@for_any_role
@require_http_methods(["GET", "POST"])
def address_confirm(request: UserHttpRequest, token: str) -> HttpResponse:
    """Confirm an email address by the link that was sent to it."""
    if request.method == "POST":
        try:
            email = confirm_address(token=token, by=request.user)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            text = _("You can now sign in as %(email)s too.")
            messages.success(request, text % {"email": email})
        return redirect("/")
    confirmed = email_verification.confirmed_by(token, request.user)
    return render(request, "accounts/address_confirm.html", {"email": confirmed})


@for_any_role
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_choose(request: UserHttpRequest) -> HttpResponse:
    """Replace a password that someone else knows, then continue to the requested page."""
    wanted = request.GET.get("next", "")
    wanted = wanted if get_adapter().is_safe_url(wanted) else settings.LOGIN_REDIRECT_URL
    if not request.user.must_change_password:
        return redirect(wanted)
    form = ChoosePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        user = attempt(
            form,
            choose_password,
            password=form.cleaned_data["password"],
            by=request.user,
        )
        if user:
            update_session_auth_hash(request, user)
            messages.success(request, _("Your new password is set."))
            return redirect(wanted)
    if form.is_bound:
        focus_first_error(form)
    return render(request, "accounts/password_choose.html", {"form": form})


@for_any_role
@post_only
def username_noted(request: UserHttpRequest) -> HttpResponse:
    """Stop showing the user's new username."""
    note_username(by=request.user)
    return redirect(back_url(request) if "next" in request.GET else settings.LOGIN_REDIRECT_URL)


@for_any_role
@require_http_methods(["GET", "POST"])
def email_alerts(request: UserHttpRequest) -> HttpResponse:
    """Choose the topics of emails; email footers link to this page."""
    muted = MutedTopic.objects.filter(user=request.user).values_list("topic", flat=True)
    initial = {"topics": sorted(set(Topic.values) - set(muted))}
    form = EmailAlertsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        set_email_alerts(by=request.user, topics=form.cleaned_data["topics"])
        messages.success(request, _("Your email alerts are saved."))
        return redirect("accounts:email_alerts")
    return render(request, "accounts/email_alerts.html", {"form": form})


@for_any_role
@require_http_methods(["GET", "HEAD", "POST"])
def shortcuts(request: UserHttpRequest) -> HttpResponse:
    """List the keyboard shortcuts of the active role, and let a person turn them off."""
    if request.method == "POST":
        used = "used" in request.POST
        use_shortcuts(by=request.user, used=used)
        said = _("Keyboard shortcuts are on.") if used else _("Keyboard shortcuts are off.")
        messages.success(request, said)
        return redirect(back_url(request))
    return render(request, "accounts/shortcuts.html")


def not_offered(request: HttpRequest) -> HttpResponse:
    """Hide django-allauth's page: only CCI staff change email addresses, without proof."""
    raise Http404
