"""Form fields that several windows share."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import (
    DatesForm,
    DateTextField,
    RowEditForm,
    TextField,
    WholeNumberField,
)
from licenses.models import COMMENTS_LENGTH, Product, ProductFamily
from licenses.models.orders import MOST_CODES, MOST_DAYS, MOST_STUDENTS
from licenses.models.requests import MOST_ASKED, REASON_LENGTH

STUDENTS_HELP = _(
    "The maximum number of students who can use the license. For a Center License, leave it empty "
    "for unlimited. User Activation Codes need a number."
)


def students_field(**kwargs):
    """Return the *Students* field of both request forms, with its help icon.

    The service checks the limit of each type: for codes it is codes x users per code.
    """
    field = WholeNumberField(
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
    field.help_sign = STUDENTS_HELP
    return field


def comments_field(label, **kwargs):
    """Return a field for comments: the requester's, or the supplier's on what it grants."""
    return TextField(
        label=label,
        required=False,
        max_length=COMMENTS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        **kwargs,
    )


def purchase_order_field():
    """Return the *Purchase Order* field of both request forms."""
    return TextField(label=_("Purchase Order"), required=False, max_length=64)


class ProductMixField(forms.ModelMultipleChoiceField):
    """Products on offer, selected one by one or by the box of their whole family."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
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

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.fields["products"].queryset = self.offered_products()
        if data is not None:
            self.data = self._with_families(data)

    def offered_products(self):
        """Return the products that can be selected."""
        return Product.objects.on_offer()

    def _with_families(self, data):
        """Return the data with every product of a selected family selected."""
        families = [pk for pk in data.getlist("families") if pk.isdecimal() and len(pk) < 10]
        if not families:
            return data
        data = data.copy()
        ticked = data.getlist("products")
        of_families = self.offered_products().filter(family__in=families)
        data.setlist("products", {*ticked, *(str(product.pk) for product in of_families)})
        return data

    @property
    def ticked(self):
        """Return the keys of the selected products, for the template."""
        values = self["products"].value() or []
        return {int(value) for value in values if str(value).isdecimal()}

    @property
    def families(self):
        """Return the families with their products on offer."""
        return ProductFamily.objects.with_products()

    @property
    def only_products_wrong(self):
        """Return whether all errors are on the Products Information tab."""
        return list(self.errors) == ["products"]


def whole_number(label, most, *, least=1, **kwargs):
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

    def limit(self):
        """Remove the choice of unlimited: the parent order is limited, or the order has codes."""
        del self.fields["unlimited"]

    def offer_unlimited(self):
        """Make the number optional, as unlimited can be chosen."""
        self.fields["students"].required = False

    def clean(self):
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
    def needs_seats(self):
        """Return whether the submitted form must set seats."""
        return True


class SeatsEditForm(SeatsForm, RowEditForm):
    """A form that changes seats: *Students* and *Unlimited* are one value of the order."""

    @cached_property
    def changed_data(self):
        names = super().changed_data
        if "unlimited" in names:
            names = [*(name for name in names if name != "unlimited"), "students"]
        return list(dict.fromkeys(names))

    def show_as_now(self, error):
        super().show_as_now(error)
        if error.field == "students" and "unlimited" in self.fields:
            self.data[self.add_initial_prefix("unlimited")] = str(error.now is None)


def reason_field(**kwargs):
    """Return a field for the reason of an act, kept in the history."""
    return TextField(label=_("Reason"), max_length=REASON_LENGTH, **kwargs)
