"""The Role menu, and a page that django-allauth has and this site has not."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership
from jasper_inventory.accounts.services import use_role


@require_POST
def role_switch(request, pk):
    """Make one of the person's own roles the active one."""
    membership = get_object_or_404(Membership.objects.of_user(request.user), pk=pk)
    use_role(membership=membership)
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, _("Your active role is now: %(role)s.") % {"role": membership})
    return redirect("/")


def not_offered(request):
    """Not found: e-mail addresses are CCI staff's to change, and here need no proof."""
    raise Http404
