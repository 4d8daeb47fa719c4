"""Long lists of the admin: what is counted, found, sorted and suggested."""

import pytest
from django.contrib import admin

from jasper_inventory.accounts.models import Level, LogEntry, Role, User
from jasper_inventory.lib import admin_lists, admin_search, pagination
from jasper_inventory.lib.admin import ServiceAdmin
from licenses.models import Enrollment, Order
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import admin_pages as ui
from tests import factories, pages


@pytest.fixture
def few_are_found(monkeypatch):
    """A search lists two rows at most."""
    for module in (admin_search, admin_lists):
        monkeypatch.setattr(module, "MOST_FOUND", 2)


@pytest.fixture
def few_are_counted(monkeypatch):
    """Two rows are counted at most, and a page has one."""
    for module in (pagination, admin_lists):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    monkeypatch.setattr(ServiceAdmin, "list_per_page", 1)


def numbers(page):
    return [row["number"] for row in ui.listed(page)]


def orders(number, **values):
    return [factories.order(**values) for _number in range(number)]


def test_a_search_that_finds_too_much_says_so_and_lists_the_newest(staff_site, few_are_found):
    made = orders(4, purchase_order="PO-77")

    page = staff_site.get(ui.url(Order, "changelist", q="po-77"))

    assert numbers(page)[:2] == [str(made[3].number), str(made[2].number)]
    text = pages.page_text(page)
    assert "More than 2 results" in text
    assert "Only the newest rows that match are listed. Add another word to find fewer." in text
    narrow = pages.page_text(staff_site.get(ui.url(Order, "changelist", q=str(made[0].number))))
    assert "1 result" in narrow
    assert "Add another word" not in narrow


def test_a_search_for_two_words_finds_them_in_different_texts(staff_site):
    wanted = factories.organization("Harbour Academy")
    for first_name, school in (("Olivia", wanted), ("Olivia", None), ("Liam", wanted)):
        user = factories.person(first_name=first_name)
        enroll_student(order=factories.order(assigned_to=school), user=user, by=factories.staff())

    address = ui.url(Enrollment, "changelist")
    found = ui.listed(staff_site.post(address, {"q": "academy olivia"}, follow=True))

    assert [row["holder"] for row in found] == ["Harbour Academy"]
    assert len(ui.listed(staff_site.post(address, {"q": "olivia"}, follow=True))) == 2


def test_a_short_word_is_searched_at_the_beginning_of_words(staff_site):
    for name in ("Li", "Lindt", "Julian"):
        factories.person(first_name=name, last_name="Nakamura")

    found = staff_site.post(ui.url(User, "changelist"), {"q": "li"}, follow=True)

    assert {row["first_name"] for row in ui.listed(found)} == {"Li", "Lindt"}


def test_a_list_that_is_short_enough_shows_all_its_rows(staff_site, monkeypatch):
    monkeypatch.setattr(ServiceAdmin, "list_per_page", 1)
    made = [str(order.number) for order in orders(3)]

    assert numbers(staff_site.get(ui.url(Order, "changelist"))) == made[2:]
    assert numbers(staff_site.get(ui.url(Order, "changelist", all=""))) == made[::-1]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_list_shows_all_its_rows(sign_in, staff, model):
    enroll_student(order=factories.order(), user=factories.person(), by=staff)
    site = sign_in(factories.person(is_staff=True, is_superuser=True))

    assert site.get(ui.url(model, "changelist", all="")).status_code == 200


def test_a_long_list_is_counted_up_to_a_limit_and_goes_on(staff_site, few_are_counted):
    made = [str(order.number) for order in orders(4)]

    first = staff_site.get(ui.url(Order, "changelist"))
    assert numbers(first) == made[3:]
    assert "More than 2 orders" in pages.page_text(first)
    third = staff_site.get(ui.url(Order, "changelist", p=3))
    assert numbers(third) == [made[1]]
    links = [link.text for link in ui.page(third).cssselect(".paginator a")]
    assert links == ["1", "2", "4"]
    assert numbers(staff_site.get(ui.url(Order, "changelist", p=4))) == made[:1]


def sortable(page):
    return {
        heading.get("class").split("column-")[1].split()[0]
        for heading in ui.page(page).cssselect("#result_list th.sortable")
    }


def test_a_long_list_is_sorted_only_by_columns_with_an_index(staff_site, few_are_counted):
    made = orders(3)
    kind = next(
        at
        for at, name in enumerate(
            staff_site.get(ui.url(Order, "changelist")).context["cl"].list_display
        )
        if name == "inventory_type"
    )

    long = staff_site.get(ui.url(Order, "changelist", o=kind))

    assert numbers(long) == [str(made[2].number)]
    assert {"number", "assigned_to"} <= sortable(long)
    assert not {"inventory_type", "purchase_order"} & sortable(long)
    advice = "To sort by the other columns, search or filter the list first."
    assert advice in pages.page_text(long)
    Order.objects.filter(pk=made[0].pk).update(is_active=False)
    short = staff_site.get(ui.url(Order, "changelist", status="inactive"))
    assert {"inventory_type", "purchase_order"} <= sortable(short)
    assert advice not in pages.page_text(short)


@pytest.mark.parametrize("level", [Level.HUB, Level.CENTER])
def test_orders_are_filtered_by_the_level_of_their_holder(staff_site, hub, center, level):
    made = {one.level: factories.order(assigned_to=one) for one in (hub, center)}

    found = staff_site.get(ui.url(Order, "changelist", level=level.value))

    assert numbers(found) == [str(made[level].number)]


def test_people_are_filtered_by_role_once_each(staff_site, hub, center):
    admin = factories.member(center)
    factories.member(hub, user=admin.user)
    factories.member(center, Role.TEACHER)

    found = staff_site.get(ui.url(User, "changelist", role=Role.ADMINISTRATOR.value))

    assert [row["username"] for row in ui.listed(found)] == [admin.user.username]


def suggestions(site, field, **query):
    model = {"app_label": "licenses", "model_name": "enrollment", "field_name": field}
    return site.post("/admin/autocomplete/", model | query).json()["results"]


def test_suggested_teachers_are_found_among_many_students(staff_site, few_are_found):
    order, by = factories.order(), factories.staff()
    teacher = factories.person(first_name="Kim", last_name="Nguyen")
    enroll_teacher(order=order, user=teacher, by=by)
    for _number in range(4):
        enroll_student(order=order, user=factories.person(last_name="Nguyen"), by=by)

    found = suggestions(staff_site, "teacher", term="nguyen")

    assert [one["text"] for one in found] == ["Kim Nguyen (Teacher)"]


def test_suggestions_of_a_further_page_are_recorded(staff_site):
    for at in range(25):
        factories.person(first_name="Jo", last_name=f"Nakamura{at:02}")

    found = suggestions(staff_site, "user", term="nakamura", page="2")

    assert len(found) == 5
    look = LogEntry.objects.filter(after__page="autocomplete").latest("pk")
    assert sorted(look.people) == sorted(int(one["id"]) for one in found)
