"""The active role: one middleware sets it, checked against the database at each request."""

from django.utils.functional import SimpleLazyObject

from jasper_inventory.accounts import form_roles
from jasper_inventory.accounts.models import Membership
from jasper_inventory.lib.unsent import kept_form

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
