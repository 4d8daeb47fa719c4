"""Lookup of typed activation codes, teacher codes and group keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activation_codes.code_check import is_well_formed
from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.lib.code_format import (
    CODE_LENGTHS,
    KEY_LENGTHS,
    NEW_KEY_LENGTH,
    explain_impossible_characters,
    formatted,
    is_key,
    typed_codes,
)
from licenses.models import Enrollment, EnrollmentRole, Order, TeacherCode

MOST = 20


class FindCodeForm(forms.Form):
    """A search for codes, sent by POST only, because a URL would be in the server's log."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=2_000,
        help_text=gettext_lazy(
            "Enter an activation code, teacher code or group key, in upper or lower case, with or "
            "without hyphens, or a pasted line that contains one."
        ),
        widget=forms.Textarea(
            attrs={"rows": 2, "class": "vLargeTextField", "autocomplete": "off", "autofocus": True}
        ),
    )


@dataclass
class Found:
    """A typed code with its orders and people, or the problem with it."""

    code: str
    kind: str = ""
    orders: list[Order] = field(default_factory=list)
    activation_code: ActivationCode | None = None
    people: Sequence[Redemption | Enrollment] = ()
    problem: str = ""

    @property
    def enrollments(self) -> list[Enrollment]:
        """The enrollments of its people."""
        return [
            person.enrollment if isinstance(person, Redemption) else person
            for person in self.people
        ]


def find_codes(typed: str) -> list[Found]:
    """Look up each code in a text; a text without codes counts as one mistyped code."""
    return [_find(code) for code in typed_codes(typed)[:MOST]]


def _find(code: str) -> Found:
    found = Found(formatted(code))
    if not any(look_up(found, code) for look_up in (_activation_code, _teacher_code, _group_key)):
        found.problem = why_unknown(code)
    return found


def _activation_code(found: Found, code: str) -> bool:
    activation_codes = ActivationCode.objects.select_related("replacement")
    activation_code = activation_codes.filter(code=code).first()
    if activation_code is None:
        return False
    found.kind = _("Activation code")
    found.activation_code = activation_code
    found.orders = _orders(pk=activation_code.order_id)
    found.people = list(
        Redemption.objects.filter(code=activation_code)
        .select_related("enrollment__user", "enrollment__order")
        .order_by("pk")
    )
    return True


def _teacher_code(found: Found, code: str) -> bool:
    found.kind = _("Teacher code")
    if known := TeacherCode.objects.typed(code).first():
        code = known.code
        found.code = formatted(code)
    found.orders = _orders(teacher_code__code=code)
    if not found.orders:
        found.kind = _("Replaced teacher code")
        # People who joined by it are found at the order.
        found.orders = _orders(events__teacher_code__code=code)
    found.people = _teachers(order__teacher_code__code=code)
    return bool(found.orders)


def _group_key(found: Found, key: str) -> bool:
    led_to = Enrollment.objects.led_to_by(key)
    found.orders = _orders(enrollments__in=led_to)
    found.people = _teachers(pk__in=led_to.values("pk"))
    is_present = any(
        person.group_key and person.group_key.key == key for person in found.enrollments
    )
    found.kind = _("Group key") if is_present else _("Former group key")
    return bool(found.orders)


def _teachers(**condition: Any) -> list[Enrollment]:
    """Return teachers who are currently on their orders."""
    teaching = Enrollment.objects.current().filter(role=EnrollmentRole.TEACHER, **condition)
    return list(teaching.select_related("user", "order", "group_key").order_by("pk"))


def _orders(**condition: Any) -> list[Order]:
    orders = Order.objects.filter(**condition).with_people().with_status(timezone.localdate())
    return list(orders.order_by("-number").distinct())


def why_unknown(code: str) -> str:
    """Explain a code that wasn't found: a typing error, or a code that no order has."""
    if len(code) in KEY_LENGTHS:
        return _unknown_key(code)
    if len(code) not in CODE_LENGTHS:
        return _(
            "There is a typing error. Activation codes have 20 or 13 letters and digits, teacher "
            "codes 13, and group keys 17 or 8. This has %(number)d."
        ) % {"number": len(code)}
    if reason := explain_impossible_characters(code):
        return f"{reason} {_('No teacher code matches it either.')}"
    if not is_well_formed(code):
        return _(
            "As an activation code, this has a typing error: its check character doesn't match. "
            "No teacher code matches it either."
        )
    return _("No order that you can see has this code.")


def _unknown_key(key: str) -> str:
    if reason := explain_impossible_characters(key):
        return reason
    if not is_key(key):
        return _(
            "As a group key, this has a typing error: its last character, the check character, "
            "doesn't match."
        )
    if len(key) == NEW_KEY_LENGTH:
        return _("No order that you can see has this group key.")
    return _("No order that you can see has this group key. Check it for typing errors.")
