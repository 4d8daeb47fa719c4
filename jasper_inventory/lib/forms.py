"""What the windows' forms share: typed dates, refusals of services beside their field, focus."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.exceptions import DomainError


class DateTextField(forms.DateField):
    """A date typed as the guide writes it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("(yyyy-mm-dd)"))
        kwargs.setdefault(
            "error_messages", {"invalid": _("Enter a date as yyyy-mm-dd, such as 2027-09-01.")}
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs["widget"] = forms.DateInput(
            format="%Y-%m-%d", attrs={"placeholder": "yyyy-mm-dd", "autocomplete": "off"}
        )
        super().__init__(**kwargs)


class TextField(forms.CharField):
    """A text whose length the server checks: `maxlength` would cut pasted text without a word."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class TokenField(forms.UUIDField):
    """Hidden, new for each form shown: the same form sent twice is told from two forms."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid4, widget=forms.HiddenInput)


def attempt(form: forms.BaseForm, service: Callable[..., Any], **kwargs: Any) -> Any:
    """Call a service; its refusal becomes an error of the form. Return None then."""
    try:
        return service(**kwargs)
    except DomainError as error:
        refuse(form, error)
        return None


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Put a refusal next to the field it belongs to, or on top of the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def focus_first_error(form: forms.BaseForm) -> None:
    """The first wrong field gets the focus when the form is shown again."""
    for name in form.fields:
        if name in form.errors:
            form.fields[name].widget.attrs["autofocus"] = True
            return
