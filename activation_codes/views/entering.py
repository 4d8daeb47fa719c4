"""Where a code is typed: an activation code, a group key, a teacher code.

Open to people who have no account yet; they create one there. A code is in no address and no log.
The session keeps it from the moment it is typed until it is redeemed, so that a page shown by GET
can offer what it opens: *Back* and *Reload* then ask nothing.
"""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from activation_codes.entrances import ENTRANCES
from activation_codes.forms import AccountForm, CodeForm
from activation_codes.offers import HeldAlready, Mistyped, Offer, Refused, parts_of
from jasper_inventory.accounts import guessing
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.services import NewAccount, account_of_form, create_account
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import focus_first_error, refuse
from jasper_inventory.lib.returning import post_only

# The code that was typed in this browser: {"kind", "code", "until"}.
KEPT = "typed_code"
KEPT_SECONDS = 30 * 60


def _open_page(view):
    """A page for everyone, which no cache keeps and whose fields no error report shows."""
    return for_any_role(login_not_required(never_cache(sensitive_post_parameters()(view))))


@_open_page
@require_http_methods(["GET", "POST"])
def code_enter(request, kind):
    """The one field; a right code leads to the page that shows what it opens."""
    entrance = ENTRANCES[kind]
    form = CodeForm(request.POST if request.method == "POST" else None, entrance=entrance)
    if form.is_bound and form.is_valid():
        offer = _guarded(request, form, lambda code: entrance.offer(code, _person(request)))
        if isinstance(offer, HeldAlready):
            return _has_it(request, entrance, offer)
        if offer is not None:
            _keep(request, kind, form)
            return redirect(f"activation_codes:{kind}_offer")
    return _page(request, kind, form, None, AccountForm())


@_open_page
@require_safe
def code_offer(request, kind):
    """Show what the code typed before opens. After signing in it goes on from here."""
    entrance = ENTRANCES[kind]
    kept = _kept_code(request, kind)
    if kept is None:
        return redirect(f"activation_codes:{kind}")
    form = CodeForm({"code": kept}, entrance=entrance)
    offer = None
    if form.is_valid():
        offer = _guarded(request, form, lambda code: entrance.offer(code, _person(request)))
    if not isinstance(offer, Offer):
        del request.session[KEPT]
    if isinstance(offer, HeldAlready):
        return _has_it(request, entrance, offer)
    return _page(request, kind, form, offer, AccountForm())


@_open_page
@post_only
def code_take(request, kind):
    """Take what the code opens: for who is signed in, or with an account made for it."""
    entrance = ENTRANCES[kind]
    form = CodeForm(request.POST, entrance=entrance)
    account = AccountForm(None if request.user.is_authenticated else request.POST)
    if not form.is_valid():
        return _page(request, kind, form, None, account)
    if account.is_bound and not account.is_valid():
        # The code once more: without a right one nothing is said of the rest.
        offer = _guarded(request, form, lambda code: entrance.offer(code, None))
        return _page(request, kind, form, offer, account)
    done = _guarded(request, form, lambda code: _take(request, entrance, code, account))
    if isinstance(done, HeldAlready):
        return _has_it(request, entrance, done)
    if done is None:
        offer = None
        if account.errors:
            offer = _guarded(request, form, lambda code: entrance.offer(code, None))
        return _page(request, kind, form, offer, account)
    request.session.pop(KEPT, None)
    messages.success(request, done.text)
    request.session[SESSION_KEY] = done.membership.pk
    return redirect(entrance.leads_to or settings.LOGIN_REDIRECT_URL)


@_open_page
@post_only
def code_sign_in(request, kind):
    """Keep the code on the server while its person signs in, and come back to it."""
    form = CodeForm(request.POST, entrance=ENTRANCES[kind])
    if form.is_valid():
        _keep(request, kind, form)
    back = resolve_url(f"activation_codes:{kind}_offer")
    return redirect(resolve_url("account_login") + "?" + urlencode({"next": back}))


def _keep(request, kind, form):
    until = time.time() + KEPT_SECONDS
    request.session[KEPT] = {"kind": kind, "code": form.cleaned_data["code"], "until": until}
    if not request.user.is_authenticated:
        # Signing in sets it anew; without it the code is gone with the session.
        request.session.set_expiry(KEPT_SECONDS)


def _kept_code(request, kind):
    """The code typed in this browser, unless it was for another page or too long ago."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    if kept["kind"] != kind or kept["until"] <= time.time():
        del request.session[KEPT]
        return None
    return kept["code"]


def _person(request):
    return request.user if request.user.is_authenticated else None


def _guarded(request, form, act):
    """What `act` says of the typed code; None where it was refused, with the reason in the form.

    A wrong code is counted, and after too many nothing is looked up for a while. HeldAlready is
    returned: it is no refusal.
    """
    guesser = guessing.guesser_of(request)
    wait = guessing.time_to_wait(guesser)
    try:
        if wait.total_seconds() > 0:
            raise DomainError(_too_many(wait), field="code")
        return act(form.cleaned_data["code"])
    except HeldAlready as held:
        return held
    except Refused as refusal:
        guessing.count_wrong(guesser)
        form.add_error("code", str(refusal))
    except Mistyped as refusal:
        form.add_error("code", str(refusal))
    except DomainError as refusal:
        refuse(form, refusal)
    return None


def _too_many(wait):
    minutes = int(wait.total_seconds() // 60) + 1
    return ngettext(
        "Too many wrong codes. Wait a minute, compare the code with what you were given, and try "
        "again.",
        "Too many wrong codes. Wait %(minutes)d minutes, compare the code with what you were "
        "given, and try again.",
        minutes,
    ) % {"minutes": minutes}


def _take(request, entrance, code, account):
    """The code's act; with a new account both or neither, and its person is signed in."""
    if not account.is_bound:
        return entrance.take(code, request.user)
    typed = account.cleaned_data
    try:
        # First: without a right code nobody is told which user names are taken.
        entrance.offer(code, None)
        user, done = create_account(
            account=NewAccount(**typed),
            address=guessing.address_of(request),
            then=lambda person: entrance.take(code, person),
        )
    except DomainError as refusal:
        # Pressed twice: what the first one made and took is why the second is refused.
        user = account_of_form(form_token=typed["form_token"], password=typed["password"])
        if user is None:
            if refusal.field not in account.fields:
                raise
            refuse(account, refusal)
            return None
        done = HeldAlready(_("The form was sent twice. What it asked for was done once."))
    login(request, user)
    _tell_account(request, user, typed["sign_in_as"])
    return done


def _tell_account(request, user, typed):
    text = _("Your account was created. Your username is %(username)s.")
    text %= {"username": user.username}
    if "@" in typed:
        # The same for all: it doesn't say whether the address is another account's already.
        text += " " + _(
            "You can sign in with your email address as well, unless another account has it. Open "
            "the link in our email to confirm it."
        )
    messages.info(request, text)


def _has_it(request, entrance, held):
    messages.info(request, str(held))
    return redirect(entrance.leads_to or settings.LOGIN_REDIRECT_URL)


def _page(request, kind, form, offer, account):
    if form.is_bound:
        focus_first_error(account if account.errors else form)
    context = {
        "kind": kind,
        "entrance": ENTRANCES[kind],
        "form": form,
        "offer": offer,
        "parts": parts_of(offer.settings) if offer else [],
        "account": account,
        "take_url": resolve_url(f"activation_codes:{kind}_take"),
        "sign_in_url": resolve_url(f"activation_codes:{kind}_sign_in"),
        "enter_url": resolve_url(f"activation_codes:{kind}"),
    }
    return render(request, "activation_codes/code_enter.html", context)
