"""Pages of long lists: counted up to a limit, and read in sections."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jasper_inventory.accounts.models import User
from jasper_inventory.lib import pagination
from jasper_inventory.lib.pagination import LargePaginator, in_sections
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Seven people: two pairs and one who signed in on other days, and two who never did."""
    today = timezone.now()
    days = (3, 1, 1, None, 2, None, 2)
    return [
        factories.person(last_login=None if day is None else today + timedelta(days=day))
        for day in days
    ]


def paginator(*, descending=False):
    rows = User.objects.order_by("pk")
    sections = in_sections(rows, "last_login", "pk", descending=descending)
    return LargePaginator(rows, sections, 2)


def all_pages(paginator, people):
    """The positions of the people on each page, as long as there is a further page."""
    position = {person.pk: at for at, person in enumerate(people)}
    pages = []
    for number in range(1, 10):
        page = paginator.get_page(number)
        pages.append([position[person.pk] for person in page])
        if not page.has_next():
            break
    return pages


@pytest.mark.parametrize("most", [2, 4, 10_000])
def test_rows_without_a_value_come_last_in_both_directions(people, monkeypatch, most):
    monkeypatch.setattr(pagination, "MOST_COUNTED", most)

    assert all_pages(paginator(), people) == [[1, 2], [4, 6], [0, 5], [3]]
    assert all_pages(paginator(descending=True), people) == [[0, 6], [4, 2], [1, 5], [3]]


def test_a_list_within_the_limit_is_counted(people):
    pages = paginator()

    assert (pages.get_page(1).has_next(), pages.count, pages.is_larger) == (True, 7, False)
    assert pages.num_pages == 4


def test_a_longer_list_is_counted_up_to_the_limit_and_leads_on(people, monkeypatch):
    monkeypatch.setattr(pagination, "MOST_COUNTED", 4)
    pages = paginator()

    pages.get_page(1)
    assert (pages.count, pages.is_larger, pages.num_pages) == (4, True, 2)
    assert pages.get_page(3).has_next()
    assert list(pages.get_elided_page_range(3)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("x", 1), (None, 1), ("0", 1), ("-3", 1), ("4", 4), ("5", 4), ("9" * 40, 4)],
)
def test_a_wrong_number_of_a_page_leads_to_the_first_or_the_last_one(people, typed, shown):
    assert paginator().get_page(typed).number == shown


def test_the_last_page_is_not_counted(people, django_assert_num_queries):
    rows = User.objects.order_by("pk")
    pages = LargePaginator(rows, [rows], 7)

    with django_assert_num_queries(1):
        assert pages.get_page(1).paginator.count == 7


def test_a_list_without_rows_has_one_empty_page(db):
    page = LargePaginator(User.objects.none(), [User.objects.none()], 2).get_page(1)

    assert (list(page), page.has_other_pages()) == ([], False)
