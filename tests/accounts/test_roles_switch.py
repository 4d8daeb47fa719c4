"""The Role menu: the person's roles, the active one marked, switching is a POST."""

import pytest

from jasper_inventory.accounts.models import Level, Membership, Role
from tests import factories
from tests.pages import page_text, parsed, text


@pytest.fixture
def roles(center):
    user = factories.person()
    return {
        "center": factories.member(center, user=user),
        "teacher": factories.member(center, Role.TEACHER, user=user),
        "hub": factories.member(factories.organization("Bay", level=Level.HUB), user=user),
    }


def menu(response):
    """The Role menu's entries, and the marked one."""
    buttons = parsed(response).cssselect(".menu-list button[formaction]")
    marked = [text(button) for button in buttons if button.get("aria-current") == "true"]
    return [text(button) for button in buttons], marked


def test_it_lists_the_roles_and_marks_the_active_one(sign_in, roles):
    names, marked = menu(sign_in(roles["hub"]).get("/"))

    assert names == ["Hub Admin Bay", "Center Admin Tolano Adventures", "Teacher Tolano Adventures"]
    assert marked == ["Hub Admin Bay"]


def test_switching_shows_the_other_roles_panel_and_scope(sign_in, roles):
    site = sign_in(roles["hub"])
    order = factories.order(assigned_to=roles["center"].organization)
    assert site.get(f"/inventory/{order.number}/edit/").status_code == 404

    response = site.post(f"/role/{roles['center'].pk}/")

    assert response.url == "/"
    page = site.get("/")
    assert menu(page)[1] == ["Center Admin Tolano Adventures"]
    assert "Your active role is now Center Admin" in page_text(page)
    assert site.get(f"/inventory/{order.number}/edit/").status_code == 200


def test_the_role_used_last_is_offered_at_the_next_sign_in(sign_in, roles):
    sign_in(roles["hub"]).post(f"/role/{roles['teacher'].pk}/")

    assert menu(sign_in(roles["hub"]).get("/"))[1] == ["Teacher Tolano Adventures"]


def test_switching_in_one_session_leaves_another_as_it_is(sign_in, roles):
    here, there = sign_in(roles["hub"]), sign_in(roles["hub"])
    assert menu(here.get("/"))[1] == ["Hub Admin Bay"]

    there.post(f"/role/{roles['teacher'].pk}/")

    assert menu(here.get("/"))[1] == ["Hub Admin Bay"]


def test_switching_by_a_link_is_refused(sign_in, roles):
    assert sign_in(roles["hub"]).get(f"/role/{roles['center'].pk}/").status_code == 405


def test_somebody_elses_role_is_not_found(sign_in, roles, foreign_admin):
    assert sign_in(roles["hub"]).post(f"/role/{foreign_admin.pk}/").status_code == 404


def test_a_revoked_role_falls_back_to_another_one(sign_in, roles):
    site = sign_in(roles["hub"])
    site.post(f"/role/{roles['center'].pk}/")

    Membership.objects.filter(pk=roles["center"].pk).delete()

    names, marked = menu(site.get("/"))
    assert len(names) == 2
    assert marked == ["Hub Admin Bay"]
