"""The admin refuses forged addresses and fields, each as a kind."""

import pytest
from django.contrib import admin
from django.urls import reverse

pytestmark = pytest.mark.django_db
FORGED = ["x", "1.5", "-1", "9" * 19, "9" * 400, "²", ""]


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("value", FORGED)
@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_fields_that_name_a_row_take_any_text(sign_in, staff, model, value):
    model_admin = admin.site._registry[model]
    names = [field.name for field in model._meta.fields if field.is_relation]
    typed = {name: value for name in {*names, *model_admin.autocomplete_fields}}

    assert sign_in(staff).post(address(model, "add"), typed).status_code in (200, 403)


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_a_list_that_is_sent_without_an_action_is_shown(sign_in, staff, model):
    for typed in ({}, {"action": ""}, {"action": "none", "_selected_action": "x"}):
        assert sign_in(staff).post(address(model, "changelist"), typed).status_code in (
            200,
            302,
            403,
        )


@pytest.mark.parametrize("page", ["changelist", "add", "change", "delete", "history"])
@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_an_empty_field_to_look_up_by_is_refused(sign_in, staff, model, page):
    args = () if page in ("changelist", "add") else (1,)

    assert sign_in(staff).get(address(model, page, *args) + "?_to_field=").status_code == 400


def test_there_is_no_redirect_to_any_row(sign_in, staff):
    assert sign_in(staff).get("/admin/r/1/1/").status_code in (302, 404)


@pytest.mark.parametrize("key", FORGED[:-1])
def test_the_tree_is_opened_by_keys_only(sign_in, staff, key):
    address = f"/admin/accounts/organization/children/{key}/"

    assert sign_in(staff).get(address).status_code == 404
    assert sign_in(staff).get("/admin/accounts/organization/children/1/?x=1").status_code == 400
