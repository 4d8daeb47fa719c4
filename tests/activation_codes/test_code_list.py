"""The list of an order's codes, and what can be done with some of them."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activation_codes import code_list
from activation_codes.models import ActivationCode, CodeDownload, CodeState, Handout
from activation_codes.services.codes import replace_code
from activation_codes.services.handouts import hand_out
from licenses.models import Enrollment, Order
from tests import factories
from tests.factories import CODES
from tests.pages import notifications, page_text, parsed, rows, text
from tests.plans import analyze, copy, scans_and_sorts

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(CODES, assigned_to=center, number_of_codes=6, users_per_code=2)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def codes(order, admin):
    """One code of each state, and another unused one."""
    codes = factories.codes(order)
    hand_out(order=order, codes=[codes[1].pk], name="Class 7b", by=admin.user)
    users = [factories.person(f"user{n}", first_name="Ann", last_name=f"Lee{n}") for n in range(3)]
    factories.redemption(codes[2], user=users[0])
    for user in users[1:]:
        factories.redemption(codes[3], user=user)
    replace_code(code=codes[4], by=admin.user)
    return codes


def address(order, query=""):
    return f"/inventory/{order.number}/codes/list/{query}"


def listed(page):
    """The codes of a page."""
    return [text(cell) for cell in parsed(page).cssselect("table th .code")]


def select(site, order, act, follow=True, query="", **data):
    return site.post(
        f"/inventory/{order.number}/codes/select/{query}", {"act": act, **data}, follow=follow
    )


def test_each_code_with_its_state_and_who_used_it(site, order, codes):
    page = site.get(address(order))

    shown = {text(row.cssselect("th")[0]): text(row) for row in parsed(page).cssselect("tbody tr")}
    assert len(shown) == 7
    words = [shown[str(code)] for code in codes]
    assert "Unused" in words[0] and "Handed out" in words[1] and "Class 7b" in words[1]
    assert "Partly used" in words[2] and "1 of 2" in words[2] and "Ann Lee0" in words[2]
    assert "Used" in words[3] and "Ann Lee1" in words[3] and "Ann Lee2" in words[3]
    assert str(factories.today()) in words[3]
    codes[4].refresh_from_db()
    assert "Replaced" in words[4] and str(codes[4].replacement) in words[4]
    assert "3 of 12 used" in page_text(page)
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("state", "at"),
    [("unused", 0), ("handed-out", 1), ("partly-used", 2), ("used", 3), ("replaced", 4)],
)
def test_codes_of_one_state(site, order, codes, state, at):
    found = listed(site.get(address(order, f"?state={state}")))
    assert str(codes[at]) in found
    # A second code is unused, and the one that replaces another.
    assert len(found) == (3 if state == "unused" else 1)


@pytest.mark.parametrize("typed", ["lee2", "Ann LEE2"])
def test_found_by_the_name_of_who_used_it(site, order, codes, typed):
    page = site.post(address(order), {"typed": typed}, follow=True)
    assert listed(page) == [str(codes[3])]


def test_found_by_the_code_or_by_whom_it_was_handed_out_to(site, order, codes):
    others = factories.codes(factories.order(CODES, assigned_to=order.assigned_to))
    for typed, found in (
        (str(codes[0]).lower(), [str(codes[0])]),
        (str(others[0]), []),
        ("class 7", [str(codes[1])]),
        ("nobody", []),
    ):
        page = site.post(address(order), {"typed": typed}, follow=True)
        assert listed(page) == found
        assert typed.split()[0] not in page.redirect_chain[-1][0]


def test_a_search_by_name_says_that_it_shows_only_some(site, order, codes, monkeypatch):
    monkeypatch.setattr(code_list, "MOST_FOUND", 1)
    page = site.post(address(order), {"typed": "Ann"}, follow=True)
    assert len(listed(page)) == 1
    assert "Too many codes match." in page_text(page)


def test_pages_of_each_size(site, center):
    order = factories.order(CODES, assigned_to=center, number_of_codes=60)
    codes = [str(code) for code in factories.codes(order)]
    for query, found in (
        ("", codes[:25]),
        ("?page=3", codes[50:]),
        ("?size=50&page=2", codes[50:]),
        ("?size=100", codes),
        ("?size=1000000", codes[:25]),
    ):
        assert listed(site.get(address(order, query))) == found


def test_a_handout_of_another_order_is_not_there(site, order, codes, center):
    other = factories.order(CODES, assigned_to=center)
    factories.codes(other)
    handout = Handout.objects.get().pk
    assert len(listed(site.get(address(order, f"?handout={handout}")))) == 1
    for wrong in (handout + 1, "x", "9" * 40):
        assert site.get(address(order, f"?handout={wrong}")).status_code == 404
    assert site.get(address(other, f"?handout={handout}")).status_code == 404


def test_only_who_manages_the_codes_sees_them(sign_in, order, codes, hub_admin, foreign_admin):
    for who in (hub_admin, foreign_admin):
        client = sign_in(who)
        assert client.get(address(order)).status_code == 404
        assert select(client, order, "copy", what="all").status_code == 404
    assert "List of Codes" not in page_text(
        sign_in(hub_admin).get(f"/inventory/{order.number}/codes/")
    )


def test_before_codes_exist_there_is_no_list(site, order):
    assert site.get(address(order)).status_code == 404
    assert "List of Codes" not in page_text(site.get(f"/inventory/{order.number}/codes/"))


def test_the_window_has_the_bar_and_the_link(site, order, codes):
    window = site.get(f"/inventory/{order.number}/codes/")
    assert "3 of 12 used" in page_text(window)
    (bar,) = parsed(window).cssselect("progress.capacity")
    assert (bar.get("value"), bar.get("max")) == ("3", "12")
    assert parsed(window).cssselect(f"a[href='{address(order)}']")


# Selected codes


def test_the_selected_codes_are_copied(site, order, codes):
    page = select(site, order, "copy", codes=[codes[0].pk, codes[3].pk])
    (area,) = parsed(page).cssselect("textarea")
    assert area.text.split() == [str(codes[0]), str(codes[3])]
    assert "no-store" in page["Cache-Control"]


def test_all_codes_of_the_search_are_selected(site, order, codes):
    page = select(site, order, "copy", query="?state=used", what="all")
    (area,) = parsed(page).cssselect("textarea")
    assert area.text.split() == [str(codes[3])]


def test_the_next_unused_codes_are_selected(site, order, codes):
    page = select(site, order, "copy", what="next", number="2")
    (area,) = parsed(page).cssselect("textarea")
    assert area.text.split() == [str(codes[0]), str(codes[5])]
    page = select(site, order, "copy", what="next", number="4")
    assert notifications(page) == [f"Order {order} has only 3 unused codes."]
    for wrong in ("0", "x", "", "5000"):
        (said,) = notifications(select(site, order, "copy", what="next", number=wrong))
        assert said.startswith("Next unused codes: ")


def test_nothing_or_too_much_is_not_selected(site, order, codes, center, monkeypatch):
    foreign = factories.codes(factories.order(CODES, assigned_to=center))[0]
    for values in ([], ["x"], [foreign.pk], ["9" * 40]):
        page = select(site, order, "copy", codes=values)
        assert notifications(page) == [f"Select at least one code of order {order}."]
    monkeypatch.setattr("activation_codes.views.code_list.MOST_SELECTED", 2)
    page = select(site, order, "copy", what="all")
    assert notifications(page) == [f"Select at most 2 codes of order {order} at a time."]
    assert select(site, order, "explode", what="all").status_code == 404


def test_the_workbook_of_the_selected_codes_is_recorded(site, order, codes):
    response = select(site, order, "download", codes=[codes[1].pk, codes[3].pk])
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    assert list(book.worksheets[0].values)[1:] == [
        (str(codes[1]), 2, "Class 7b", None, None),
        (str(codes[3]), 2, "Ann; Ann", "Lee1; Lee2", "user1@example.com; user2@example.com"),
    ]
    assert CodeDownload.objects.get().number_of_codes == 2


def test_the_selected_codes_are_replaced_together(site, order, codes):
    window = select(site, order, "replace", codes=[codes[0].pk, codes[5].pk])
    page = site.post(window.redirect_chain[-1][0], follow=True)

    assert notifications(page)[0].startswith(f"2 codes of order {order} were replaced.")
    new = [ActivationCode.objects.get(pk=codes[at].pk).replacement for at in (0, 5)]
    (area,) = parsed(page).cssselect("textarea")
    assert area.text.split() == [str(code) for code in new]


def test_none_is_replaced_if_one_cannot_be(site, order, codes):
    window = select(site, order, "replace", codes=[codes[0].pk, codes[3].pk])
    page = site.post(window.redirect_chain[-1][0], follow=True)

    assert notifications(page) == ["This code has no uses left to replace."]
    codes[0].refresh_from_db()
    assert codes[0].state == CodeState.UNUSED


# Many codes

OURS, OTHERS = 4_000, 20_000


def many(number):
    """The administrator of a center, and its order with this many codes of all states."""
    center = factories.organization()
    order = factories.order(CODES, assigned_to=center, number_of_codes=5)
    codes = factories.codes(order)
    admin = factories.member(center)
    hand_out(order=order, codes=[codes[0].pk], name="Class 7b", by=admin.user)
    factories.redemption(codes[1])
    alphabet = "'BCDFGHJKMNPQRSTV'"
    body = (
        f"translate(md5('{order.pk}.' || original.id || '.' || n), '0123456789abcdef', {alphabet})"
    )
    code = f"left({body}, 19) || 'Z'"
    for original, times in ((codes[0], number // 10), (codes[2], number)):
        copy(original, times, {"code": code})
    return admin, order


def test_no_page_reads_or_sorts_all_codes(sign_in):
    admin, order = many(OURS)
    many(OTHERS)
    analyze(ActivationCode, Enrollment, Order)
    site, wrong, numbers = sign_in(admin), {}, set()
    site.get("/")
    for query in ("", "?page=100", "?state=unused&page=90", "?state=handed-out", "?size=100"):
        with CaptureQueriesContext(connection) as queries:
            page = site.get(address(order, query))
        assert len(rows(page)) in (25, 100)
        numbers.add(len(queries))
        if found := scans_and_sorts(queries.captured_queries, [ActivationCode], OURS / 2):
            wrong[query] = found
    assert wrong == {}
    # One more if anyone is named on the page.
    assert max(numbers) - min(numbers) <= 1


def test_as_many_queries_for_many_codes(site, order, codes):
    site.get("/")
    counts = []
    for size in (1, 20):
        other = factories.order(CODES, assigned_to=order.assigned_to, number_of_codes=size)
        for code in factories.codes(other):
            factories.redemption(code)
        with CaptureQueriesContext(connection) as queries:
            site.get(address(other))
        counts.append(len(queries))
    assert counts[0] == counts[1]
