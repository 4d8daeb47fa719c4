"""The forms of the Edit Order and Request New License windows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.forms import TextField, TokenField
from licenses.models import COMMENTS_LENGTH, InventoryType, Product, ProductFamily
from licenses.models.orders import MOST_STUDENTS, MOST_USERS_PER_CODE
from licenses.models.requests import REASON_LENGTH

STUDENTS_HELP = _(
    "The greatest number of students who can use the license. Left empty it means unlimited for a "
    "Center License; User Activation Codes need a number."
)


class OrderActiveForm(forms.Form):
    """What a holder may change of an order: its *Active License* box, with a reason."""

    is_active = forms.BooleanField(label=_("Active License"), required=False)
    # What the box showed: a form that changed nothing must not undo a change made meanwhile.
    shown_active = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = TextField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_("Optional; kept with the change."),
    )


def students_field(**kwargs):
    """The *Students* field of both request forms, with its help sign."""
    field = forms.IntegerField(
        label=_("Students"),
        required=False,
        min_value=1,
        max_value=MOST_STUDENTS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Enter a whole number."),
            "min_value": _("At least 1 student."),
            "max_value": _("At most 1,000,000 students."),
        },
        **kwargs,
    )
    field.help_sign = STUDENTS_HELP
    return field


def comments_field():
    """The *Requester Comments* field of both request forms."""
    return TextField(
        label=_("Requester Comments"),
        required=False,
        max_length=COMMENTS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def purchase_order_field():
    """The *Purchase Order* field of both request forms."""
    return TextField(label=_("Purchase Order"), required=False, max_length=64)


class ProductMixField(forms.ModelMultipleChoiceField):
    """Products on offer, ticked one by one or by their family's box, which means all of it."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(
            Product.objects.on_offer(),
            error_messages={
                "required": _("Choose at least one product."),
                "invalid_choice": _("A product that was chosen is no longer offered."),
                "invalid_pk_value": _("A product that was chosen is no longer offered."),
            },
            **kwargs,
        )


class OrderRequestForm(forms.Form):
    """Request New License: both tabs in one form."""

    form_token = TokenField()
    purchase_order = purchase_order_field()
    inventory_type = forms.ChoiceField(
        label=_("Inventory Type"),
        choices=InventoryType.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an inventory type.")},
    )
    students = students_field()
    users_per_code = forms.IntegerField(
        label=_("Users (per code)"),
        required=False,
        min_value=1,
        max_value=MOST_USERS_PER_CODE,
        help_text=_("For User Activation Codes: how many people may use one code; 1 if left."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter a whole number.")},
    )
    requester_comments = comments_field()
    products = ProductMixField(label=_("Products Information"))

    def __init__(self, data=None, *args, **kwargs):
        if data is not None:
            data = self._with_families(data)
        super().__init__(data, *args, **kwargs)

    @staticmethod
    def _with_families(data):
        """The data with every product of a ticked family ticked."""
        families = [pk for pk in data.getlist("families") if pk.isdecimal() and len(pk) < 10]
        if not families:
            return data
        data = data.copy()
        ticked = data.getlist("products")
        of_families = Product.objects.on_offer().filter(family__in=families)
        data.setlist("products", {*ticked, *(str(product.pk) for product in of_families)})
        return data

    @property
    def ticked(self):
        """The keys of the products ticked, as the template needs them."""
        values = self["products"].value() or []
        return {int(value) for value in values if str(value).isdecimal()}

    @property
    def families(self):
        """Families with their products on offer."""
        return ProductFamily.objects.with_products()

    @property
    def only_products_wrong(self):
        """Whether the Products Information tab is the one to show."""
        return list(self.errors) == ["products"]
