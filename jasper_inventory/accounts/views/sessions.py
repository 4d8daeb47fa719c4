"""The page on which people see and end their own sessions."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import UserHttpRequest
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.models import Session
from jasper_inventory.accounts.reauthentication import asks_again_to_change
from jasper_inventory.accounts.services.sessions import end_session, end_sessions
from jasper_inventory.accounts.session_store import (
    has_short_sessions,
    idle_minutes,
    key_hash,
)


@for_any_role
@require_http_methods(["GET", "HEAD", "POST"])
@asks_again_to_change
def session_list(request: UserHttpRequest) -> HttpResponse:
    """List the user's sessions; end one, or all except this one."""
    current = request.session.session_key or ""
    if request.method == "POST":
        _end(request, current)
        return redirect("accounts:session_list")
    context = {
        "sessions": Session.objects.of_user(request.user),
        "current": key_hash(current),
        "minutes": idle_minutes(has_short_sessions(request.user)),
        "hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return render(request, "accounts/session_list.html", context)


def _end(request: UserHttpRequest, current: str) -> None:
    pk = request.POST.get("session", "")
    if not pk:
        number = end_sessions(user=request.user, but=current)
        text = ngettext("One session was ended.", "%(number)d sessions were ended.", number)
        messages.success(request, text % {"number": number})
    elif pk == key_hash(current):
        messages.error(request, _("To end this session, sign out."))
    elif end_session(user=request.user, pk=pk):
        messages.success(request, _("The session was ended."))
    else:
        messages.info(request, _("This session had already ended."))
