"""*Start* records it and redirects to the courses."""

import pytest
from django.test import Client

from activation_codes.models import CourseStart
from activation_codes.services.redemptions import reclaim_redemption
from jasper_inventory.lib.addresses import origin_of
from tests import factories
from tests.factories import CODES
from tests.helpers import change
from tests.pages import notifications

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment():
    return factories.redemption(factories.codes(factories.order(CODES))[0]).enrollment


def address(enrollment, product=None):
    product = product or enrollment.order.products.first()
    return f"/courses/{enrollment.pk}/{product.pk}/start/"


def test_it_is_recorded_and_says_how_to_continue(sign_in, enrollment):
    client = sign_in(enrollment.user)
    response = client.post(address(enrollment))
    assert response.url == "/courses/"
    start = CourseStart.objects.get()
    assert (start.enrollment, start.product) == (enrollment, enrollment.order.products.first())
    assert "Continue in Jasperactive" in notifications(client.get("/courses/"))[0]


def test_it_redirects_to_the_courses_if_their_address_is_set(sign_in, enrollment, settings):
    settings.COURSES_URL = "https://learn.example.com/start?course={product}"
    product = enrollment.order.products.first()
    response = sign_in(enrollment.user).post(address(enrollment))
    assert response.url == f"https://learn.example.com/start?course={product.pk}"


def test_a_license_that_stopped_meanwhile_is_reported(sign_in, enrollment):
    change(enrollment.order, is_active=False)
    client = sign_in(enrollment.user)
    assert client.post(address(enrollment)).url == "/courses/"
    assert (
        "could not be started. The license is not active."
        in (notifications(client.get("/courses/"))[0])
    )
    assert not CourseStart.objects.exists()


def test_a_student_removed_meanwhile_sees_that(sign_in, enrollment, staff):
    client = sign_in(enrollment.user)
    reclaim_redemption(redemption=enrollment.redemption, by=staff)
    assert client.post(address(enrollment)).url == "/courses/"
    [message] = notifications(client.get("/courses/"))
    assert message.endswith("could not be started. You were removed from the license.")
    assert not CourseStart.objects.exists()


def test_the_wrong_person_product_or_method(sign_in, enrollment):
    mine = sign_in(enrollment.user)
    assert sign_in(factories.person()).post(address(enrollment)).status_code == 404
    assert mine.post(f"/courses/{enrollment.pk}/0/start/").status_code == 404
    assert mine.get(address(enrollment)).status_code == 405
    assert Client().post(address(enrollment)).url.startswith("/accounts/login/")
    mine.post(address(enrollment, factories.products(1)[0]))
    assert not CourseStart.objects.exists()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("", []),
        ("https://learn.example.com/x/{product}", ["https://learn.example.com"]),
        ("http://localhost:9000/", ["http://localhost:9000"]),
    ],
)
def test_the_content_policy_allows_the_redirect(url, origin):
    assert origin_of(url) == origin
