"""Find any code, typed in any form, among activation codes and teacher codes."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activation_codes.codes import is_well_formed
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.lib.codes import LENGTH, codes_in, formatted
from licenses.models import Enrolment, EnrolmentRole, Order, TeacherCode

MOST = 20


class FindCodeForm(forms.Form):
    """Sent by POST only: a code in an address would stand in the server's log."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=2_000,
        help_text=gettext_lazy(
            "An activation code or a teacher code, in any form: upper or lower case, with or "
            "without hyphens, also within a pasted line."
        ),
        widget=forms.Textarea(
            attrs={"rows": 2, "class": "vLargeTextField", "autocomplete": "off", "autofocus": True}
        ),
    )


@dataclass
class Found:
    """What is known of one typed code: its orders and people, or why there are none."""

    code: str
    kind: str = ""
    orders: list[Order] = field(default_factory=list)
    activation_code: ActivationCode | None = None
    people: list[Any] = field(default_factory=list)
    problem: str = ""


def find_codes(typed: str) -> list[Found]:
    """Look up each code in a text; a text without any is taken as one mistyped code."""
    return [_find(code) for code in codes_in(typed)[:MOST]]


def _find(code: str) -> Found:
    found = Found(formatted(code))
    activation_codes = ActivationCode.objects.select_related("replacement")
    activation_code = activation_codes.filter(code=code).first()
    if activation_code:
        found.kind = _("Activation code")
        found.activation_code = activation_code
        found.orders = _orders(pk=activation_code.order_id)
        found.people = list(
            Redemption.objects.filter(code=activation_code)
            .select_related("enrolment__user", "enrolment__order")
            .order_by("pk")
        )
        return found
    teacher_code = TeacherCode.objects.filter(code=code).first()
    if teacher_code:
        found.kind = _("Teacher code")
        found.orders = _orders(teacher_code=teacher_code)
        found.people = list(
            Enrolment.objects.current()
            .filter(order__teacher_code=teacher_code, role=EnrolmentRole.TEACHER)
            .select_related("user", "order")
            .order_by("pk")
        )
        return found
    found.problem = why_unknown(code)
    return found


def _orders(**condition: Any) -> list[Order]:
    orders = Order.objects.filter(**condition).with_people().with_status(timezone.localdate())
    return list(orders.order_by("-number"))


def why_unknown(code: str) -> str:
    """A typing error, told by the check sign, or a code that was never given out."""
    if len(code) != LENGTH:
        return ngettext(
            "A typing error: a code has 13 letters and digits, and this has %(number)d.",
            "A typing error: a code has 13 letters and digits, and this has %(number)d.",
            len(code),
        ) % {"number": len(code)}
    if not is_well_formed(code):
        return _(
            "As an activation code this is a typing error: its check sign doesn't fit. "
            "There is no teacher code like this either."
        )
    return _("This is well formed, but unknown: no such code was given out.")
