"""The approval preview that CCI staff see before they approve a request."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import Organization
from licenses.models import Order, RequestFields
from licenses.terms import Terms, terms_facts


@dataclass(frozen=True)
class Preview:
    """The facts of one approval by label; `warning` is set if CCI steps in for a supplier."""

    asked: RequestFields
    facts: Sequence[tuple[str, str]]
    warning: str
    is_unlimited: bool

    @property
    def shown(self) -> str:
        """Return a seal on the shown facts; a different seal means that something changed."""
        sealed = [self.asked._meta.label, self.asked.pk, [list(fact) for fact in self.facts]]
        text = json.dumps([*sealed, self.warning])
        return salted_hmac("approval preview", text, algorithm="sha256").hexdigest()


def preview_of(
    asked: RequestFields,
    *,
    terms: Terms,
    teacher_code: str,
    comments: str = "",
    more: Iterable[tuple[str, str]] = (),
) -> Preview:
    """Return the preview of approving a request of either kind with these terms."""
    order, supplier = asked.asked_order, asked.requested_to
    assert supplier is not None  # a request
    steps_in = not supplier.is_vendor
    facts = [
        (_("For"), f"{order.assigned_to} ({order.assigned_to.get_level_display()})"),
        (_("Requested by"), f"{asked.requested_by_organization} ({asked.requested_by})"),
        (_("Addressed to"), str(supplier)),
        (_("Inventory type"), str(order.get_inventory_type_display())),
        (_("Products"), ", ".join(str(product) for product in order.products.all())),
        *terms_facts(terms, teacher_code=teacher_code),
        (_("Purchase order"), asked.purchase_order or "–"),
        *more,
        (_("Approval comments"), comments or "–"),
        (_("Notified"), ", ".join(_notified(asked, order, supplier))),
    ]
    warning = ""
    if steps_in:
        warning = _(
            "This request is addressed to %(supplier)s. If you approve it, CCI assigns the "
            "license itself and %(supplier)s is notified."
        ) % {"supplier": supplier}
    facts = [(str(label), str(text)) for label, text in facts]
    return Preview(asked, facts, warning, terms.is_unlimited)


def _notified(asked: RequestFields, order: Order, supplier: Organization) -> list[str]:
    """Return the organizations whose administrators get an email."""
    names = [str(asked.requested_by_organization)]
    if asked.is_by_proxy:
        names.append(str(order.assigned_to))
    if not supplier.is_vendor:
        names.append(str(supplier))
    return names
