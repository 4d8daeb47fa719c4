"""The pages to redeem an activation code, a group key or a teacher code.

People without an account can create one there. Codes must not get into URLs or logs, so they are
sent by POST and kept in the session for a while. That way, a GET can show what the code opens, even
after signing in or after typing it on the page of another kind.
"""

import time
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes.code_lookup import (
    HeldAlready,
    Mistyped,
    NeedsActivation,
    Offer,
    Refused,
    Unknown,
    teacher_of,
)
from activation_codes.code_types import CODE_TYPES, CodeType, Done
from activation_codes.forms import AccountForm, CodeForm
from activation_codes.next_steps import (
    NextStep,
    activate_first,
    may_be_another_kind,
    next_step,
)
from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.decorators import RoleHttpRequest, View
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.services.submissions import (
    SentBefore,
    account_of_form,
    carried_out_once,
    keep_account,
    require_first,
)
from jasper_inventory.accounts.services.users import create_account
from jasper_inventory.accounts.signing_in import sign_in
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import focus_first_error, refuse
from jasper_inventory.lib.returning import post_only

# The session key of the code typed in this browser: {"kind", "code", "until"}.
KEPT = "typed_code"
# The session key of a group key typed before the activation code: {"key", "until"}.
KEPT_KEY = "typed_key"
KEPT_SECONDS = 30 * 60
_SENT_BEFORE = gettext_lazy(
    "This form was already sent and created an account with another password. Sign in with that "
    "password, or reload this page to create another account."
)
# The error code for a code that wasn't looked up because of throttling.
TOO_MANY = "too_many"

# What looking up a typed code gives.
Found: TypeAlias = Offer | HeldAlready | NextStep | None
Result = TypeVar("Result")


def _open_page(view: View) -> View:
    """Mark a page as open to everyone, never cached, with its fields hidden in error reports."""
    return for_any_role(login_not_required(never_cache(sensitive_post_parameters()(view))))


@_open_page
@require_http_methods(["GET", "POST"])
def code_enter(request: RoleHttpRequest, kind: str) -> HttpResponse:
    """Ask for a code; redirect to the page that shows what a valid one opens."""
    code_type = CODE_TYPES[kind]
    # Set the browser's cookie, by which throttling tells apart browsers of one network.
    browser_of(request)
    form = CodeForm(request.POST if request.method == "POST" else None, code_type=code_type)
    if form.is_bound and form.is_valid():
        offer = _offer(request, kind, form)
        if leads_on := _leads_on(request, kind, offer):
            return leads_on
        if isinstance(offer, Offer):
            _keep(request, kind, offer.code)
            return redirect(f"activation_codes:{kind}_offer")
    return _page(request, kind, form, None, AccountForm())


@_open_page
@require_safe
def code_offer(request: RoleHttpRequest, kind: str) -> HttpResponse:
    """Show what the kept code opens. Signing in returns to this page."""
    code_type = CODE_TYPES[kind]
    kept = _kept_code(request, kind)
    if kept is None:
        # Show the message on this page; redirecting would create a session just for it.
        messages.info(request, _("This page has expired. Enter the code again."))
        return _page(request, kind, CodeForm(code_type=code_type), None, AccountForm())
    form = CodeForm({"code": kept}, code_type=code_type)
    offer = _offer(request, kind, form) if form.is_valid() else None
    # Keep a code that couldn't be looked up yet.
    if not isinstance(offer, Offer) and not form.has_error("code", TOO_MANY):
        del request.session[KEPT]
    if leads_on := _leads_on(request, kind, offer):
        return leads_on
    return _page(request, kind, form, offer, AccountForm())


@_open_page
@post_only
def code_take(request: RoleHttpRequest, kind: str) -> HttpResponse:
    """Redeem the code for the signed-in user, or with a new account."""
    code_type = CODE_TYPES[kind]
    form = CodeForm(request.POST, code_type=code_type)
    account = AccountForm(None if request.user.is_authenticated else request.POST)
    if not form.is_valid():
        return _page(request, kind, form, None, account)
    if account.is_bound and not account.is_valid():
        # Check the code first: errors about the account are shown only with a valid code.
        offer = _offer(request, kind, form)
        leads_on = _leads_on(request, kind, offer)
        return leads_on or _page(request, kind, form, offer, account)
    done = _guarded(request, kind, form, lambda code: _take(request, code_type, code, account))
    if leads_on := _leads_on(request, kind, done):
        return leads_on
    if not isinstance(done, Done):
        offer = _offer(request, kind, form) if account.errors else None
        return _page(request, kind, form, offer, account)
    request.session.pop(KEPT, None)
    messages.success(request, done.text)
    request.session[SESSION_KEY] = done.membership.pk
    if kind == "activate":
        _link_by_kept_key(request)
    return redirect(code_type.leads_to or settings.LOGIN_REDIRECT_URL)


@_open_page
@post_only
def code_sign_in(request: RoleHttpRequest, kind: str) -> HttpResponse:
    """Keep the code on the server while its user signs in, then return to it.

    Only valid codes are kept, so that strangers can't fill up the sessions of a network.
    """
    form = CodeForm(request.POST, code_type=CODE_TYPES[kind])
    if not form.is_valid():
        return _page(request, kind, form, None, AccountForm())
    code = form.cleaned_data["code"]
    if code != _kept_code(request, kind):
        offer = _offer(request, kind, form)
        if leads_on := _leads_on(request, kind, offer):
            return leads_on
        if offer is None:
            return _page(request, kind, form, None, AccountForm())
    _keep(request, kind, code)
    back = resolve_url(f"activation_codes:{kind}_offer")
    return redirect(resolve_url("account_login") + "?" + urlencode({"next": back}))


@_open_page
@post_only
def key_forget(request: RoleHttpRequest) -> HttpResponse:
    """Drop the group key that was kept until a code is activated."""
    if request.session.pop(KEPT_KEY, None):
        messages.info(request, _("You won't be linked to a teacher."))
    page = "activate_offer" if _kept_code(request, "activate") else "activate"
    return redirect(f"activation_codes:{page}")


def _kept_key(request: RoleHttpRequest) -> str | None:
    """Return the group key kept for after an activation, or None."""
    kept = request.session.get(KEPT_KEY)
    return kept["key"] if kept and kept["until"] > time.time() else None


def _kept_code(request: RoleHttpRequest, kind: str) -> str | None:
    """Return the code kept for this page, or None if it expired."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    if kept["kind"] != kind or kept["until"] <= time.time():
        del request.session[KEPT]
        return None
    code: str = kept["code"]
    return code


def _keep(request: RoleHttpRequest, kind: str, code: str) -> None:
    request.session[KEPT] = {"kind": kind, "code": code, "until": time.time() + KEPT_SECONDS}
    _forget_soon(request)


def _forget_soon(request: RoleHttpRequest) -> None:
    """End an anonymous session soon, with its kept codes; signing in resets this."""
    if not request.user.is_authenticated:
        request.session.set_expiry(KEPT_SECONDS)


def _person(request: RoleHttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _offer(request: RoleHttpRequest, kind: str, form: CodeForm) -> Found:
    """Return what the typed code opens, or another result of `_guarded`."""
    person = _person(request)
    return _guarded(request, kind, form, lambda code: CODE_TYPES[kind].offer(code, person))


def _guarded(
    request: RoleHttpRequest, kind: str, form: CodeForm, act: Callable[[str], Result]
) -> Result | HeldAlready | NextStep | None:
    """Return the result of `act` for the typed code; None if refused, with an error in the form.

    Unknown codes are counted; after too many, this browser must wait and nothing is looked up.
    HeldAlready and NextStep are returned because they aren't refusals.
    """
    typed = form.cleaned_data["code"]
    attempt = None
    result: Result | HeldAlready | NextStep | None
    try:
        attempt = throttling.admit(throttling.visitor_of(request))
        result = _next_step(kind, typed, _person(request), act)
    except (Unknown, Mistyped) as refusal:
        is_typing_error = isinstance(refusal, Mistyped)
        is_guess = not is_typing_error or may_be_another_kind(typed, kind)
        if attempt is not None and is_guess:
            attempt.was_wrong(is_typing_error=is_typing_error)
            attempt = None
        form.add_error("code", str(refusal))
        result = None
    except Refused as refusal:
        form.add_error("code", str(refusal))
        result = None
    except HeldAlready as held:
        result = held
    except throttling.TooMany as refusal:
        form.add_error("code", ValidationError(str(refusal), code=TOO_MANY))
        result = None
    except DomainError as refusal:
        refuse(form, refusal)
        result = None
    if attempt is not None:
        attempt.was_right()
    return result


def _next_step(
    kind: str, typed: str, user: User | None, act: Callable[[str], Result]
) -> Result | NextStep:
    """Return the result of `act`, or the page for a code of another kind."""
    try:
        return act(typed)
    except NeedsActivation as refusal:
        return activate_first(refusal, typed)
    except (Unknown, Mistyped):
        if step := next_step(typed, kind, user):
            return step
        raise


def _leads_on(request: RoleHttpRequest, kind: str, result: object) -> HttpResponse | None:
    """Return the redirect for HeldAlready and NextStep, or None for other results."""
    if isinstance(result, HeldAlready):
        request.session.pop(KEPT, None)
        if kind == "activate" and request.user.is_authenticated:
            _link_by_kept_key(request)
        messages.info(request, str(result))
        return redirect(CODE_TYPES[kind].leads_to or settings.LOGIN_REDIRECT_URL)
    if not isinstance(result, NextStep):
        return None
    if result.key_for_later:
        until = time.time() + KEPT_SECONDS
        request.session[KEPT_KEY] = {"key": result.key_for_later, "until": until}
        _forget_soon(request)
        messages.info(request, result.text)
        return redirect(f"activation_codes:{result.kind}")
    _keep(request, result.kind, result.code)
    messages.info(request, result.text)
    return redirect(f"activation_codes:{result.kind}_offer")


def _link_by_kept_key(request: RoleHttpRequest) -> None:
    """After an activation, link the student to the teacher whose key was typed before."""
    key, person = _kept_key(request), _person(request)
    request.session.pop(KEPT_KEY, None)
    if key is None or person is None:
        return
    try:
        messages.success(request, CODE_TYPES["link"].take(key, person).text)
    except DomainError as refusal:
        messages.warning(request, _("Not linked to a teacher: %(why)s") % {"why": refusal})


def _take(
    request: RoleHttpRequest, code_type: CodeType, code: str, account: AccountForm
) -> Done | HeldAlready | None:
    """Redeem the code; create the account and sign in, if needed, in the same transaction."""
    if (person := _person(request)) is not None:
        return code_type.take(code, person)
    typed = account.cleaned_data
    user: User | None
    done: Done | HeldAlready
    try:
        user, done = _create_account(request, code_type, code, account)
    except SentBefore:
        user = account_of_form(typed["form_token"], password=typed["password"])
        done = HeldAlready(_("You sent the form twice, but it was carried out only once."))
    except DomainError as refusal:
        if refusal.field not in account.fields:
            raise
        refuse(account, refusal)
        return None
    if user is None:
        account.add_error("password", _SENT_BEFORE)
        return None
    sign_in(request, user)
    _report_account(request, user, typed["sign_in_as"])
    return done


def _create_account(
    request: RoleHttpRequest, code_type: CodeType, code: str, account: AccountForm
) -> tuple[User, Done]:
    """Create the account and redeem the code. A wrong code writes nothing but its count."""
    token = account.cleaned_data["form_token"]
    require_first(token)
    try:
        # First, because only people with a valid code may learn which usernames are taken.
        code_type.offer(code, None)
    except DomainError:
        # The same form may have taken the last use a moment ago.
        require_first(token)
        raise
    with carried_out_once(token) as submission:
        user, done = create_account(
            account=account.new_account(),
            address=throttling.address_of(request),
            then=lambda person: code_type.take(code, person),
        )
        keep_account(submission, user)
    return user, done


def _report_account(request: RoleHttpRequest, user: User, typed: str) -> None:
    text = _("Your account was created. Your username is %(username)s.")
    text %= {"username": user.username}
    if "@" in typed:
        # The same text for everyone, so that it doesn't reveal whether the address has an account.
        text += " " + _(
            "To sign in with your email address as well, follow the instructions in the email that "
            "we sent you."
        )
    messages.info(request, text)


def _page(
    request: RoleHttpRequest, kind: str, form: CodeForm, offer: Found, account: AccountForm
) -> HttpResponse:
    if form.is_bound:
        focus_first_error(account if account.errors else form)
    key = _kept_key(request) if kind == "activate" else None
    context = {
        "kind": kind,
        "code_type": CODE_TYPES[kind],
        "form": form,
        "offer": offer,
        "parts": offer.order.course_parts if isinstance(offer, Offer) else [],
        "account": account,
        "teacher": teacher_of(key) if key else None,
        "take_url": resolve_url(f"activation_codes:{kind}_take"),
        "sign_in_url": resolve_url(f"activation_codes:{kind}_sign_in"),
        "enter_url": resolve_url(f"activation_codes:{kind}"),
    }
    return render(request, "activation_codes/code_enter.html", context)
