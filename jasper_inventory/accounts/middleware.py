"""The active role, checked against the database at each request; a password to be changed."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions import middleware
from django.shortcuts import redirect, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from jasper_inventory.accounts import form_roles
from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.services.sessions import bound_anonymous_sessions
from jasper_inventory.accounts.throttling import address_of
from jasper_inventory.lib.form_recovery import kept_form
from jasper_inventory.lib.returning import local_page, way_back

SESSION_KEY = "membership"


class ActiveRoleMiddleware:
    """Sets `request.memberships` (the person's roles) and `request.membership` (the active one).

    A role that was taken away isn't among the rows any more, and so stops working at once; then,
    and at sign-in, the first of the ranked ones becomes active. None where there is no role.
    A form that was opened in another role than the active one gets no further.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.memberships = SimpleLazyObject(lambda: self._memberships(request))
        request.membership = None
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if request.user.is_authenticated:
            request.membership = self._active(request)
            return form_roles.refused(request, view_func)
        return None

    @staticmethod
    def _memberships(request):
        if not request.user.is_authenticated:
            return []
        return list(Membership.objects.of_user(request.user))

    @staticmethod
    def _active(request):
        chosen = request.session.get(SESSION_KEY)
        if chosen is None and (kept := kept_form(request)):
            # A session that begins with a form of the one before goes on in its role.
            chosen = kept.opened.role
        first = request.memberships[0] if request.memberships else None
        active = next((one for one in request.memberships if one.pk == chosen), first)
        # From now on this session's own: what another session switches to doesn't move it.
        if active is not None and request.session.get(SESSION_KEY) != active.pk:
            request.session[SESSION_KEY] = active.pk
        return active


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, with a bound on the sessions of visitors who aren't signed in.

    What they type is kept on the server: a code, or a form of an ended session. A network address
    has so many of them; past that, the browser that left the most makes room.
    """

    def process_response(self, request, response):
        session = request.session
        # Looking into it would read it from the database on pages that didn't.
        is_anonymous = session.modified and USER_KEY not in session
        response = super().process_response(request, response)
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if is_anonymous and session.session_key and session.session_key != cookie:
            browser = browser_of(request)
            bound_anonymous_sessions(
                session_key=session.session_key,
                address=address_of(request),
                browser="" if browser.is_new else browser.key,
            )
        return response


class OwnPasswordMiddleware:
    """Whoever signed in with a password that somebody else set has to choose one before all else.

    Signing out stays possible, and so does setting a password by an emailed link.
    """

    open_to_all = {
        "accounts:password_choose",
        "account_logout",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if request.resolver_match.view_name in self.open_to_all:
            return None
        asked = urlencode({"next": self._wanted(request)})
        return redirect(f"{resolve_url('accounts:password_choose')}?{asked}")

    @staticmethod
    def _wanted(request):
        """The page that was asked for; of a POST, and of a part of a page, the page it is on."""
        if request.htmx:
            return local_page(request.htmx.current_url_abs_path or "") or "/"
        if request.method in ("GET", "HEAD"):
            return request.get_full_path()
        return way_back(request)
