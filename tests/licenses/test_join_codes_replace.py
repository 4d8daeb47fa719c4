"""The Replace Teacher Code window."""

import pytest

from jasper_inventory.lib.exceptions import UnknownCode
from licenses.models import GroupKey, Order
from licenses.services.enrollments import enroll_teacher
from licenses.services.joins import join_by_group_key
from tests import factories
from tests.licenses.acts import allocate, parent_of
from tests.pages import DIALOG, facts, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


def address(order):
    return f"/inventory/{order.number}/replace-code/"


def code_of(order):
    return Order.objects.select_related("teacher_code").get(pk=order.pk).teacher_code


def shown_on(page):
    """The data of the form."""
    [form] = [f for f in parsed(page).forms if "shown" in f.fields]
    return {"shown": form.fields["shown"]}


def test_the_window_names_the_code_and_opening_it_does_nothing(sign_in, admin, order):
    page = sign_in(admin).get(address(order))
    assert text(parsed(page).cssselect("h1")[0]) == "Replace Teacher Code"
    assert facts(page)["Teacher Code"] == str(order.teacher_code)
    assert "group keys" in page_text(page)
    assert code_of(order) == order.teacher_code


def test_the_new_code_is_shown(sign_in, admin, order):
    site = sign_in(admin)
    response = site.post(address(order), shown_on(site.get(address(order))))
    assert (response.status_code, response.url) == (302, "/inventory/")
    new = code_of(order)
    assert new != order.teacher_code
    assert notifications(site.get("/inventory/")) == [
        f"Order {order} has a new teacher code: {new}. Give it to your teachers; the old one no "
        "longer works."
    ]


def test_the_group_keys_are_replaced_too_and_their_teachers_notified(
    sign_in, admin, center, mailoutbox
):
    site_license = factories.order(assigned_to=center, students=None)
    teachers = [
        enroll_teacher(order=site_license, user=factories.person(), by=admin.user).enrollment
        for _one in range(2)
    ]
    keys = [str(teacher.group_key) for teacher in teachers]
    site = sign_in(admin)
    page = site.get(address(site_license))
    assert parsed(page).cssselect("[name=group_keys]")[0].get("checked") is not None

    mailoutbox.clear()
    site.post(address(site_license), {**shown_on(page), "group_keys": "on"})
    for teacher, key in zip(teachers, keys, strict=True):
        with pytest.raises(UnknownCode):
            join_by_group_key(typed=key, by=factories.person())
        new = str(GroupKey.objects.get(pk=teacher.group_key_id))
        assert join_by_group_key(typed=new, by=factories.person()).is_new
        assert all(new not in email.body for email in mailoutbox)
    assert {email.to[0] for email in mailoutbox} == {teacher.user.email for teacher in teachers}
    assert f"/teaching/{site_license.number}/" in mailoutbox[0].body


def test_without_the_box_the_group_keys_stay(sign_in, admin, order, mailoutbox):
    teacher = enroll_teacher(order=order, user=factories.person(), by=admin.user).enrollment
    site = sign_in(admin)
    page = site.get(address(order))
    assert parsed(page).cssselect("[name=group_keys]")[0].get("checked") is None
    mailoutbox.clear()
    site.post(address(order), shown_on(page))
    assert join_by_group_key(typed=str(teacher.group_key), by=factories.person()).is_new
    assert not mailoutbox


def test_the_form_sent_twice_replaces_it_once(sign_in, admin, order):
    site = sign_in(admin)
    typed = shown_on(site.get(address(order)))
    site.post(address(order), typed)
    new = code_of(order)
    response = site.post(address(order), typed)
    assert "The teacher code was already replaced." in page_text(response)
    assert code_of(order) == new


def test_the_assigner_may_too(sign_in, hub, center, hub_admin):
    child = allocate(parent_of(hub), center, hub_admin.user)
    site = sign_in(hub_admin)
    site.post(address(child), shown_on(site.get(address(child))))
    assert code_of(child) != child.teacher_code


def test_the_code_of_another_order_is_not_touched(sign_in, admin, foreign_admin, order):
    foreign = factories.order(assigned_to=foreign_admin.organization)
    sign_in(admin).post(address(order), {"shown": foreign.teacher_code_id})
    assert code_of(foreign) == foreign.teacher_code
    assert code_of(order) == order.teacher_code


def test_as_a_dialog_for_no_others_and_by_no_other_method(
    sign_in, admin, foreign_admin, hub_admin, order
):
    typed = {"shown": order.teacher_code_id}
    assert b"<html" not in sign_in(admin).get(address(order), **DIALOG).content
    assert sign_in(admin).put(address(order)).status_code == 405
    assert sign_in(foreign_admin).post(address(order), typed).status_code == 404
    assert sign_in(hub_admin).post(address(order), typed).status_code == 403
    requested = factories.license_request(membership=admin)
    assert sign_in(admin).get(address(requested)).status_code == 404
    assert code_of(order) == order.teacher_code
