"""The search box of the menu bar: it finds what the role may see, and no address repeats it."""

import pytest
from django.test import override_settings

from jasper_inventory.accounts.models import Role
from jasper_inventory.lib.code_format import formatted, new_key
from licenses.models import Order
from licenses.services.enrollments import enroll_student, enroll_teacher
from tests import factories
from tests.pages import page_text, parsed, text

pytestmark = pytest.mark.django_db


def search(site, typed):
    return site.post("/search/", {"typed": typed}, follow=True)


def found(response):
    """The links of each group, by its heading."""
    return {
        text(group.cssselect("h2")[0]): [text(link) for link in group.cssselect("li a, p a")]
        for group in parsed(response).cssselect(".search-group")
    }


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


def test_an_order_number_opens_the_order(site, center):
    order = factories.order(assigned_to=center)
    answer = site.post("/search/", {"typed": f" {order.number} "})
    assert answer.url == f"/inventory/{order.number}/edit/"


def test_the_number_of_another_branchs_order_finds_nothing(site):
    foreign = factories.order(assigned_to=factories.organization())
    assert "Nothing found" in page_text(search(site, str(foreign.number)))


def test_part_of_a_purchase_order_finds_orders_in_scope_only(site, center):
    own = factories.order(assigned_to=center, purchase_order="Fall 2026-A")
    factories.order(assigned_to=factories.organization(), purchase_order="Fall 2026-A")
    assert found(search(site, "fall 2026")) == {"Orders": [f"Order {own.number}"]}


def test_a_person_of_the_organization_is_found_and_no_one_elses(site, center, sign_in, hub_admin):
    own = factories.member(center, Role.TEACHER, user=factories.person("rosa", last_name="Zeb"))
    stranger = factories.person("other", last_name="Zeb")
    factories.member(factories.organization(), Role.TEACHER, user=stranger)
    answer = search(site, "zeb")
    assert found(answer) == {"People": [str(own.user)]}
    assert "zeb" not in answer.redirect_chain[-1][0]
    # People belong to their own organization.
    assert found(search(sign_in(hub_admin), "zeb")) == {}


def test_a_supplier_finds_organizations_of_its_branch_with_links_to_their_orders(
    sign_in, hub_admin, center
):
    factories.organization(center.name)
    site = sign_in(hub_admin)
    answer = search(site, center.name[:6])
    [group] = parsed(answer).cssselect(".search-group")
    hrefs = [link.get("href") for link in group.cssselect("a")]
    assert hrefs == [f"/inventory/?below={center.pk}", f"/inventory/where/?at={center.pk}"]


def test_a_code_is_answered_without_an_address_that_has_it(site, center):
    order = factories.order(factories.CODES, assigned_to=center)
    code = factories.codes(order)[0].code
    for typed in (code, formatted(code), str(order.teacher_code)):
        answer = site.post("/search/", {"typed": typed})
        assert answer.status_code == 200
        [links] = found(answer).values()
        assert links == [f"order {order.number}"]
        for link in parsed(answer).cssselect("a"):
            assert code not in link.get("href")


def test_the_people_of_a_code_are_found_with_it(site, center):
    order = factories.order(factories.CODES, assigned_to=center)
    redemption = factories.redemption(factories.codes(order)[0])
    groups = found(search(site, redemption.code.code))
    assert groups["People"] == [str(redemption.enrollment.user)]


def test_codes_of_another_branch_are_unknown(site):
    order = factories.order(factories.CODES, assigned_to=factories.organization())
    redemption = factories.redemption(factories.codes(order)[0])
    for typed in (redemption.code.code, str(order.teacher_code)):
        assert found(search(site, typed)) == {}


def test_wrong_codes_are_throttled_as_all_codes_are(site, center):
    code = factories.codes(factories.order(factories.CODES, assigned_to=center))[0].code
    with override_settings(WRONG_CODES_FREE=1):
        foreign = factories.codes(factories.order(factories.CODES))[0].code
        assert "Nothing found" in page_text(search(site, foreign))
        refused = page_text(search(site, code))
        assert "Too many wrong codes" in refused
        assert found(search(site, code)) == {}


def test_a_name_is_searched_however_many_wrong_codes_were_typed(site, center):
    order = factories.order(assigned_to=center, purchase_order="Fall")
    with override_settings(WRONG_CODES_FREE=1):
        search(site, factories.codes(factories.order(factories.CODES))[0].code)
        assert found(search(site, "fall")) == {"Orders": [f"Order {order.number}"]}


def test_a_username_like_a_code_is_found(site, center):
    key = new_key()
    person = factories.member(center, Role.TEACHER, user=factories.person(key.lower())).user
    assert found(search(site, key))["People"] == [str(person)]


def test_only_ten_of_each_are_shown_and_a_link_lists_all(site, center):
    for number in range(12):
        factories.order(assigned_to=center, purchase_order=f"Fall {number}")
    links = found(search(site, "fall"))["Orders"]
    assert len(links) == 11
    assert links[-1] == "Show all orders"
    for number in range(12):
        user = factories.person(f"ann{number}", last_name="Fallow")
        factories.member(center, Role.TEACHER, user=user)
    answer = search(site, "fall")
    groups = found(answer)
    # The list of orders would have a name in its address.
    assert len(groups["Orders"]) == 10
    assert groups["People"][-1] == "Show all people"
    [link] = [a for a in parsed(answer).cssselect("main a") if text(a) == "Show all people"]
    assert "12 people" in page_text(site.get(link.get("href")))


def test_an_expired_search_says_so(site):
    assert "This search has expired" in page_text(site.get("/search/?search=gone"))


def test_one_character_is_not_searched(site):
    assert "Enter at least two characters" in page_text(search(site, "a"))


@pytest.mark.parametrize("role", [Role.TEACHER, Role.STUDENT])
def test_teachers_and_students_have_no_such_box(role, sign_in, center):
    site = sign_in(factories.member(center, role))
    assert parsed(site.get("/me/")).cssselect(".menu-search") == []
    assert site.post("/search/", {"typed": "fall"}).status_code == 403


def test_a_search_costs_the_same_for_few_results_and_for_many(
    site, center, staff, django_assert_num_queries
):
    def add():
        order = factories.order(assigned_to=center, purchase_order="Fall")
        enroll_student(order=order, user=factories.person(last_name="Fallow"), by=staff)
        enroll_teacher(order=order, user=factories.person(last_name="Fallow"), by=staff)

    add()
    address = site.post("/search/", {"typed": "fall"}).url
    site.get(address)
    with django_assert_num_queries(20):
        site.get(address)
    for _ in range(4):
        add()
    with django_assert_num_queries(20):
        site.get(address)
    assert Order.objects.count() == 5
