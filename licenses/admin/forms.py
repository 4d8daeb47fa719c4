"""The admin's forms for approving, rejecting, assigning, editing and enrolling."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import Model
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.submissions import TokenField
from jasper_inventory.lib.admin import AdminWholeNumberInput, admin_url
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.forms import (
    DatesForm,
    DateTextField,
    TextField,
    WholeNumberField,
    field_of,
)
from licenses.forms.fields import ProductMixField, SeatsEditForm, SeatsForm
from licenses.models import COMMENTS_LENGTH, Enrollment, InventoryType, Order, Product
from licenses.models.orders import MOST_CODES, MOST_DAYS, MOST_STUDENTS, MOST_USERS_PER_CODE
from licenses.models.requests import REASON_LENGTH
from licenses.order_fields import EDITED, LABELS
from licenses.services.allocations import already_ended, product_ids, swapped_dates
from licenses.services.order_edits import wrong_dates_of
from licenses.services.orders import TERM_FIELDS
from licenses.terms import OFFERED_DURATION, Terms, offered_dates

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    # Django's classes take no type arguments at run time.
    _ProductIterator = ModelChoiceIterator[Product]
    _ModelForm = forms.ModelForm[Model]
else:
    _ProductIterator, _ModelForm = ModelChoiceIterator, forms.ModelForm

OF_CENTER_LICENSE = ("students",)
SEATS = ("students", "unlimited")
OF_CODES = ("number_of_codes", "users_per_code", "duration")
# The fields after the terms: on adding an order, the arguments of `OrderAdmin._assign`; on editing
# it, all that can be edited.
ADDING_OTHERS = ("products", "purchase_order", "teacher_code", "approval_comments")
EDITING_OTHERS = ("products", *(name for name in LABELS if name not in {*TERM_FIELDS, "is_active"}))


def _date_field(label: "StrPromise") -> DateTextField:
    return DateTextField(label=label, widget=AdminDateWidget)


def _number_field(label: "StrPromise", most: int, **kwargs: Any) -> WholeNumberField:
    return WholeNumberField(
        label=label, min_value=1, max_value=most, widget=AdminWholeNumberInput, **kwargs
    )


def _emptied(field: WholeNumberField) -> WholeNumberField:
    return WholeNumberField(
        label=field.label,
        min_value=0,
        max_value=field.max_value,
        required=field.required,
        widget=AdminWholeNumberInput,
        help_text=field.help_text,
    )


def comments_field(**kwargs: Any) -> TextField:
    """Return a field for the approval comments, which the requester reads."""
    return TextField(
        label=gettext_lazy("Approval comments"),
        required=False,
        max_length=COMMENTS_LENGTH,
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 4}),
        **kwargs,
    )


def teacher_code_field(**kwargs: Any) -> forms.CharField:
    """Return a field for a teacher code, with or without hyphens and spaces."""
    return forms.CharField(
        label=gettext_lazy("Teacher code"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        **kwargs,
    )


class TermsForm(SeatsForm, DatesForm):
    """The terms of an order of either inventory type."""

    start_date = _date_field(gettext_lazy("Start date"))
    finish_date = _date_field(gettext_lazy("Finish date"))
    students = _number_field(
        gettext_lazy("Students"),
        MOST_STUDENTS,
        required=False,
        help_text=gettext_lazy("The maximum number of students."),
    )
    unlimited = forms.BooleanField(label=gettext_lazy("Unlimited (site license)"), required=False)
    number_of_codes = _number_field(gettext_lazy("Number of codes"), MOST_CODES)
    users_per_code = _number_field(gettext_lazy("Users per code"), MOST_USERS_PER_CODE)
    duration = _number_field(
        gettext_lazy("Duration (days)"),
        MOST_DAYS,
        help_text=gettext_lazy("How long a student can use the courses after redeeming a code."),
    )

    link_to = staticmethod(admin_url)

    def keep_fields_of(self, *, is_codes: bool) -> None:
        """Drop the fields that don't apply to the inventory type."""
        for name in SEATS if is_codes else OF_CODES:
            del self.fields[name]

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        yield from swapped_dates(start, finish)
        yield from already_ended(finish)

    def terms(self) -> Terms:
        """Return the entered terms, as the services take them."""
        names = Terms.__dataclass_fields__
        values: dict[str, Any] = {name: self.cleaned_data.get(name) for name in names}
        return Terms(**values)


class AdminReviewForm(TermsForm):
    """Approve or reject a request: the terms, and comments for the requester."""

    teacher_code = teacher_code_field(
        help_text=gettext_lazy("For example, U7DA7-NIFE-3017. Leave empty to create a random code.")
    )
    approval_comments = comments_field(
        help_text=gettext_lazy("The requester will see this. Required to reject.")
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        is_codes: bool,
        keeps_code: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.keep_fields_of(is_codes=is_codes)
        if keeps_code:
            del self.fields["teacher_code"]
        self.decision = data.get("decision", "") if data else ""

    @property
    def needs_seats(self) -> bool:
        return self.decision != "reject"

    def clean(self) -> dict[str, Any]:
        """Ignore errors in the terms when rejecting; they stay as typed."""
        super().clean()
        if self.decision == "reject":
            for name in set(self.errors) - {"approval_comments"}:
                del self.errors[name]
        elif self.decision not in ("preview", "edit", "approve"):
            self.add_error(None, _("Choose Preview Approval or Reject."))
        return self.cleaned_data


class RejectForm(forms.Form):
    """One comment for all selected requests."""

    comments = comments_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comments"].required = True


class FamilyIterator(_ProductIterator):
    """Groups products by their family."""

    # The stubs leave out that a choice may be a group of choices.
    def __iter__(  # type: ignore[override]
        self,
    ) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        families: dict[str, list[tuple[int, str]]] = {}
        for product in self.queryset.select_related("family"):
            families.setdefault(product.family.name, []).append((product.pk, product.name))
        yield from families.items()


class ProductsField(ProductMixField):
    """The product mix, selected one by one; `kept` adds retired products that the order has."""

    iterator = FamilyIterator

    def offer(self, *, kept: Iterable[int] = ()) -> None:
        """List the products on offer, and retired ones only if they are in `kept`."""
        self.queryset = Product.objects.filter(
            pk__in=Product.objects.on_offer().values("pk")
        ) | Product.objects.filter(pk__in=kept)


class ServiceForm(_ModelForm):
    """A model form that leaves validation to the service, whose errors name their field."""

    def _get_validation_exclusions(self) -> set[str]:
        return {field.name for field in self._meta.model._meta.get_fields()}


class _OrderForm(TermsForm, ServiceForm):
    """The fields that assigning and editing share."""

    instance: Order

    products = ProductsField(label=gettext_lazy("Products"))
    teacher_code = teacher_code_field()
    approval_comments = comments_field()


class AssignForm(_OrderForm):
    """Assign an order without a request."""

    form_token = TokenField()

    class Meta:
        model = Order
        fields = ("assigned_to", "inventory_type", "purchase_order")
        widgets = {"inventory_type": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields
        field_of(self, "products", ProductsField).offer()
        field_of(self, "inventory_type", forms.ChoiceField).choices = InventoryType.choices
        fields["start_date"].initial, fields["finish_date"].initial = offered_dates(
            timezone.localdate()
        )
        for name in OF_CODES:
            fields[name].required = False
        fields["users_per_code"].help_text = _("Leave empty for 1.")
        fields["duration"].help_text = _(
            "How long a student can use the courses after redeeming a code. "
            "Leave empty for %(days)d."
        ) % {"days": OFFERED_DURATION}
        fields["teacher_code"].help_text = _("Leave empty to create a random code.")

    @property
    def needs_seats(self) -> bool:
        return self.cleaned_data.get("inventory_type") == InventoryType.CENTER_LICENSE

    def clean(self) -> dict[str, Any]:
        """Reject numbers of the other inventory type, and fill in default terms."""
        super().clean()
        cleaned = self.cleaned_data
        kind = cleaned.get("inventory_type")
        if not kind:
            return cleaned
        is_codes = kind == InventoryType.USER_ACTIVATION_CODES
        for name in SEATS if is_codes else OF_CODES:
            if cleaned.get(name) not in (None, False):
                other = _("Center License") if is_codes else _("User Activation Codes")
                self.add_error(
                    name, _("This field is only for the inventory type %s. Clear it.") % other
                )
        if is_codes and "number_of_codes" not in self.errors:
            if cleaned.get("number_of_codes") is None:
                self.add_error("number_of_codes", _("Enter a number for User Activation Codes."))
            cleaned["users_per_code"] = cleaned.get("users_per_code") or 1
            cleaned["duration"] = cleaned.get("duration") or OFFERED_DURATION
        return cleaned


class EditForm(SeatsEditForm, _OrderForm):
    """Edit an approved order."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("Optional. The license holder will see it."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )

    class Meta:
        model = Order
        fields = ("purchase_order", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.instance
        self.keep_fields_of(is_codes=order.is_codes)
        held = product_ids(order)
        field_of(self, "products", ProductsField).offer(kept=held)
        initial: dict[str, object] = {
            "products": sorted(held),
            "teacher_code": str(order.teacher_code or ""),
        }
        initial["unlimited"] = order.is_unlimited
        initial |= {name: getattr(order, name) for name in EDITED}
        self.initial = {**self.initial, **initial, **kwargs.get("initial", {})}
        for name in ("students", "number_of_codes"):
            if name in self.fields and getattr(order, name) == 0:
                # All its seats were reclaimed: 0 may stay.
                self.fields[name] = _emptied(field_of(self, name, WholeNumberField))
        for field in self.fields.values():
            field.show_hidden_initial = True
        self.fields["teacher_code"].help_text = _(
            "Enter another code to change it. Teachers will then join with the new code."
        )

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        """Check the resulting dates; an unchanged date keeps its current value."""
        touched = {"start_date", "finish_date"} & set(self.changed_data)
        if touched:
            order = self.instance
            yield from wrong_dates_of(
                order,
                start if "start_date" in touched else order.start_date,
                finish if "finish_date" in touched else order.finish_date,
            )


class EnrollForm(ServiceForm):
    """Enroll a teacher, or a student of a Center License, on an order."""

    class Meta:
        model = Enrollment
        fields = ("order", "user", "role", "teacher")
