"""Sign in people who have just created an account, without django-allauth's page."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import HttpRequest

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import User


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign in a new user, in a session of the usual length, and remember them in the browser.

    The session is reset because the visitor's may have been a short one that kept a typed code.
    """
    login(request, user)
    request.session.set_expiry(None)
    record_authentication(request, user, method="password")
    browser_of(request).remember(user.pk)
