"""Roles and enrollments copy what lists read of their person; the database keeps the copies."""

from threading import Thread

import pytest
from django.db import connection, transaction

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.people.erasure import erase_person
from licenses.models import Enrollment
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.pages import rows

ADDRESS = "/people/"


@pytest.fixture
def rosa():
    return factories.person("rosa.patel", first_name="Rosa", last_name="Patel")


@pytest.fixture
def joined(rosa, center):
    order = factories.order(assigned_to=center)
    return enroll_student(order=order, user=rosa, by=factories.staff())


def copies(user):
    """What the rows of a person copied."""
    names = set(Membership.objects.filter(user=user).values_list("user_folded", flat=True))
    enrollments = Enrollment.objects.filter(user=user)
    states = set(enrollments.values_list("user_is_active", flat=True))
    return names | set(enrollments.values_list("user_folded", flat=True)), states


def own(user):
    user.refresh_from_db()
    return {user.folded}, {user.is_active}


@pytest.mark.django_db
def test_new_rows_copy_their_person(joined, rosa):
    assert copies(rosa) == own(rosa)
    assert "patel" in own(rosa)[0].pop()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"last_name": "Ångström"}, {"username": "new"}, {"email": ""}, {"is_active": False}]
)
def test_rows_follow_their_person(joined, rosa, change):
    User.objects.filter(pk=rosa.pk).update(**change)
    assert copies(rosa) == own(rosa)


@pytest.mark.django_db
def test_a_wrong_copy_is_never_written(joined, rosa):
    Enrollment.objects.filter(user=rosa).update(user_folded="x", user_is_active=False)
    Membership.objects.filter(user=rosa).update(user_folded="x")
    joined.enrollment.save()
    joined.membership.save()
    assert copies(rosa) == own(rosa)


@pytest.mark.django_db
def test_no_name_is_in_the_history_of_a_row(joined, rosa):
    User.objects.filter(pk=rosa.pk).update(last_name="Smith")
    for row in (joined.enrollment, joined.membership):
        (event,) = row.events.all()
        assert not any("folded" in field.name for field in event._meta.fields)


@pytest.mark.django_db
def test_an_erased_person_is_not_found(joined, rosa, site, staff):
    def found(typed):
        return rows(site.post(ADDRESS, {"typed": typed}, follow=True))

    assert len(found("patel")) == 1
    erase_person(user=rosa, by=staff)
    assert copies(rosa) == own(rosa)
    assert found("patel") == found("erased") == []


@pytest.mark.django_db
def test_someone_renamed_is_found_by_the_new_name(joined, rosa, site):
    User.objects.filter(pk=rosa.pk).update(last_name="Smith", username="rosa", email="")
    for typed, number in (("smith", 1), ("patel", 0)):
        assert len(rows(site.post(ADDRESS, {"typed": typed}, follow=True))) == number


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("renamed_first", [True, False])
def test_a_person_who_joins_while_being_renamed(rosa, center, renamed_first):
    """Whoever is second waits for the other, and neither fails."""
    user, staff = rosa, factories.staff()
    order = factories.order(assigned_to=center)
    errors = []

    def rename():
        User.objects.filter(pk=user.pk).update(last_name="Smith")

    def join():
        enroll_student(order=order, user=user, by=staff)

    def in_thread(act):
        try:
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    first, second = (rename, join) if renamed_first else (join, rename)
    other = Thread(target=in_thread, args=[second])
    with transaction.atomic():
        first()
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join(10)
    assert errors == []
    assert copies(user) == own(user)
    assert "smith" in own(user)[0].pop()
