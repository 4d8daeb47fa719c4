"""An organization's administrators and teachers, inviting others, and accepting an invitation."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import decorators
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import administrator_required
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.forms import InvitationForm, NewAccountForm
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Invitation, Membership, User
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
from jasper_inventory.accounts.services.users import account_of_form
from jasper_inventory.accounts.signing_in import sign_in
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.form_recovery import keeps_typed, typed_data
from jasper_inventory.lib.forms import attempt, focus_first_error
from jasper_inventory.lib.returning import post_only

ROWS_PER_PAGE = 25
# Of the link that was opened, so that its secret stands in no later address.
OPENED = "invitation"


@require_safe
@administrator_required
def invitation_list(request):
    """The administrators and teachers of the active role's organization, and who is invited."""
    people = Membership.objects.manageable_by(request.membership).listed()
    page = Paginator(people, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    invitations = Invitation.objects.manageable_by(request.membership).open()
    context = {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "invitations": invitations.select_related("organization", "invited_by").order_by("-pk"),
    }
    return render(request, "accounts/invitation_list.html", context)


@keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def invitation_create(request):
    """Invite somebody to the active role's organization."""
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
            return redirect("accounts:invitation_list")
    focus_first_error(form)
    context = {"form": form, "organization": organization, "days": DAYS}
    return render(request, "accounts/invitation_create.html", context)


@post_only
@administrator_required
def invitation_resend(request, pk):
    """Send an invitation again, with a new link."""
    text = _(
        "A new invitation to %(email)s is on its way: %(role)s of %(organization)s. The earlier "
        "link no longer works."
    )
    return _changed(request, pk, resend_invitation, text)


@post_only
@administrator_required
def invitation_revoke(request, pk):
    """Withdraw an invitation."""
    return _changed(
        request,
        pk,
        revoke_invitation,
        _(
            "The invitation to %(email)s is withdrawn: %(role)s of %(organization)s. Its link no "
            "longer works."
        ),
    )


def _names(invitation):
    """What the messages name of an invitation."""
    names = {"role": invitation.role_name, "organization": invitation.organization}
    return {"email": invitation.email, **names}


def _changed(request, pk, service, text):
    invitation = get_object_or_404(Invitation.objects.manageable_by(request.membership), pk=pk)
    try:
        service(invitation=invitation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text % _names(invitation))
    return redirect("accounts:invitation_list")


@never_cache
@decorators.login_not_required
@require_safe
def invitation_open(request, token):
    """The link in the mail: keeps what it opens in the session and leads to the page."""
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
def invitation(request):
    """Who invites to what: accepted as who one is, or with an account made here."""
    opened = usable_invitation(request.session.get(OPENED, ""))
    context = {"invitation": opened, "form": None, "refusal": "", "is_known": False}
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
    request.session[SESSION_KEY] = membership.pk
    messages.success(request, _("Welcome: you are %(role)s now.") % {"role": membership})
    return redirect(settings.LOGIN_REDIRECT_URL)


def _accepted(request, opened, context):
    if request.method == "POST":
        try:
            return accept_invitation(invitation=opened, by=request.user)
        except DomainError as error:
            context["refusal"] = str(error)
    return None


def _accepted_as_new(request, opened, context):
    """Makes the account and signs it in. Whose address has an account signs in with that."""
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
    membership = attempt(form, accept_with_new_account, invitation=opened, **form.account())
    if membership is not None:
        sign_in(request, membership.user)
    return membership


def _accepted_before(request):
    """Pressed twice: the first one made the account and used the link; its answer was lost."""
    form = NewAccountForm(request.POST or None)
    if request.user.is_authenticated or not form.is_valid():
        return None
    typed = form.cleaned_data
    user = account_of_form(form_token=typed["form_token"], password=typed["password"])
    membership = user and Membership.objects.of_user(user).first()
    if membership is not None:
        sign_in(request, user)
    return membership


def _gone(request):
    """One answer for what was never there, is used, withdrawn or too old."""
    request.session.pop(OPENED, None)
    return render(request, "accounts/invitation_gone.html", status=410)
