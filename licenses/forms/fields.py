"""Form fields that several windows share."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.exceptions import ChangedMeanwhile
from jasper_inventory.lib.forms import (
    DatesForm,
    DateTextField,
    RowEditForm,
    TextField,
    WholeNumberField,
    field_of,
)
from licenses.models import COMMENTS_LENGTH, Product, ProductFamily
from licenses.models.orders import MOST_CODES, MOST_DAYS, MOST_STUDENTS
from licenses.models.requests import MOST_ASKED, REASON_LENGTH

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    # Django's field takes no type arguments at run time.
    _ProductChoiceField = forms.ModelMultipleChoiceField[Product]
else:
    _ProductChoiceField = forms.ModelMultipleChoiceField

STUDENTS_HELP = _(
    "The maximum number of students who can use the license. For a Center License, leave it empty "
    "for unlimited. User Activation Codes need a number."
)


class StudentsField(WholeNumberField):
    """A field for a number of students, with a help icon."""

    help_sign = STUDENTS_HELP


def students_field(**kwargs: Any) -> StudentsField:
    """Return the *Students* field of both request forms, with its help icon.

    The service checks the limit of each type: for codes it is codes x users per code.
    """
    return StudentsField(
        label=_("Students"),
        required=False,
        min_value=1,
        max_value=MOST_ASKED,
        error_messages={
            "min_value": _("At least 1 student."),
            "max_value": _("At most %(limit)s students."),
        },
        **kwargs,
    )


def comments_field(label: "StrOrPromise", **kwargs: Any) -> TextField:
    """Return a field for comments: the requester's, or the supplier's on what it grants."""
    return TextField(
        label=label,
        required=False,
        max_length=COMMENTS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        **kwargs,
    )


def purchase_order_field() -> TextField:
    """Return the *Purchase Order* field of both request forms."""
    return TextField(label=_("Purchase Order"), required=False, max_length=64)


class ProductMixField(_ProductChoiceField):
    """Products on offer, selected one by one or by the box of their whole family."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Product.objects.on_offer(),
            error_messages={
                "required": _("Choose at least one product."),
                "invalid_choice": _("One of these products is no longer offered."),
                "invalid_pk_value": _("One of these products is no longer offered."),
            },
            **kwargs,
        )


class ProductMixForm(forms.Form):
    """A form to select products, one by one or by the box of their family."""

    products = ProductMixField(label=_("Products Information"))

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        field_of(self, "products", ProductMixField).queryset = self.offered_products()
        if data is not None:
            self.data = self._with_families(data)

    def offered_products(self) -> QuerySet[Product]:
        """Return the products that can be selected."""
        return Product.objects.on_offer()

    def _with_families(self, data: QueryDict) -> QueryDict:
        """Return the data with every product of a selected family selected."""
        chosen = data.getlist("families")
        families = [int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 10]
        if not families:
            return data
        data = data.copy()
        ticked = data.getlist("products")
        of_families = self.offered_products().filter(family__in=families)
        data.setlist("products", list({*ticked, *(str(product.pk) for product in of_families)}))
        return data

    @property
    def ticked(self) -> set[int]:
        """Return the keys of the selected products, for the template."""
        values = self["products"].value() or []
        return {int(value) for value in values if str(value).isdecimal()}

    @property
    def families(self) -> list[ProductFamily]:
        """Return the families with their products on offer."""
        return ProductFamily.objects.with_products()

    @property
    def only_products_wrong(self) -> bool:
        """Return whether all errors are on the Products Information tab."""
        return list(self.errors) == ["products"]


def whole_number(
    label: "StrOrPromise | None", most: int, *, least: int = 1, **kwargs: Any
) -> WholeNumberField:
    """Return a field for a whole number from `least` to `most`."""
    return WholeNumberField(label=label, min_value=least, max_value=most, **kwargs)


class TermsFields(DatesForm):
    """The terms of an order, as fields of the windows that grant or change them."""

    students = whole_number(_("Students"), MOST_STUDENTS)
    number_of_codes = whole_number(_("Number of Codes"), MOST_CODES)
    duration = whole_number(_("Duration (days)"), MOST_DAYS)
    start_date = DateTextField(label=_("Start Date"))
    finish_date = DateTextField(label=_("Finish Date"))


class SeatsForm(forms.Form):
    """A form that sets seats: a number of students, or an explicit *Unlimited*.

    An empty *Students* never means a site license. If no unlimited license is possible, `limit`
    leaves only the number.
    """

    unlimited = forms.BooleanField(label=_("Unlimited (site license)"), required=False)

    def limit(self) -> None:
        """Remove the choice of unlimited: the parent order is limited, or the order has codes."""
        del self.fields["unlimited"]

    def offer_unlimited(self) -> None:
        """Make the number optional, as unlimited can be chosen."""
        self.fields["students"].required = False

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "unlimited" not in self.fields or "students" not in self.fields:
            return cleaned
        typed, unlimited = self.cleaned_data.get("students"), self.cleaned_data.get("unlimited")
        if self.needs_seats and not self.has_error("students"):
            if unlimited and typed is not None:
                text = _("Enter a number or choose unlimited, but not both.")
                self.add_error("students", text)
            elif not unlimited and typed is None:
                text = _("Enter the number of students or choose unlimited.")
                self.add_error("students", text)
        return cleaned

    @property
    def needs_seats(self) -> bool:
        """Return whether the submitted form must set seats."""
        return True


class SeatsEditForm(SeatsForm, RowEditForm):
    """A form that changes seats: *Students* and *Unlimited* are one value of the order."""

    @cached_property
    def changed_data(self) -> list[str]:
        names = super().changed_data
        if "unlimited" in names:
            names = [*(name for name in names if name != "unlimited"), "students"]
        return list(dict.fromkeys(names))

    def show_as_now(self, error: ChangedMeanwhile) -> None:
        super().show_as_now(error)
        if error.field == "students" and "unlimited" in self.fields:
            assert isinstance(self.data, QueryDict)  # the copy that it just made
            self.data[self.add_initial_prefix("unlimited")] = str(error.now is None)


def reason_field(**kwargs: Any) -> TextField:
    """Return a field for the reason of an act, kept in the history."""
    return TextField(label=_("Reason"), max_length=REASON_LENGTH, **kwargs)
