"""The people of an order: the list, removing and restoring them."""

import pytest

from activation_codes.models import ActivationCode
from licenses.models import Enrollment, Order
from licenses.services.join_codes import replace_group_key
from tests import factories
from tests.factories import CODES
from tests.helpers import change, last_act
from tests.licenses.joins import link, renewed, teach
from tests.pages import (
    DIALOG,
    facts,
    notifications,
    page_text,
    parsed,
    query_without_key,
    rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center, students=10)


@pytest.fixture
def ann(order):
    """A teacher on the order."""
    return teach(order, factories.person("ann", first_name="Ann", last_name="Zola")).enrollment


@pytest.fixture
def ben(ann):
    """A student of Ann's."""
    pupil = factories.person("ben", first_name="Ben", last_name="Abel", email="")
    return link(ann, pupil).enrollment


def address(order, search=""):
    return f"/inventory/{order.number}/people/{search}"


def act(person, what):
    return f"/inventory/{person.order.number}/people/{person.pk}/{what}/"


def names(site, order, search=""):
    return [row["Name"] for row in rows(site.get(address(order, search)))]


def enrolled(order):
    return Order.objects.get(pk=order.pk).enrolled


# The list


def test_it_shows_teachers_first_with_the_number_of_their_students(site, order, ann, ben):
    response = site.get(address(order))
    today, finish = str(factories.today()), str(order.finish_date)
    assert rows(response) == [
        {
            "Name": "Ann Zola",
            "Username": "ann ann@example.com",
            "Role": "Teacher",
            "Linked To": "1 student",
            "Since": today,
            "Until": finish,
            "Options": "Troubleshoot Ann Zola Remove Ann Zola",
        },
        {
            "Name": "Ben Abel",
            "Username": "ben",
            "Role": "Student",
            "Linked To": "Ann Zola",
            "Since": today,
            "Until": finish,
            "Options": "Troubleshoot Ben Abel Remove Ben Abel",
        },
    ]
    assert "1 of 10" in page_text(response)


def test_it_shows_no_group_key(site, order, ann):
    assert str(ann.group_key) not in page_text(site.get(address(order)))


@pytest.mark.parametrize(
    "search, found",
    [
        ("?role=teachers", ["Ann Zola"]),
        ("?role=students", ["Ben Abel"]),
        ("?on=off", []),
        ("?role=wrong", []),
    ],
)
def test_it_is_searched(site, order, ann, ben, search, found):
    assert names(site, order, search) == found


@pytest.mark.parametrize(
    "typed, found",
    [
        ({"name": "zo an"}, ["Ann Zola"]),
        ({"name": "BEN"}, ["Ben Abel"]),
        ({"name": "ann@example"}, ["Ann Zola"]),
        ({"name": "ann@example", "role": "students"}, []),
        ({"name": "nobody"}, []),
        ({"on": "off"}, []),
        ({}, ["Ann Zola", "Ben Abel"]),
    ],
)
def test_typed_text_is_sent_and_is_not_in_the_address(site, order, ann, ben, typed, found):
    sent = site.post(address(order), typed)
    assert sent.status_code == 302
    assert query_without_key(sent.url) == {k: v for k, v in typed.items() if k != "name"}
    assert [row["Name"] for row in rows(site.get(sent.url))] == found


def test_deactivated_people_are_marked_counted_and_found(site, sign_in, hub_admin, order, ann, ben):
    assert "deactivated" not in page_text(site.get(address(order))).lower().replace(
        "on the order deactivated removed", ""
    )
    for user in (ann.user, ben.user):
        user.is_active = False
        user.save()
    page = site.get(address(order))
    assert [row["Name"] for row in rows(page)] == ["Ann Zola Deactivated", "Ben Abel Deactivated"]
    # A teacher holds no seat.
    assert "1 deactivated student still holds a seat" in page_text(page)
    (renewal_link,) = parsed(page).cssselect(".lead a")
    assert names(site, order, renewal_link.get("href").removeprefix(address(order))) == [
        "Ben Abel Deactivated"
    ]
    assert len(names(site, order, "?on=deactivated")) == 2
    site.post(act(ben, "remove"))
    assert names(site, order, "?on=deactivated") == ["Ann Zola Deactivated"]
    assert "still holds" not in page_text(site.get(address(order)))


def test_people_of_other_orders_are_not_in_it(site, order, ann, center):
    other = factories.order(assigned_to=center)
    teach(other)
    assert names(site, order) == ["Ann Zola"]
    assert site.get(f"/inventory/{other.number}/people/{ann.pk}/remove/").status_code == 404


def test_suppliers_see_how_many_there_are_and_nobody(sign_in, hub_admin, order, ann, ben):
    ben.user.is_active = False
    ben.user.save()
    hub = sign_in(hub_admin)
    for search in ("", "?role=students", "?on=off", "?on=deactivated"):
        page = hub.get(address(order, search))
        shown = facts(page)
        assert shown == {
            "Teachers": "1",
            "Students": "1 of 10",
            "Deactivated students who still hold a seat": "1",
        }
        assert "You can see people at your own organization only." in page_text(page)
    assert hub.post(address(order), {"name": "ben"}).status_code == 200
    assert hub.get(f"/inventory/{order.number}/why/{ben.pk}/").status_code == 403
    for what in ("remove", "restore"):
        assert hub.post(act(ben, what)).status_code == 403
    assert enrolled(order) == 1


def test_a_stranger_finds_nothing(sign_in, foreign_admin, order, ben):
    foreign = sign_in(foreign_admin)
    assert foreign.get(address(order)).status_code == 404
    for what in ("remove", "restore"):
        assert foreign.post(act(ben, what)).status_code == 404


def test_people_are_paged_and_queries_stay_the_same(site, order, ann, django_assert_num_queries):
    link(ann)
    site.get(address(order))
    with django_assert_num_queries(8):
        site.get(address(order))
    change(order, students=None)
    for _ in range(26):
        link(ann)
    # One more counts the people who aren't on the page.
    for page, shown in (("", 25), ("?page=2", 3)):
        with django_assert_num_queries(9 if shown == 25 else 8):
            assert len(rows(site.get(address(order, page)))) == shown
    for _ in range(26):
        link(ann)
    for page in ("", "?page=2"):
        with django_assert_num_queries(9):
            assert len(rows(site.get(address(order, page)))) == 25


def test_an_order_without_people_explains_how_they_join(site, order, center):
    assert "their teacher's group key" in page_text(site.get(address(order)))
    codes = factories.order(CODES, assigned_to=center)
    assert "by activating a code" in page_text(site.get(address(codes)))


def test_the_inventory_and_edit_order_link_there(site, order):
    inventory = parsed(site.get("/inventory/"))
    links = {a.get("href") for a in inventory.cssselect("table a")}
    assert {address(order, "?role=teachers"), address(order, "?role=students")} <= links
    assert address(order) in site.get(f"/inventory/{order.number}/edit/").content.decode()


# Removing


@pytest.mark.parametrize("how", [{}, DIALOG])
def test_removing_asks_once(site, ben, how):
    shown = page_text(site.get(act(ben, "remove"), **how))
    assert "Ben Abel (ben)" in shown
    assert "The seat becomes free immediately" in shown
    assert enrolled(ben.order) == 1


def test_a_student_is_removed_and_the_seat_is_free(site, order, ben, admin):
    response = site.post(act(ben, "remove"), follow=True)
    assert notifications(response) == [
        f"Ben Abel was removed from order {order}. You can find them under Removed."
    ]
    assert [row["Name"] for row in rows(response)] == ["Ann Zola"]
    assert enrolled(order) == 0
    assert last_act(ben)["action"] == "enrollment.removed"
    assert last_act(ben)["user"] == admin.user.pk
    [row] = rows(site.get(address(order, "?on=off")))
    assert (row["Name"], row["Removed"]) == ("Ben Abel", str(factories.today()))


def test_a_teacher_is_removed_and_the_students_stay(site, order, ann, ben):
    shown = page_text(site.get(act(ann, "remove")))
    assert "1 student stays on the order" in shown
    site.post(act(ann, "remove"))
    [row] = rows(site.get(address(order)))
    assert (row["Name"], row["Linked To"]) == ("Ben Abel", "–")


def test_the_window_names_the_renewal_that_keeps_them(site, order, ann, ben):
    new = renewed(order)
    assert f"same teacher code: {new}" in page_text(site.get(act(ben, "remove")))


def test_it_returns_to_the_list_as_it_was_searched(site, order, ben):
    back = address(order, "?role=students")
    response = site.post(f"{act(ben, 'remove')}?next={back}")
    assert response.url == back
    response = site.post(f"{act(ben, 'remove')}?next=https://elsewhere.example")
    assert response.url.startswith("/inventory/")


def test_removing_twice_says_so(site, order, ben):
    site.post(act(ben, "remove"))
    for response in (
        site.get(act(ben, "remove"), follow=True),
        site.post(act(ben, "remove"), follow=True),
    ):
        assert notifications(response)[-1:] == [f"Ben Abel was already removed from order {order}."]
    assert enrolled(order) == 0


def test_a_student_of_a_code_returns_the_use(site, center, admin):
    order = factories.order(CODES, assigned_to=center)
    [code, *_] = factories.codes(order)
    student = factories.redemption(code).enrollment
    assert "can be used one more time" in page_text(site.get(act(student, "remove")))
    site.post(act(student, "remove"))
    assert (enrolled(order), ActivationCode.objects.get(pk=code.pk).used) == (0, 0)
    assert last_act(student)["action"] == "redemption.removed"
    site.post(act(student, "restore"))
    assert (enrolled(order), ActivationCode.objects.get(pk=code.pk).used) == (1, 1)
    assert last_act(student)["action"] == "redemption.restored"
    assert last_act(student)["user"] == admin.user.pk


# Restoring


def test_a_student_is_restored_with_the_teacher(site, order, ann, ben):
    site.post(act(ben, "remove"))
    response = site.post(act(ben, "restore"), follow=True)
    assert notifications(response)[-1:] == [f"Ben Abel was restored to order {order}."]
    assert [row["Linked To"] for row in rows(response)] == ["1 student", "Ann Zola"]
    assert enrolled(order) == 1


def test_a_student_is_not_restored_to_a_full_order(site, order, ann, ben):
    site.post(act(ben, "remove"))
    change(order, students=1)
    link(ann)
    response = site.post(act(ben, "restore"), follow=True)
    assert notifications(response)[-1:] == [f"Order {order} has no seats left."]
    assert Enrollment.objects.get(pk=ben.pk).removed_at


def test_a_use_that_someone_took_is_not_restored(site, center):
    order = factories.order(CODES, assigned_to=center)
    [code, *_] = factories.codes(order)
    student = factories.redemption(code).enrollment
    site.post(act(student, "remove"))
    factories.redemption(code)
    response = site.post(act(student, "restore"), follow=True)
    assert notifications(response)[-1:] == ["This code has no uses left."]
    assert (enrolled(order), ActivationCode.objects.get(pk=code.pk).used) == (1, 1)


def test_a_teacher_is_restored_with_the_key(site, order, ann):
    site.post(act(ann, "remove"))
    site.post(act(ann, "restore"))
    assert link(ann).is_new
    assert replace_group_key(teacher=ann, by=ann.user)
