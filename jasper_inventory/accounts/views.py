"""The Role menu, E-mail Alerts, and a page that django-allauth has and this site has not."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jasper_inventory.accounts.forms import EmailAlertsForm
from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership, MutedTopic, Topic
from jasper_inventory.accounts.services import set_email_alerts, use_role


@require_POST
def role_switch(request, pk):
    """Make one of the person's own roles the active one."""
    membership = get_object_or_404(Membership.objects.of_user(request.user), pk=pk)
    use_role(membership=membership)
    request.session[SESSION_KEY] = membership.pk
    messages.info(request, _("Your active role is now: %(role)s.") % {"role": membership})
    return redirect("/")


@require_http_methods(["GET", "POST"])
def email_alerts(request):
    """E-mail Alerts: of which topics one gets e-mails; where the foot of each e-mail leads."""
    muted = MutedTopic.objects.filter(user=request.user).values_list("topic", flat=True)
    initial = {"topics": sorted(set(Topic.values) - set(muted))}
    form = EmailAlertsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        set_email_alerts(by=request.user, topics=form.cleaned_data["topics"])
        messages.success(request, _("Your e-mail alerts are saved."))
        return redirect("accounts:email_alerts")
    return render(request, "accounts/email_alerts.html", {"form": form})


def not_offered(request):
    """Not found: e-mail addresses are CCI staff's to change, and here need no proof."""
    raise Http404
