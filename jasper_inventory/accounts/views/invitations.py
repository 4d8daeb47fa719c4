"""An organization's administrators and teachers, and invitations to these roles."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import decorators
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.forms import InvitationForm, NewAccountForm
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Invitation, Membership, User
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.invitations import (
    DAYS,
    accept_invitation,
    accept_with_new_account,
    hashed,
    invite,
    resend_invitation,
    revoke_invitation,
    usable_invitation,
)
from jasper_inventory.accounts.services.submissions import (
    SentBefore,
    account_of_form,
    carried_out_once,
    keep_account,
)
from jasper_inventory.accounts.signing_in import sign_in
from jasper_inventory.accounts.sso import OPENED
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error, refuse
from jasper_inventory.lib.pagination import sized_page
from jasper_inventory.lib.returning import post_only


@require_safe
@administrator_required
def invitation_list(request: MemberHttpRequest) -> HttpResponse:
    """List the organization's administrators, teachers and open invitations."""
    people = Membership.objects.manageable_by(request.membership).listed()
    invitations = Invitation.objects.manageable_by(request.membership).open()
    context = {
        **sized_page(request, lambda size: Paginator(people, size)),
        "invitations": invitations.select_related("organization", "invited_by").order_by("-pk"),
    }
    return render(request, "accounts/invitation_list.html", context)


@keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
@asks_again
def invitation_create(request: MemberHttpRequest) -> HttpResponse:
    """Invite someone to the active role's organization."""
    organization = request.membership.organization
    form = InvitationForm(typed_data(request), organization=organization)
    if request.method == "POST" and form.is_valid():
        sent = attempt(
            form, invite, organization=organization, by=request.user, **form.cleaned_data
        )
        if sent:
            text = _(
                "The invitation to %(email)s is on its way: %(role)s of %(organization)s. We'll "
                "email a link that can be used once within %(days)d days."
            )
            messages.success(request, text % (_names(sent) | {"days": DAYS}))
            return redirect(_at_row(sent))
    focus_first_error(form)
    context = {"form": form, "organization": organization, "days": DAYS}
    return render(request, "accounts/invitation_create.html", context)


@post_only
@administrator_required
def invitation_resend(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    text = _(
        "A new invitation to %(email)s is on its way: %(role)s of %(organization)s. The earlier "
        "link no longer works."
    )
    return _changed(request, pk, resend_invitation, text)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def invitation_revoke(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation after confirmation."""
    if request.method == "POST":
        text = _(
            "The invitation to %(email)s is withdrawn: %(role)s of %(organization)s. Its link no "
            "longer works."
        )
        return _changed(request, pk, revoke_invitation, text)
    found = Invitation.objects.manageable_by(request.membership).select_related("organization")
    invitation = get_object_or_404(found, pk=pk)
    return render(request, "accounts/invitation_revoke.html", {"invitation": invitation})


def _names(invitation: Invitation) -> dict[str, object]:
    """Return the placeholders for messages about an invitation."""
    return {
        "email": invitation.email,
        "role": invitation.role_name,
        "organization": invitation.organization,
    }


def _changed(
    request: MemberHttpRequest, pk: int, service: Callable[..., object], text: str
) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.manageable_by(request.membership), pk=pk)
    try:
        service(invitation=invitation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text % _names(invitation))
    return redirect(_at_row(invitation))


def _at_row(invitation: Invitation) -> str:
    """Return the address of the list with an invitation's row highlighted."""
    return f"{reverse('accounts:invitation_list')}#invitation-{invitation.pk}"


@never_cache
@decorators.login_not_required
@require_safe
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Open the emailed link: keep the invitation in the session and redirect to its page."""
    token_hash = hashed(token)
    if usable_invitation(token_hash) is None:
        return _gone(request)
    request.session[OPENED] = token_hash
    return redirect("accounts:invitation")


@for_any_role
@never_cache
@decorators.login_not_required
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation with the user's own account or with a new one."""
    opened = usable_invitation(request.session.get(OPENED, ""))
    context: dict[str, Any] = {"invitation": opened, "form": None, "refusal": "", "is_known": False}
    membership = None
    if opened is not None and request.user.is_authenticated:
        membership = _accepted(request, opened, context)
    elif opened is not None:
        membership = _accepted_as_new(request, opened, context)
    membership = membership or _accepted_before(request)
    if membership is None and opened is None:
        return _gone(request)
    if membership is None:
        return render(request, "accounts/invitation.html", context)
    request.session.pop(OPENED, None)
    request.session.cycle_key()
    request.session[SESSION_KEY] = membership.pk
    messages.success(request, _("Welcome. Your role is now %(role)s.") % {"role": membership})
    return redirect(settings.LOGIN_REDIRECT_URL)


def _accepted(
    request: HttpRequest, opened: Invitation, context: dict[str, Any]
) -> Membership | None:
    if request.method == "POST" and request.user.is_authenticated:
        try:
            return accept_invitation(invitation=opened, by=request.user)
        except DomainError as error:
            context["refusal"] = str(error)
    return None


def _accepted_as_new(
    request: HttpRequest, opened: Invitation, context: dict[str, Any]
) -> Membership | None:
    """Create an account and sign it in, unless the address already has one."""
    account = User.objects.addressed(opened.email).first()
    context["is_known"] = account is not None and account.email == opened.email
    if context["is_known"]:
        return None
    # A new account with this address would end the reservation.
    context["is_reserved"] = account is not None
    form = context["form"] = NewAccountForm(request.POST or None)
    if not form.is_valid():
        focus_first_error(form)
        return None
    try:
        with carried_out_once(form.cleaned_data["form_token"]) as submission:
            membership = accept_with_new_account(invitation=opened, **form.account())
            keep_account(submission, membership.user)
    except SentBefore:
        return None
    except DomainError as error:
        refuse(form, error)
        return None
    sign_in(request, membership.user)
    return membership


def _accepted_before(request: HttpRequest) -> Membership | None:
    """Pressed twice: the first one made the account and used the link; its answer was lost."""
    form = NewAccountForm(request.POST or None)
    if request.user.is_authenticated or not form.is_valid():
        return None
    typed = form.cleaned_data
    user = account_of_form(typed["form_token"], password=typed["password"])
    membership = Membership.objects.of_user(user).first() if user else None
    if user is not None and membership is not None:
        sign_in(request, user)
    return membership


def _gone(request: HttpRequest) -> HttpResponse:
    """Return the same page for unknown, used, withdrawn and expired invitations."""
    request.session.pop(OPENED, None)
    return render(request, "accounts/invitation_gone.html", status=410)
