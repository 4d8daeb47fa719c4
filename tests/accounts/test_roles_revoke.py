"""Revoking a role: confirmed once, by administrators of the organization, never the last one."""

import pytest

from jasper_inventory.accounts.models import Membership, Role
from tests import factories
from tests.pages import DIALOG, page_text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("how", [{}, DIALOG], ids=["page", "dialog"])
def test_a_role_is_removed_once_it_was_confirmed(sign_in, admin, teacher, how):
    site = sign_in(admin)
    address = f"/role/{teacher.pk}/revoke/"
    assert str(teacher.user) in page_text(site.get(address, **how))
    assert Membership.objects.filter(pk=teacher.pk).exists()
    assert site.post(address, **how).status_code in (200, 302)
    assert not Membership.objects.filter(pk=teacher.pk).exists()
    assert sign_in(teacher).get("/").status_code == 200


def test_the_last_administrator_stays(sign_in, admin):
    response = sign_in(admin).post(f"/role/{admin.pk}/revoke/")
    assert "is the last administrator of Tolano Adventures" in page_text(response)
    assert Membership.objects.filter(pk=admin.pk).exists()


def test_revoking_ones_own_role_redirects_to_the_front_page(sign_in, admin, center):
    factories.member(center)
    response = sign_in(admin).post(f"/role/{admin.pk}/revoke/")
    assert (response.status_code, response.url) == (302, "/")


def test_a_students_role_is_not_removed_here(sign_in, admin, center):
    student = factories.member(center, Role.STUDENT)
    assert sign_in(admin).post(f"/role/{student.pk}/revoke/").status_code == 404
