"""People are read from their organization's part of an index, whatever is searched for.

The organization has a tenth of the people, so a plan that reads all of them is chosen only where
nothing better exists.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.people import queries as people
from licenses.models import Enrollment, Order
from licenses.services.enrollments import enroll_student
from tests import factories
from tests.pages import page_text, parsed, rows
from tests.plans import analyze, copy, scans_and_sorts

pytestmark = pytest.mark.django_db

OURS, OTHERS = 2_000, 20_000
TABLES = [User, Membership, Enrollment]
ADDRESS = "/people/"
VARIED = {
    "last_name": "CASE WHEN n % 20 = 0 THEN 'Nguyen' ELSE 'Lee' || n END",
    "username": "'pupil' || n || '.' || original.id",
    "email": "''",
}


def school(number, orders=1):
    """An administrator of a center, and the first of its orders, which have this many students."""
    center = factories.organization()
    order = factories.order(assigned_to=center, students=None)
    copy(order, orders - 1, {}, without=("number", "renewal_of", "forwarded_as"))
    student = enroll_student(order=order, user=factories.person(), by=factories.staff())
    user = factories.person()
    copy(user, number, VARIED)
    # Triggers, which are off, would copy the names.
    varied = {
        "user_id": f"{user.pk} + n",
        "user_folded": f"(SELECT folded FROM accounts_user WHERE id = {user.pk} + n)",
    }
    copy(student.membership, number, varied)
    copy(student.enrollment, number, {**varied, "order_id": f"{order.pk} + n % {orders}"})
    return factories.member(center), order


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Time limits depend on the machine."""
    monkeypatch.setattr(people, "MOST_SECONDS", 60)


@pytest.fixture
def ours():
    mine, _others = school(OURS), school(OTHERS, orders=200)
    # All that the queries read: the tables keep the size that earlier tests gave them.
    analyze(*TABLES, Order)
    return mine


def queries_of(site, address):
    with CaptureQueriesContext(connection) as queries:
        page = site.get(address)
    assert page.status_code == 200
    return page, queries.captured_queries


WORDS = ["nguyen", "pupil77", "lee7 pupil7", "ng", "p", "zzz", "o'brien"]


def test_no_search_reads_or_sorts_everyone(ours, sign_in):
    administrator, _order = ours
    site = sign_in(administrator)
    wrong, numbers = {}, set()
    for word in WORDS:
        address = site.post(ADDRESS, {"typed": word}).url
        for shown in (address, f"{address}&page=3"):
            page, queries = queries_of(site, shown)
            if found := scans_and_sorts(queries, TABLES, OURS / 2):
                wrong[word] = found
            numbers.add((bool(rows(page)), len(queries)))
    assert wrong == {}
    # A page of people takes as many queries whatever was found; a page of none takes fewer.
    of_people = {number for has_rows, number in numbers if has_rows}
    assert len(of_people) == 1 and max(number for _has_rows, number in numbers) in of_people


def test_no_list_of_an_orders_people_reads_or_sorts_everyone(ours, sign_in):
    administrator, order = ours
    site = sign_in(administrator)
    address = f"/inventory/{order.number}/people/"
    lists = [
        *("", "?page=50", "?page=9999999", "?role=students", "?role=teachers"),
        *("?on=off", "?on=deactivated", "?on=deactivated&role=students"),
        *(site.post(address, {"name": word}).url.removeprefix(address) for word in WORDS),
    ]
    wrong = {}
    for shown in lists:
        _page, queries = queries_of(site, address + shown)
        if found := scans_and_sorts(queries, TABLES, OURS / 4):
            wrong[shown] = found
    assert wrong == {}


@pytest.mark.parametrize("word", ["pupil", "p", "1", "l e"])
def test_a_word_that_too_many_share_asks_for_another(ours, sign_in, word):
    administrator, _order = ours
    page = sign_in(administrator).post(ADDRESS, {"typed": word}, follow=True)
    assert not rows(page)
    assert "Too many people match" in page_text(page)
    (field,) = parsed(page).cssselect("main input[name=typed]")
    assert field.get("value") == word


def test_people_of_others_are_never_too_many(ours, sign_in):
    """A stranger learns nothing about the 20,000 people of the other center."""
    stranger = factories.member(factories.organization())
    for word in ("pupil", "nguyen"):
        page = sign_in(stranger).post(ADDRESS, {"typed": word}, follow=True)
        assert "No people found" in page_text(page)
