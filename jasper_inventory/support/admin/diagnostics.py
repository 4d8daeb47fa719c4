"""The pages of an order, a code and a person on an order lead to why it can't be used."""

from django.urls import reverse
from django.utils.translation import gettext as _

from activation_codes.admin import ActivationCodeAdmin, RedemptionAdmin
from jasper_inventory.support.admin_diagnostics import may_explain
from licenses.admin import EnrollmentAdmin, OrderAdmin


def _to(page, key="pk"):
    def link(request, row):
        address = reverse(f"admin:{page}", args=[getattr(row, key)])
        return may_explain(request.user) and (_("Why can't this be used?"), address)

    return link


OrderAdmin.links.append(_to("why_order"))
ActivationCodeAdmin.links.append(_to("why_activation_code"))
EnrollmentAdmin.links.append(_to("why_enrollment"))
RedemptionAdmin.links.append(_to("why_enrollment", key="enrollment_id"))
