"""Email Alerts: each person chooses the topics of their emails."""

import pytest
from django.core import mail

from jasper_inventory.accounts.models import MutedTopic, Topic
from jasper_inventory.accounts.services.email_preferences import set_email_alerts
from licenses.services.alerts import set_alerts
from licenses.services.enrollments import enroll_student
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import at_once
from tests.pages import DIALOG, notifications, parsed, text

pytestmark = pytest.mark.django_db

ADDRESS = "/email-alerts/"


def ticked(response):
    boxes = parsed(response).cssselect("input[name=topics]")
    return {box.get("value") for box in boxes if box.checked}


def muted(person):
    return set(MutedTopic.objects.filter(user=person).values_list("topic", flat=True))


def test_at_first_all_are_on(sign_in, admin):
    page = sign_in(admin).get(ADDRESS)
    assert text(parsed(page).cssselect("h1")[0]) == "Email Alerts"
    assert ticked(page) == set(Topic.values)
    assert admin.user.email in text(parsed(page))


def test_the_choice_is_saved(sign_in, admin, foreign_admin):
    site = sign_in(admin)
    for chosen in (["ending", "seats"], [], Topic.values):
        response = site.post(ADDRESS, {"topics": chosen})
        assert (response.status_code, response.url) == (302, ADDRESS)
        page = site.get(ADDRESS)
        assert notifications(page) == ["Your email alerts are saved."]
        assert ticked(page) == set(chosen)
        assert muted(admin.user) == set(Topic.values) - set(chosen)
    assert muted(foreign_admin.user) == set()


def test_a_topic_that_is_none_is_refused(sign_in, admin):
    response = sign_in(admin).post(ADDRESS, {"topics": ["weather"]})
    assert response.status_code == 200
    assert "weather is not one of the available choices" in text(parsed(response))
    assert muted(admin.user) == set()


def test_a_person_without_an_address_sees_that(sign_in):
    pupil = factories.person(email="")
    assert "has no email address" in text(parsed(sign_in(pupil).get(ADDRESS)))


def test_as_a_dialog_and_by_no_other_method(sign_in, admin):
    assert b"<html" not in sign_in(admin).get(ADDRESS, **DIALOG).content
    assert sign_in(admin).put(ADDRESS).status_code == 405


def test_people_who_turn_a_topic_off_get_none_of_it(
    center, admin, staff, django_capture_on_commit_callbacks
):
    other = factories.member(center)
    set_email_alerts(by=admin.user, topics=[Topic.LICENSES])
    order = factories.order(assigned_to=center, students=None, by=staff)
    set_alerts(order=order, first_alert=1, second_alert=2, by=staff)
    with django_capture_on_commit_callbacks(execute=True):
        enroll_student(order=order, user=factories.person(), by=staff)
        suspend_order(order=order, by=staff, reason="Unpaid")
    reached = {m.to[0] for m in mail.outbox if "has reached" in m.subject}
    suspended = {m.to[0] for m in mail.outbox if "is suspended" in m.subject}
    assert reached == {other.user.email, staff.email}
    assert suspended == {admin.user.email, other.user.email}


def test_each_email_links_to_the_choice_and_opening_it_changes_nothing(
    sign_in, center, admin, staff, django_capture_on_commit_callbacks
):
    order = factories.order(assigned_to=center)
    with django_capture_on_commit_callbacks(execute=True):
        suspend_order(order=order, by=staff, reason="Unpaid")
    [message] = mail.outbox
    for body in (message.body, message.alternatives[0][0]):
        assert "/email-alerts/" in body
    sign_in(admin).get(ADDRESS)
    assert muted(admin.user) == set()


def test_the_choice_is_recorded(admin):
    set_email_alerts(by=admin.user, topics=[Topic.ENDING, Topic.SEATS, Topic.STUDENTS])
    row = MutedTopic.objects.get(user=admin.user, topic=Topic.LICENSES)
    assert row.events.get().pgh_context.metadata == {
        "action": "email alerts.set",
        "user": admin.user.pk,
    }


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once():
    person = factories.person()
    at_once(*[lambda: set_email_alerts(by=person, topics=[])] * 2, hold=person)
    assert muted(person) == set(Topic.values)
