"""Sign in a person who has just made an account; django-allauth's page has its own way."""

from django.contrib.auth import login
from django.http import HttpRequest

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import User


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign a new person in, in a session of the usual length, and remember the browser as theirs.

    The visitor's session may have been a short one, such as one that kept a typed code.
    """
    login(request, user)
    request.session.set_expiry(None)
    browser_of(request).remember(user.pk)
