"""A text that is too long is counted and refused: a browser would cut what is pasted, silently."""

import pkgutil
from importlib import import_module

import pytest
from django import forms

import licenses.admin.forms
import licenses.forms
import renewals.forms
from jasper_inventory.lib.admin import ReasonForm
from licenses.forms.orders import OrderSuspendForm

MODULES = (
    *(
        import_module(f"licenses.forms.{each.name}")
        for each in pkgutil.iter_modules(licenses.forms.__path__)
    ),
    licenses.admin.forms,
    renewals.forms,
)
FORMS = {
    each
    for module in MODULES
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, forms.BaseForm)
}


@pytest.mark.parametrize("name", ["reason", "approval_comments", "requester_comments", "comments"])
def test_no_reason_nor_comment_is_cut_by_the_browser(name):
    fields = [each.base_fields[name] for each in FORMS | {ReasonForm} if name in each.base_fields]

    assert len(FORMS) > 15 and fields
    assert not [field.label for field in fields if "maxlength" in field.widget.attrs]


def test_a_text_that_is_too_long_is_refused_with_its_length():
    form = OrderSuspendForm({"reason": "x" * 612})

    assert "at most 500 characters (it has 612)" in form.errors["reason"][0]
