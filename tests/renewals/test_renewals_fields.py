"""A field of the renewal form is shown, submitted, stored, and shown to everyone who reads it."""

import inspect

from licenses.models import RequestFields
from renewals.forms import RenewalRequestForm
from renewals.models import RenewalRequest
from renewals.services import request_renewal
from tests import factories
from tests.pages import parsed


def test_the_window_has_an_input_for_every_field_of_the_form(sign_in, admin, center):
    order = factories.order(assigned_to=center)

    page = parsed(sign_in(admin).get(f"/inventory/{order.number}/renew/"))

    assert {field.get("name") for field in page.cssselect("[name]")} >= {
        *RenewalRequestForm.base_fields
    }


def test_every_field_of_the_form_is_an_argument_of_the_service(center):
    order = factories.order(assigned_to=center)
    form = RenewalRequestForm(order=order)
    form.cleaned_data = dict.fromkeys(form.fields)
    arguments = set(inspect.signature(request_renewal).parameters)

    assert set(form.asked()) == arguments - {"order", "by", "requested_by_organization"}


def test_every_column_of_a_renewal_request_is_among_its_facts(db):
    shared = {field.name for field in RequestFields._meta.fields}
    own = {field.name for field in RenewalRequest._meta.concrete_fields} - shared
    renewal = factories.renewal_request()
    texts = {text for _label, text in renewal.requested_facts}

    for name in own - {"id", "order", "new_order"}:
        display = getattr(renewal, f"get_{name}_display", lambda name=name: getattr(renewal, name))
        assert str(display()) in texts, name
