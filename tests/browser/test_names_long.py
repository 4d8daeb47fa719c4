"""The longest names that forms accept, each one word, fit on a phone on all pages of people."""

import pytest

from jasper_inventory.accounts.models import Role
from licenses.services.enrollments import (
    enroll_student,
    enroll_teacher,
    pause_joining,
    remove_enrollment,
)
from tests import factories
from tests.browser.screens import fits

pytestmark = pytest.mark.django_db(transaction=True)


def named(letter):
    """A person whose names are all long words."""
    return factories.person(
        letter.lower() * 149,
        first_name=letter * 150,
        last_name=letter.lower() * 150,
        email="",
    )


@pytest.fixture
def order(admin):
    """A license with such names for every person and for its center."""
    center = factories.organization("Maximilianwolfeschlegelsteinhausen" * 3)
    for role in (Role.ADMINISTRATOR, Role.TEACHER):
        factories.member(center, role, user=named("AT"[role - 1]))
    return factories.order(assigned_to=center)


def test_it_fits(open_site, order, staff):
    center = order.assigned_to
    boss, tess = (member.user for member in center.memberships.order_by("role"))
    teaching = enroll_teacher(order=order, user=tess, by=staff).enrollment
    learning, gone = (
        enroll_student(order=order, user=named(letter), by=staff, teacher=teaching).enrollment
        for letter in "LG"
    )
    remove_enrollment(enrollment=gone, by=staff)
    pause_joining(order=order, by=boss)
    number, pupil = order.number, learning.user_id
    visits = {
        boss: [
            "/",
            "/inventory/",
            f"/inventory/{number}/edit/",
            f"/inventory/{number}/people/?role=students",
            f"/inventory/{number}/people/?role=teachers",
            f"/inventory/{number}/people/?taken_off=on",
            f"/inventory/{number}/people/{learning.pk}/remove/",
            f"/inventory/{number}/people/{teaching.pk}/remove/",
            f"/inventory/{number}/why/",
            f"/inventory/{number}/why/{learning.pk}/",
            f"/inventory/{number}/why/{teaching.pk}/",
            f"/inventory/{number}/usage/",
            "/people/",
            f"/people/{pupil}/",
            f"/people/{pupil}/password/",
            "/me/",
            "/me/erase/",
            "/email-alerts/",
            "/invitations/",
            "/invitations/new/",
            f"/role/{tess.memberships.get().pk}/revoke/",
        ],
        tess: ["/", f"/teaching/{number}/", f"/teaching/{number}/key/"],
        learning.user: ["/courses/", "/link/", "/me/"],
    }
    for who, addresses in visits.items():
        page = open_site(who, width=320)
        for address in addresses:
            page.goto(address)
            fits(page)
