"""Where a code is typed: an activation code, a group key, a teacher code.

Open to people who have no account yet; they make one there. A code is in no address and no log:
it goes from form to form, and is kept in the session for a while, so that what it opens is shown
by GET, also after signing in or where it was typed on the page of another kind.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
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
    parts_of,
    teacher_of,
)
from activation_codes.code_types import CODE_TYPES
from activation_codes.forms import AccountForm, CodeForm
from activation_codes.next_steps import (
    NextStep,
    activate_first,
    may_be_another_kind,
    next_step,
)
from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.services.submissions import (
    SentBefore,
    account_of_form,
    carried_out_once,
    keep_account,
)
from jasper_inventory.accounts.services.users import create_account
from jasper_inventory.accounts.signing_in import sign_in
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import focus_first_error, refuse
from jasper_inventory.lib.returning import post_only

# The code that was typed in this browser: {"kind", "code", "until"}.
KEPT = "typed_code"
# The group key of a student who has to activate a code first: {"key", "until"}.
KEPT_KEY = "typed_key"
KEPT_SECONDS = 30 * 60
_SENT_BEFORE = gettext_lazy(
    "This form was sent before and made an account, with another password. Sign in with it, or "
    "open this page anew to make another account."
)
# The error of a code that nobody looked up.
TOO_MANY = "too_many"


def _open_page(view):
    """A page for everyone, which no cache keeps and whose fields no error report shows."""
    return for_any_role(login_not_required(never_cache(sensitive_post_parameters()(view))))


@_open_page
@require_http_methods(["GET", "POST"])
def code_enter(request, kind):
    """The one field; a right code leads to the page that shows what it opens."""
    code_type = CODE_TYPES[kind]
    # From now on the browser has its cookie: throttling tells it from others of its network.
    browser_of(request)
    form = CodeForm(request.POST if request.method == "POST" else None, code_type=code_type)
    if form.is_bound and form.is_valid():
        offer = _offer(request, kind, form)
        if leads_on := _leads_on(request, kind, offer):
            return leads_on
        if offer is not None:
            _keep(request, kind, offer.code)
            return redirect(f"activation_codes:{kind}_offer")
    return _page(request, kind, form, None, AccountForm())


@_open_page
@require_safe
def code_offer(request, kind):
    """Show what the code typed before opens. After signing in it goes on from here."""
    code_type = CODE_TYPES[kind]
    kept = _kept_code(request, kind)
    if kept is None:
        # On this very page: a message for the next one would be kept in a session of its own.
        messages.info(request, _("The code is no longer kept. Type it again."))
        return _page(request, kind, CodeForm(code_type=code_type), None, AccountForm())
    form = CodeForm({"code": kept}, code_type=code_type)
    offer = _offer(request, kind, form) if form.is_valid() else None
    # A code that was not looked up is kept until it can be.
    if not isinstance(offer, Offer) and not form.has_error("code", TOO_MANY):
        del request.session[KEPT]
    if leads_on := _leads_on(request, kind, offer):
        return leads_on
    return _page(request, kind, form, offer, AccountForm())


@_open_page
@post_only
def code_take(request, kind):
    """Take what the code opens: for who is signed in, or with an account made for it."""
    code_type = CODE_TYPES[kind]
    form = CodeForm(request.POST, code_type=code_type)
    account = AccountForm(None if request.user.is_authenticated else request.POST)
    if not form.is_valid():
        return _page(request, kind, form, None, account)
    if account.is_bound and not account.is_valid():
        # The code once more: without a right one nothing is said of the rest.
        offer = _offer(request, kind, form)
        leads_on = _leads_on(request, kind, offer)
        return leads_on or _page(request, kind, form, offer, account)
    done = _guarded(request, kind, form, lambda code: _take(request, code_type, code, account))
    if leads_on := _leads_on(request, kind, done):
        return leads_on
    if done is None:
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
def code_sign_in(request, kind):
    """Keep the code on the server while its person signs in, and come back to it.

    One that opens nothing is not kept: strangers could fill the sessions of a network with them.
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
def key_forget(request):
    """Forget the group key that was typed in this browser before an activation code."""
    if request.session.pop(KEPT_KEY, None):
        messages.info(request, _("You won't be linked to a teacher."))
    page = "activate_offer" if _kept_code(request, "activate") else "activate"
    return redirect(f"activation_codes:{page}")


def _kept_key(request):
    """The group key that is kept for after an activation; None where there is none any more."""
    kept = request.session.get(KEPT_KEY)
    return kept["key"] if kept and kept["until"] > time.time() else None


def _kept_code(request, kind):
    """The code typed in this browser, unless it was for another page or too long ago."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    if kept["kind"] != kind or kept["until"] <= time.time():
        del request.session[KEPT]
        return None
    return kept["code"]


def _keep(request, kind, code):
    request.session[KEPT] = {"kind": kind, "code": code, "until": time.time() + KEPT_SECONDS}
    _forget_soon(request)


def _forget_soon(request):
    """Signing in sets it anew; a stranger's typed codes are gone with the session."""
    if not request.user.is_authenticated:
        request.session.set_expiry(KEPT_SECONDS)


def _person(request):
    return request.user if request.user.is_authenticated else None


def _offer(request, kind, form):
    """What the typed code opens, or what else `_guarded` returns."""
    person = _person(request)
    return _guarded(request, kind, form, lambda code: CODE_TYPES[kind].offer(code, person))


def _guarded(request, kind, form, act):
    """What `act` says of the typed code; None where it was refused, with the reason in the form.

    A code that doesn't exist is counted, and after too many this browser waits for a while: then
    nothing is looked up. HeldAlready and NextStep are returned: they are no refusals.
    """
    typed = form.cleaned_data["code"]
    attempt = None
    try:
        attempt = throttling.admit(throttling.visitor_of(request))
        result = _next_step(kind, typed, _person(request), act)
    except (Unknown, Mistyped) as refusal:
        is_typing_error = isinstance(refusal, Mistyped)
        if not is_typing_error or may_be_another_kind(typed, kind):
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


def _next_step(kind, typed, user, act):
    """What `act` says, or where a code of another kind belongs. Raises what `act` raises."""
    try:
        return act(typed)
    except NeedsActivation as refusal:
        return activate_first(refusal, typed)
    except (Unknown, Mistyped):
        if step := next_step(typed, kind, user):
            return step
        raise


def _leads_on(request, kind, result):
    """The answer to what is no offer: to what somebody has already, or to the next step."""
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


def _link_by_kept_key(request):
    """Link who has activated a code now to the teacher whose key was typed before it."""
    key = _kept_key(request)
    request.session.pop(KEPT_KEY, None)
    if key is None:
        return
    try:
        messages.success(request, CODE_TYPES["link"].take(key, request.user).text)
    except DomainError as refusal:
        messages.warning(request, _("Not linked to a teacher: %(why)s") % {"why": refusal})


def _take(request, code_type, code, account):
    """The code's act; with a new account both or neither, and its person is signed in."""
    if not account.is_bound:
        return code_type.take(code, request.user)
    typed = account.cleaned_data
    try:
        with carried_out_once(typed["form_token"]) as submission:
            # First: without a right code nobody is told which usernames are taken.
            code_type.offer(code, None)
            user, done = create_account(
                account=account.new_account(),
                address=throttling.address_of(request),
                then=lambda person: code_type.take(code, person),
            )
            keep_account(submission, user)
    except SentBefore:
        user = account_of_form(typed["form_token"], password=typed["password"])
        done = HeldAlready(_("The form was sent twice. What it asked for was done once."))
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


def _report_account(request, user, typed):
    text = _("Your account was created. Your username is %(username)s.")
    text %= {"username": user.username}
    if "@" in typed:
        # The same for all: it doesn't say whether the address is another account's already.
        text += " " + _(
            "You can sign in with your email address as well, unless another account has it. Open "
            "the link in our email to confirm it."
        )
    messages.info(request, text)


def _page(request, kind, form, offer, account):
    if form.is_bound:
        focus_first_error(account if account.errors else form)
    key = _kept_key(request) if kind == "activate" else None
    context = {
        "kind": kind,
        "code_type": CODE_TYPES[kind],
        "form": form,
        "offer": offer,
        "parts": parts_of(offer.order) if offer else [],
        "account": account,
        "teacher": teacher_of(key) if key else None,
        "take_url": resolve_url(f"activation_codes:{kind}_take"),
        "sign_in_url": resolve_url(f"activation_codes:{kind}_sign_in"),
        "enter_url": resolve_url(f"activation_codes:{kind}"),
    }
    return render(request, "activation_codes/code_enter.html", context)
