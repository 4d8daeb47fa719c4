"""What happens in the session and the browser when a person signs in."""

from typing import cast

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import HttpRequest

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.session_store import SessionStore
from jasper_inventory.accounts.throttling import address_of
from jasper_inventory.lib.user_agents import browser_name


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign in a person who has just created an account, without django-allauth's page.

    The session gets its usual length because the visitor's may have been a short one that kept a
    typed code.
    """
    login(request, user)
    request.session.set_expiry(None)
    record_authentication(request, user, method="password")
    signed_in(request, user)


def signed_in(request: HttpRequest, user: User) -> None:
    """Begin the session's limits, and remember the person in the browser."""
    cast(SessionStore, request.session).begin(
        user,
        browser=browser_name(request.headers.get("User-Agent", "")),
        address=address_of(request),
    )
    browser_of(request).remember(user.pk)
