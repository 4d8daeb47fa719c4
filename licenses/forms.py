"""The forms of the windows Edit Order, Request New License, Assign License and the like."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.forms import DateTextField, TextField, TokenField
from licenses.models import COMMENTS_LENGTH, InventoryType, Product, ProductFamily
from licenses.models.orders import MOST_CODES, MOST_DAYS, MOST_STUDENTS, MOST_USERS_PER_CODE
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


class ProductMixForm(forms.Form):
    """A form with products to tick, one by one or by their family's box."""

    products = ProductMixField(label=_("Products Information"))

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.fields["products"].queryset = self.offered_products()
        if data is not None:
            self.data = self._with_families(data)

    def offered_products(self):
        """What may be ticked."""
        return Product.objects.on_offer()

    def _with_families(self, data):
        """The data with every product of a ticked family ticked."""
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


class OrderRequestForm(ProductMixForm):
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
    field_order = [
        *("form_token", "purchase_order", "inventory_type", "students", "users_per_code"),
        *("requester_comments", "products"),
    ]


def _whole_number(label, most, **kwargs):
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Enter a whole number."),
            "min_value": _("At least 1."),
            "max_value": _("At most %(limit_value)d."),
        },
        **kwargs,
    )


class OrderAssignForm(ProductMixForm):
    """Assign License: an order for a direct child, out of the source."""

    form_token = TokenField()
    assigned_to = forms.ModelChoiceField(
        Organization.objects.none(),
        label=_("Assigned To"),
        empty_label=_("Choose"),
        error_messages={
            "required": _("Choose who gets the license."),
            "invalid_choice": _("Licenses are given on to direct children only."),
        },
    )
    students = _whole_number(_("Students"), MOST_STUDENTS)
    number_of_codes = _whole_number(_("Number of Codes"), MOST_CODES)
    duration = _whole_number(_("Duration (days)"), MOST_DAYS)
    start_date = DateTextField(label=_("Start Date"))
    finish_date = DateTextField(label=_("Finish Date"))
    purchase_order = purchase_order_field()
    approval_comments = forms.CharField(
        label=_("Comments"),
        required=False,
        max_length=COMMENTS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The holder reads them."),
    )
    field_order = [
        *("form_token", "assigned_to", "students", "number_of_codes", "duration", "start_date"),
        *("finish_date", "purchase_order", "approval_comments", "products"),
    ]

    def __init__(self, data=None, *, source, today, **kwargs):
        self.source = source
        held = list(source.products.values_list("pk", flat=True))
        initial = {
            "start_date": max(source.start_date, today),
            "finish_date": source.finish_date,
            "duration": source.duration,
            "products": held,
        }
        super().__init__(data, initial=initial, **kwargs)
        self.fields["assigned_to"].queryset = Organization.objects.get_children(
            source.assigned_to
        ).order_by("name")
        self.fields["products"].error_messages["invalid_choice"] = _(
            "Not all of the products are on the source order."
        )
        for name in ("students",) if source.is_codes else ("number_of_codes", "duration"):
            del self.fields[name]
        if not source.is_codes and source.students is None:
            self.fields["students"].required = False
            self.fields["students"].help_text = _("Left empty it means unlimited.")

    def offered_products(self):
        """The source's, retired ones too."""
        return self.source.products.all()

    @property
    def families(self):
        """Families with the source's products."""
        return ProductFamily.objects.with_products(only=self.initial["products"])


def _reason_field(**kwargs):
    return forms.CharField(label=_("Reason"), max_length=REASON_LENGTH, **kwargs)


class OrderTakeBackForm(forms.Form):
    """Take Back: how many unused places or codes, and why."""

    form_token = TokenField()
    number = _whole_number("", MOST_STUDENTS)
    reason = _reason_field(help_text=_("The holder reads it."))

    def __init__(self, data=None, *, order, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["number"].label = _("Number of Codes") if order.is_codes else _("Students")


class OrderSuspendForm(forms.Form):
    """Suspend: why."""

    reason = _reason_field(help_text=_("The holder reads it."))


class OrderResumeForm(forms.Form):
    """Resume: nothing to fill in."""


class OrderAlertsForm(forms.Form):
    """Alerts: the two numbers of students."""

    first_alert = _whole_number(_("First Alert at"), MOST_STUDENTS)
    second_alert = _whole_number(_("Second Alert at"), MOST_STUDENTS)


class OrderPauseForm(forms.Form):
    """Pause New Enrolments: why, if one likes."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_("Optional; all who may see the order read it."),
    )


class OrderUnpauseForm(forms.Form):
    """Allow New Enrolments: nothing to fill in."""


class OrderReplaceCodeForm(forms.Form):
    """Replace Teacher Code: which one it was that is to be replaced."""

    shown = forms.IntegerField(widget=forms.HiddenInput)
