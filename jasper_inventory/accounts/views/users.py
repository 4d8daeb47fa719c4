"""A person's own pages: email address, password, email alerts."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts import email_verification
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.forms import ChoosePasswordForm, EmailAlertsForm
from jasper_inventory.accounts.models import MutedTopic, Topic
from jasper_inventory.accounts.services.addresses import confirm_address, note_username
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from jasper_inventory.accounts.services.passwords import choose_password
from jasper_inventory.lib.dialogs import back_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import attempt, focus_first_error
from jasper_inventory.lib.returning import post_only


@for_any_role
@require_http_methods(["GET", "POST"])
def address_confirm(request, token):
    """The link that a new account's mailbox got: the address becomes the account's."""
    if request.method == "POST":
        try:
            email = confirm_address(token=token, by=request.user)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            text = _("From now on you can sign in as %(email)s too.")
            messages.success(request, text % {"email": email})
        return redirect("/")
    email = email_verification.confirmed_by(token, request.user)
    return render(request, "accounts/address_confirm.html", {"email": email})


@for_any_role
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password_choose(request):
    """A new password instead of one that somebody else knows; then on to the page one wanted."""
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
def username_noted(request):
    """The person has written the username down: it isn't shown any more."""
    note_username(by=request.user)
    return redirect(back_url(request) if "next" in request.GET else settings.LOGIN_REDIRECT_URL)


@for_any_role
@require_http_methods(["GET", "POST"])
def email_alerts(request):
    """Email Alerts: of which topics one gets emails; where the foot of each email leads."""
    muted = MutedTopic.objects.filter(user=request.user).values_list("topic", flat=True)
    initial = {"topics": sorted(set(Topic.values) - set(muted))}
    form = EmailAlertsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        set_email_alerts(by=request.user, topics=form.cleaned_data["topics"])
        messages.success(request, _("Your email alerts are saved."))
        return redirect("accounts:email_alerts")
    return render(request, "accounts/email_alerts.html", {"form": form})


def not_offered(request):
    """Not found: email addresses are CCI staff's to change, and here need no proof."""
    raise Http404
