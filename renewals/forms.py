"""The Request License Renewal window's form."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import DatesForm, DateTextField
from licenses.forms.fields import comments_field, purchase_order_field, students_field
from licenses.models import Order
from renewals.models import CodeChoice
from renewals.services import wrong_request


class RenewalRequestForm(DatesForm):
    """A renewal request. Inventory type and product mix can't be changed.

    Its fields are the arguments of `request_renewal`; the window's template arranges them.
    """

    form_token = TokenField()
    purchase_order = purchase_order_field()
    code_choice = forms.ChoiceField(
        label=_("Teacher Code"),
        choices=CodeChoice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a new or the existing code.")},
    )
    start_date = DateTextField(label=_("Start Date"))
    finish_date = DateTextField(label=_("Finish Date"))
    students = students_field()
    requester_comments = comments_field(_("Requester Comments"))

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        self.order = order
        super().__init__(*args, **kwargs)

    def asked(self) -> dict[str, Any]:
        """Return what was typed, as arguments of `request_renewal`."""
        typed = dict(self.cleaned_data)
        del typed["form_token"]
        typed["comments"] = typed.pop("requester_comments")
        return typed

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        """Yield what is wrong with the dates and the number of students."""
        students = self.cleaned_data.get("students")
        yield from wrong_request(self.order, start=start, finish=finish, students=students)
