"""Submit once: a second click on a button leads to the result of the first.

Each displayed form has a token. `submit_once` is for views of signed-in users. Forms that create an
account use `services.submissions` themselves, because the sender isn't known yet.
"""

from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from jasper_inventory.accounts.decorators import View
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
    """A hidden token, new for each displayed form, which identifies a form that is sent twice."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid4, widget=forms.HiddenInput)


def submit_once(view: View) -> View:
    """Decorate a view so that it carries out each form with a token only once.

    The view and its submission are one transaction. A redirect is the result, which is kept with
    its messages; any other response shows the form again, which may then be sent again.
    """

    @wraps(view)
    def submitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = _token_in(request)
        if token is None:
            return view(request, *args, **kwargs)
        try:
            by = request.user if request.user.is_authenticated else None
            with carried_out_once(token, by=by) as submission:
                earlier = len(messages.get_messages(request))
                response = view(request, *args, **kwargs)
                if isinstance(response, HttpResponseRedirect):
                    said = _messages_since(request, earlier)
                    keep_result(submission, result_url=response.url, messages=said)
                else:
                    release(submission)
        except SentBefore as sent:
            return _first_result(request, sent.first)
        return response

    return submitted


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is outdated.

    This isn't an error if the form created the account that is now signed in: it was sent twice,
    and the browser will follow the first response.
    """
    token = _token_in(request)
    if token is not None and request.user.is_authenticated:
        sent = Submission.objects.filter(token=token, user=request.user.pk)
        if sent.exists():
            return redirect(settings.LOGIN_REDIRECT_URL)
    return site.csrf_failure(request, reason)


def _token_in(request: HttpRequest) -> UUID | None:
    """Return the token of the submitted form, or None if it is missing or invalid."""
    if request.method != "POST":
        return None
    try:
        token: UUID | None = TokenField().clean(request.POST.get(FIELD))
    except ValidationError:
        return None
    return token


def _messages_since(request: HttpRequest, number: int) -> list[Any]:
    """Return the messages after the first `number`, leaving them for the next page."""
    said = messages.get_messages(request)
    everything = list(said)
    if isinstance(said, BaseStorage):
        said.used = False
    return everything[number:]


def _first_result(request: HttpRequest, first: Submission) -> HttpResponse:
    """Redirect to the first result of the form, with the same messages."""
    if first.user_id != request.user.pk:
        messages.error(request, _("Someone else already sent this form. Open it again."))
        return redirect(request.get_full_path())
    for message in first.messages:
        messages.add_message(request, message.level, message.message)
    return redirect(first.result_url or settings.LOGIN_REDIRECT_URL)
