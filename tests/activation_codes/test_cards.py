"""Cards and posters to print, with QR codes that open the page with the code filled in."""

import re

import pytest
import segno

from activation_codes.models import CodeDownload, DownloadKind
from activation_codes.selections import encoded
from activation_codes.services.codes import replace_code
from jasper_inventory.lib.qr import qr_svg
from licenses.activity import acts_of
from licenses.services.enrollments import enroll_teacher
from licenses.services.join_codes import replace_group_key
from tests import factories
from tests.factories import CODES
from tests.pages import in_words, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address_of_site(settings):
    settings.SITE_URL = "https://license.example.org"


@pytest.fixture
def order(center):
    return factories.order(CODES, assigned_to=center, number_of_codes=10)


@pytest.fixture
def codes(order):
    return factories.codes(order)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


def address(order, codes, more=""):
    selected = encoded(code.pk for code in codes)
    return f"/inventory/{order.number}/codes/cards/?selected={selected}{more}"


def cards(page):
    return parsed(page).cssselect(".cards li")


def test_each_card_has_the_code_and_how_to_use_it(site, order, codes):
    page = site.get(address(order, codes))

    assert [text(card.cssselect(".card-code")[0]) for card in cards(page)] == list(map(str, codes))
    first = text(cards(page)[0])
    assert "license.example.org/activate/" in first
    assert f"Start by {in_words(order.finish_date)}" in first
    assert all(product.name in first for product in order.products.all())
    assert qr_svg(f"https://license.example.org/activate/#{codes[0]}") in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_qr_code_needs_no_style_and_contains_the_text():
    # Its dark squares are those of a code that segno makes of the same text.
    picture = qr_svg("https://license.example.org/activate/#3HND9")
    made = segno.make(
        "https://license.example.org/activate/#3HND9",
        micro=False,
        error="m",
        boost_error=False,
        mask=0,
    )
    lines = re.search(r'stroke="#000" d="([^"]+)"', made.svg_inline(border=4))[1]
    assert lines in picture
    assert "style" not in picture and "3HND9" not in picture


@pytest.mark.parametrize(
    ("more", "pages"), [("", [8, 2]), ("&size=8", [8, 2]), ("&size=24", [10]), ("&size=9", [8, 2])]
)
def test_eight_or_24_are_on_a_page(site, order, codes, more, pages):
    page = parsed(site.get(address(order, codes, more)))
    assert [len(each.cssselect("li")) for each in page.cssselect(".cards")] == pages


def test_codes_that_cannot_be_used_are_left_out(site, order, codes, admin):
    factories.redemption(codes[0])
    replace_code(code=codes[1], by=admin.user)

    page = site.get(address(order, codes[:3]))

    assert len(cards(page)) == 1
    assert "2 selected codes are left out" in page_text(page)
    page = site.get(address(order, codes[:2]), follow=True)
    assert notifications(page) == [f"None of the selected codes of order {order} can be used."]


def test_printing_is_recorded_as_a_download_is(site, order, codes, admin):
    site.head(address(order, codes[:3]))
    assert not CodeDownload.objects.exists()
    site.get(address(order, codes[:3]))

    printed = CodeDownload.objects.get()
    assert (printed.kind, printed.number_of_codes) == (DownloadKind.CARDS, 3)
    assert printed.downloaded_by == admin.user
    order.refresh_from_db()
    order.shows_terms = True
    assert acts_of(order, admin)[0].what == "3 codes printed"
    assert "codes printed" in site.get("/me/download/").content.decode()


def test_at_most_1000_cards_are_printed_at_a_time(site, center):
    order = factories.order(CODES, assigned_to=center, number_of_codes=1_001)
    factories.codes(order)
    select = f"/inventory/{order.number}/codes/select/"
    page = site.post(select, {"act": "print", "what": "all"}, follow=True)
    assert notifications(page) == [f"Select at most 1,000 codes of order {order} at a time."]
    page = site.post(select, {"act": "print", "what": "next", "number": "1000"}, follow=True)
    assert len(cards(page)) == 1_000


def test_only_who_manages_the_codes_prints_them(sign_in, order, codes, hub_admin, foreign_admin):
    for who in (hub_admin, foreign_admin):
        assert sign_in(who).get(address(order, codes)).status_code == 404
    assert not CodeDownload.objects.exists()


# The poster


def test_the_poster_has_the_teachers_own_key(sign_in, center):
    order = factories.order(assigned_to=center)
    teacher = factories.member(center, role=2)
    enrollment = enroll_teacher(order=order, user=teacher.user, by=factories.staff()).enrollment
    client = sign_in(teacher)
    poster = f"/teaching/{order.number}/poster/"

    page = client.get(poster)

    assert str(enrollment.group_key) in page_text(page)
    assert str(teacher.user) in page_text(page)
    code = qr_svg(f"https://license.example.org/link/#{enrollment.group_key}")
    assert code in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert parsed(client.get(f"/teaching/{order.number}/")).cssselect(f"a[href='{poster}']")
    replace_group_key(teacher=enrollment, by=teacher.user)
    enrollment.refresh_from_db()
    assert str(enrollment.group_key) in page_text(client.get(poster))


def test_other_teachers_find_no_poster(sign_in, center):
    order = factories.order(assigned_to=center)
    other = factories.member(center, role=2)
    enroll_teacher(order=factories.order(assigned_to=center), user=other.user, by=factories.staff())
    assert sign_in(other).get(f"/teaching/{order.number}/poster/").status_code == 404
