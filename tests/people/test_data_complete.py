"""References to a person are in the person's data, erased with the account, or say why not."""

import json
import re

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activation_codes.models import CodeDownload
from activation_codes.services.codes import replace_code
from jasper_inventory.accounts.models import LogEntry, RefusedAddress, Role, User
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.people.data_export import my_data
from jasper_inventory.people.erasure import erase_person
from licenses.services.requests import reject_request
from tests import admin_pages as ui
from tests import factories

pytestmark = pytest.mark.django_db

# References to people that are neither in their data nor erased, and why.
LEFT_OUT = {
    "accounts.Notice.people": "an email to someone else; the neutral name stands in it afterwards",
    "pghistory.MiddlewareEvents.user": "a view of the history that the package brings",
}
# The history of rows that are in the data; it refers to people by their keys.
HISTORY = re.compile(r"\.\w+Event\.\w+$")


def references_to_people():
    """`{app.Model.field: (table, column)}` of all keys and lists of keys of people."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            is_list = isinstance(field, ArrayField) and field.name == "people"
            if (field.is_relation and field.related_model is User) or is_list:
                found[f"{model._meta.label}.{field.name}"] = (model._meta.db_table, field.column)
    return found


def test_every_list_of_keys_is_known_to_be_of_people_or_not():
    lists = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, ArrayField)
    }
    assert {name for name in lists if not name.endswith(".people")} == set()


def test_everything_that_refers_to_a_person_is_accounted_for(staff):
    user = factories.person()
    with CaptureQueriesContext(connection) as queries:
        my_data(user)
        erase_person(user=user, by=staff)
    statements = [query["sql"] for query in queries]
    assert any("accounts_erase_from_log" in statement for statement in statements)

    def is_looked_up(table, column):
        condition = re.compile(rf'"{table}"\."{column}" (= {user.pk}\b|@> |IN \({user.pk}\b)')
        return any(condition.search(statement) for statement in statements)

    missing = {
        name
        for name, (table, column) in references_to_people().items()
        if not HISTORY.search(name) and not is_looked_up(table, column)
    }
    assert missing == set(LEFT_OUT)


def test_the_data_of_a_person_who_works_for_an_organization(center, staff, sign_in):
    boss = factories.member(center)
    user = boss.user
    order = factories.order(factories.CODES, assigned_to=center, by=staff)
    code, *_others = factories.codes(order, by=user)
    download = sign_in(user).get(f"/inventory/{order.number}/codes/download/")
    download.getvalue()
    assert CodeDownload.objects.filter(downloaded_by=user)
    replace_code(code=code, by=user)
    invite(organization=center, role=Role.TEACHER, email="new@example.com", by=user)
    sign_in(staff).get(ui.url(User, "change", user.pk))
    User.objects.filter(pk=user.pk).update(lost_email="lost@example.com")

    data = json.loads(sign_in(user).get("/me/download/").content)

    assert data["account"]["email_that_another_account_confirmed"] == "lost@example.com"
    done = [(act["act"], act["order_number"]) for act in data["what_you_did"] if act["at"]]
    assert done == [
        (act, order.number) for act in ("codes created", "codes downloaded", "code replaced")
    ]
    (sent,) = data["invitations"]["sent"]
    assert sent["organization__name"] == center.name
    about = [entry["action"] for entry in data["activity_log"]["acts_about_you"]]
    assert about == ["people.viewed"]
    own = [entry["action"] for entry in data["activity_log"]["your_acts"]]
    assert "codes.downloaded" in own and "activation code.replaced" in own
    text = json.dumps(data)
    for other in ("new@example.com", staff.username, str(staff), code.code):
        assert other not in text


def test_the_data_of_someone_whose_address_refuses_email(admin, sign_in):
    now = timezone.now()
    for address in (admin.user.email, "someone.else@example.com"):
        RefusedAddress.objects.create(address=address, answer="550 No such user", refused_at=now)

    data = json.loads(sign_in(admin).get("/me/download/").content)

    (refused,) = data["refused_addresses"]
    assert (refused["address"], refused["answer"]) == (admin.user.email, "550 No such user")


def test_the_data_of_cci_staff(center, admin, staff, sign_in):
    request = factories.license_request(membership=admin)
    reject_request(request=request, by=staff, comments="No.")
    desk = sign_in(staff)
    desk.get(ui.url(User, "change", admin.user_id))

    data = json.loads(desk.get("/me/download/").content)

    (look,) = [one for one in data["activity_log"]["your_acts"] if one["action"] == "people.viewed"]
    assert look["at"] and look["after"] == {"page": "accounts_user_change"}
    done = [(act["act"], act["order_number"]) for act in data["what_you_did"]]
    assert done == [
        (act, request.number) for act in ("license request reviewed", "activity on a license")
    ]
    assert admin.user.username not in json.dumps(data)
    assert LogEntry.objects.filter(action="people.viewed").count() == 1
