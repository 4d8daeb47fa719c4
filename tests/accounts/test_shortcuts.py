"""The list of keyboard shortcuts: those of the active role, as the links of its pages name them."""

import pytest

from jasper_inventory.accounts.models import Role
from tests import factories
from tests.pages import DIALOG, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def roles(hub_admin, admin, teacher, center):
    student = factories.member(center, Role.STUDENT)
    return {"hub": hub_admin, "center": admin, "teacher": teacher, "student": student}


@pytest.mark.parametrize("role", ["hub", "center", "teacher", "student"])
def test_each_shortcut_is_listed_with_its_link(role, roles, sign_in):
    page = parsed(sign_in(roles[role]).get("/shortcuts/"))
    linked = {link.get("data-jasper-keys") for link in page.cssselect("[data-jasper-keys]")}
    if page.cssselect("[data-jasper-search]"):
        linked.add("/")
    listed = {
        " ".join(text(key) for key in term.cssselect("kbd"))
        for term in page.cssselect(".shortcuts dt")
    }
    assert listed == linked | {"Esc"}


def test_it_opens_as_a_window_from_the_bottom_of_each_page(roles, sign_in):
    site = sign_in(roles["center"])
    [link] = parsed(site.get("/")).cssselect("footer [data-jasper-keys]")
    assert link.get("data-hx-get") == link.get("href")
    window = parsed(site.get(link.get("href"), **DIALOG))
    assert window.cssselect("header.menu-bar") == []
    assert window.cssselect(".btn-close")[0].get("href") == "/"
