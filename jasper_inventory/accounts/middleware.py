"""The active role: one middleware sets it, checked against the database at each request."""

from django.utils.functional import SimpleLazyObject

from jasper_inventory.accounts.models import Membership

SESSION_KEY = "membership"


class ActiveRoleMiddleware:
    """Sets `request.memberships` (the person's roles) and `request.membership` (the active one).

    A role that was taken away isn't among the rows any more, and so stops working at once; then,
    and at sign-in, the first of the ranked ones becomes active. None where there is no role.
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

    @staticmethod
    def _memberships(request):
        if not request.user.is_authenticated:
            return []
        return list(Membership.objects.of_user(request.user))

    @staticmethod
    def _active(request):
        chosen = request.session.get(SESSION_KEY)
        for membership in request.memberships:
            if membership.pk == chosen:
                return membership
        first = request.memberships[0] if request.memberships else None
        # From now on this session's own: what another session switches to doesn't move it.
        if first is not None:
            request.session[SESSION_KEY] = first.pk
        return first
