"""Submit once: impatient people press twice, and the second time leads to the first one's result.

Each form shown has a token. `submit_once` is for views of people who are signed in; the forms that
create an account use `services.submissions` themselves, since the sender isn't known yet.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Submission
from jasper_inventory.accounts.services.submissions import (
    SentBefore,
    carried_out_once,
    keep_result,
    release,
)
from jasper_inventory.lib import site

FIELD = "form_token"


class TokenField(forms.UUIDField):
    """Hidden, and new for each form shown: the same form sent twice differs from two forms."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid4, widget=forms.HiddenInput)


def submit_once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a view that a form with a token is sent to: what it asks for is done once.

    The view runs in one transaction with its submission. A redirect is its result, which is kept
    with its messages; any other answer shows the form again, which may then be sent again.
    """

    @wraps(view)
    def submitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = _token_in(request)
        if token is None:
            return view(request, *args, **kwargs)
        try:
            with carried_out_once(token, by=request.user) as submission:
                earlier = len(messages.get_messages(request))
                response = view(request, *args, **kwargs)
                if isinstance(response, HttpResponseRedirect):
                    told = _messages_since(request, earlier)
                    keep_result(submission, result_url=response.url, messages=told)
                else:
                    release(submission)
        except SentBefore as sent:
            return _first_result(request, sent.first)
        return response

    return submitted


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is too old.

    Not an error if the form created the account that is signed in since: it was sent twice, and
    the first answer is on its way.
    """
    token = _token_in(request)
    sent = Submission.objects.filter(token=token, user=request.user.pk)
    if token is not None and request.user.is_authenticated and sent.exists():
        return redirect(settings.LOGIN_REDIRECT_URL)
    return site.csrf_failure(request, reason)


def _token_in(request: HttpRequest) -> UUID | None:
    """The token of the form that was sent; None if there is none that can be read."""
    if request.method != "POST":
        return None
    try:
        return TokenField().clean(request.POST.get(FIELD))
    except ValidationError:
        return None


def _messages_since(request: HttpRequest, number: int) -> list[Any]:
    """What was said after so many messages; they are still shown on the next page."""
    said = messages.get_messages(request)
    everything = list(said)
    said.used = False
    return everything[number:]


def _first_result(request: HttpRequest, first: Submission) -> HttpResponse:
    """Lead to where the form led the first time, with the same messages."""
    if first.user_id != request.user.pk:
        messages.error(request, _("Someone else sent this form already: open it again."))
        return redirect(request.get_full_path())
    for message in first.messages:
        messages.add_message(request, message.level, message.message)
    return redirect(first.result_url or settings.LOGIN_REDIRECT_URL)
