"""Finding people, and one person's page: the parts that an administrator sees."""

import logging

import pytest
from django.db import connection
from django.utils import timezone

from activation_codes.services.courses import start_course
from activation_codes.services.redemptions import reclaim_redemption
from jasper_inventory.accounts.models import Membership, Role
from jasper_inventory.people import queries
from jasper_inventory.people.search import looks_like_code
from licenses.models import Enrollment
from licenses.services.enrollments import enroll_student, enroll_teacher, remove_enrollment
from licenses.services.join_codes import replace_group_key
from licenses.services.suspensions import suspend_order
from tests import factories
from tests.helpers import change
from tests.pages import field_errors, page_text, parsed, query_without_key, rows, text

pytestmark = pytest.mark.django_db
ADDRESS = "/people/"


@pytest.fixture
def rosa(center):
    """A student of the center, with a role there and no license."""
    user = factories.person("rosa.patel", first_name="Rosa", last_name="Patel")
    return factories.member(center, Role.STUDENT, user=user).user


@pytest.fixture
def codes_order(center):
    return factories.order(factories.CODES, assigned_to=center)


def found(site, typed):
    """The usernames that a search finds."""
    return [row["Username"] for row in rows(site.post(ADDRESS, {"typed": typed}, follow=True))]


def test_before_a_search_nobody_is_listed(site, rosa):
    page = parsed(site.get(ADDRESS))
    assert not page.cssselect("table")
    assert "rosa" not in text(page)


@pytest.mark.parametrize(
    "typed", ["rosa", "ROSA", "osa", "patel rosa", "rosa.pat", "rosa.patel@EXAMPLE", "ro"]
)
def test_found_by_parts_of_name_username_and_address(site, rosa, typed):
    assert found(site, typed) == ["rosa.patel"]


@pytest.mark.parametrize("typed", ["rosalind", "rosa smith", "%", "_", "\\"])
def test_not_found(site, rosa, typed):
    assert found(site, typed) == []


def test_a_nul_character_in_the_address_is_refused(site, rosa):
    assert site.get(ADDRESS, {"name": "ros\0a"}).status_code == 400


def test_an_empty_search_is_reported(site):
    assert field_errors(site.post(ADDRESS, {"typed": " "})) == {"typed": "This field is required."}


def test_a_row_shows_roles_and_number_of_licenses(site, rosa, center, staff):
    order = factories.order(assigned_to=center)
    enroll_student(order=order, user=rosa, by=staff)
    assert rows(site.post(ADDRESS, {"typed": "rosa"}, follow=True)) == [
        {
            "Name": "Rosa Patel",
            "Username": "rosa.patel",
            "Email": "rosa.patel@example.com",
            "Roles": "Student – Tolano Adventures",
            "Licenses": "1",
        }
    ]


def test_neither_a_name_nor_a_code_is_in_the_address(site, rosa, codes_order, caplog):
    caplog.set_level(logging.DEBUG)
    response = site.post(ADDRESS, {"typed": "rosa p"})
    assert response.status_code == 302 and response.url.startswith("/people/?search=")
    assert query_without_key(response.url) == {}
    # Reloading and going back work as long as the session lasts.
    for _time in range(2):
        page = site.get(response.url)
        assert [row["Username"] for row in rows(page)] == ["rosa.patel"]
        assert page["Referrer-Policy"] == "same-origin"
    code = factories.codes(codes_order)[0]
    factories.redemption(code, user=rosa)
    for typed in (str(code), code.code.lower(), f" {code} ", code.code[:-1], f"{code.code}Q"):
        response = site.post(ADDRESS, {"typed": typed})
        assert response.status_code == 200
    assert "rosa" not in caplog.text.lower() and code.code[:9] not in caplog.text


@pytest.mark.parametrize(
    ("typed", "is_code"),
    [
        ("BCDFG-HJKM-NPQR", True),
        ("bcdfg hjkm npqr", True),
        ("BCDFGHJKMNPQ", True),
        ("OCDFG-1JKM-NPQR", True),
        ("KVS5-PWTV", True),
        ("kvs5pwtv", True),
        ("her key KVS5-PWTV", True),
        ("KVS5-PWT", True),
        ("KVS5-PWTVB", True),
        ("KVS0-PWTV", True),
        ("anna2015", False),
        ("Anna-Lena", False),
        ("Mary Shwartz", False),
        ("rosa", False),
        ("Rosa Patel", False),
        ("Schwarz", False),
        ("maria.lopez27@example.com", False),
        ("Müller", False),
    ],
)
def test_text_that_looks_like_a_code(typed, is_code):
    assert looks_like_code(typed) is is_code


def test_found_by_code_in_any_form_also_after_it_was_reclaimed(site, rosa, codes_order, staff):
    code = factories.codes(codes_order)[0]
    redemption = factories.redemption(code, user=rosa)
    for typed in (str(code), code.code.lower(), f"{code.code[:4]} {code.code[4:]}"):
        assert found(site, typed) == ["rosa.patel"]
    reclaim_redemption(redemption=redemption, by=staff)
    assert found(site, str(code)) == ["rosa.patel"]


def test_found_by_a_pasted_line_which_is_in_no_address(site, rosa, codes_order):
    code = factories.codes(codes_order)[0]
    factories.redemption(code, user=rosa)
    for line in (f"{code}\t1\tRosa\tPatel", f"Rosa {code} rosa@example.com"):
        response = site.post(ADDRESS, {"typed": line})
        assert [row["Username"] for row in rows(response)] == ["rosa.patel"]


def test_a_teacher_code_finds_its_teachers(site, sign_in, foreign_admin, rosa, codes_order, staff):
    enroll_teacher(order=codes_order, user=rosa, by=staff)
    typed = str(codes_order.teacher_code)
    assert found(site, typed) == ["rosa.patel"]
    assert found(sign_in(foreign_admin), typed) == []


def test_a_group_key_finds_its_teacher_also_after_it_was_replaced(
    site, sign_in, foreign_admin, rosa, center, staff
):
    teacher = enroll_teacher(
        order=factories.order(assigned_to=center), user=rosa, by=staff
    ).enrollment
    key = str(teacher.group_key)
    for _time in ("present", "replaced"):
        for typed in (key, key.lower().replace("-", " "), f"the key {key}"):
            response = site.post(ADDRESS, {"typed": typed})
            assert response.status_code == 200
            assert [row["Username"] for row in rows(response)] == ["rosa.patel"]
        replace_group_key(teacher=teacher, by=rosa)
    foreign = page_text(sign_in(foreign_admin).post(ADDRESS, {"typed": key}))
    assert "No one in your organization has or had this group key." in foreign


def test_a_code_in_the_address_finds_nobody(site, rosa, codes_order):
    code = factories.codes(codes_order)[0]
    factories.redemption(code, user=rosa)
    assert not rows(site.get(ADDRESS, {"name": str(code)}))


def test_why_a_code_finds_nobody(site, sign_in, foreign_admin, rosa, codes_order):
    codes = factories.codes(codes_order)
    factories.redemption(codes[0], user=rosa)
    unused = page_text(site.post(ADDRESS, {"typed": str(codes[1])}))
    assert "No one in your organization has used this activation code." in unused
    foreign = page_text(sign_in(foreign_admin).post(ADDRESS, {"typed": str(codes[0])}))
    assert "No one in your organization has used this activation code." in foreign
    wrong = page_text(site.post(ADDRESS, {"typed": codes[0].code[:-1]}))
    assert "has a typing error" in wrong


def test_a_username_that_looks_like_a_code_is_found(site, center):
    factories.member(center, Role.STUDENT, user=factories.person("maria.lopez2727"))
    assert found(site, "maria.lopez27") == ["maria.lopez2727"]


def test_people_are_found_by_their_own_organization_only(
    site, sign_in, hub, hub_admin, foreign_admin, rosa, center, staff
):
    """Own, supplier, sibling and stranger."""
    sibling = factories.member(factories.organization("Sibling", parent=hub))
    assert found(site, "rosa") == ["rosa.patel"]
    assert site.get(f"/people/{rosa.pk}/").status_code == 200
    for reader in map(sign_in, (hub_admin, sibling, foreign_admin)):
        assert found(reader, "rosa") == []
        assert reader.get(f"/people/{rosa.pk}/").status_code == 404
    # The supplier's own people aren't the center's either.
    assert site.get(f"/people/{hub_admin.user_id}/").status_code == 404
    assert site.get("/people/99999999999999999999/").status_code == 404


def test_a_search_of_another_session_or_one_no_longer_kept_shows_nobody(sign_in, site, admin, rosa):
    address = site.post(ADDRESS, {"typed": "rosa"}).url
    for reader, where in ((sign_in(admin), address), (site, "/people/?search=nothing")):
        page = reader.get(where)
        assert not rows(page)
        assert "This search has expired. Enter it again." in page_text(page)
    for at in range(20):
        site.post(ADDRESS, {"typed": f"other {at}"})
    assert not rows(site.get(address))


def test_a_supplier_sees_how_many_people_each_sub_organization_has(
    sign_in, hub, hub_admin, center, rosa, teacher, staff
):
    for order in (factories.order(assigned_to=center), factories.order(assigned_to=center)):
        enroll_student(order=order, user=rosa, by=staff)
        enroll_teacher(order=order, user=teacher.user, by=staff)
    site = sign_in(hub_admin)
    (line,) = rows(site.get(ADDRESS))
    assert line == {
        "Organization": "Tolano Adventures",
        "Level": "Center",
        "Teachers": "1",
        "Students": "1",
    }
    number, _page = read(site, ADDRESS)
    for at in range(30):
        factories.organization(f"Center {at}", parent=hub)
    again, page = read(site, ADDRESS)
    assert len(rows(page)) == 25 and again == number
    assert len(rows(site.get(ADDRESS, {"page": 2}))) == 6


def test_teachers_students_and_a_removed_role_have_no_access(sign_in, teacher, center, rosa):
    was = factories.member(center)
    site = sign_in(was)
    assert site.get(ADDRESS).status_code == 200
    was.delete()
    student = factories.member(center, Role.STUDENT)
    for reader in (site, sign_in(teacher), sign_in(student)):
        assert reader.get(ADDRESS).status_code == 403
        assert reader.post(ADDRESS, {"typed": "rosa"}).status_code == 403
        assert reader.get(f"/people/{rosa.pk}/").status_code == 403


def test_a_person_of_two_centers_shows_each_its_own(sign_in, site, rosa, center, hub, staff):
    other = factories.member(factories.organization("Sibling", parent=hub))
    here = factories.order(assigned_to=center)
    there = factories.order(factories.CODES, assigned_to=other.organization)
    enroll_student(order=here, user=rosa, by=staff)
    factories.redemption(factories.codes(there)[0], user=rosa)
    mine = rows(site.get(f"/people/{rosa.pk}/"))
    assert [row["Order Number"].split()[0] for row in mine] == [str(here.number)]
    theirs = sign_in(other).get(f"/people/{rosa.pk}/")
    assert [row["Order Number"].split()[0] for row in rows(theirs)] == [str(there.number)]
    assert "Tolano" not in page_text(theirs)


def test_a_person_with_an_enrollment_only_is_found(site, center, staff):
    user = factories.person("guest", last_name="Guest")
    order = factories.order(assigned_to=center)
    joined = enroll_student(order=order, user=user, by=staff)
    assert found(site, "guest") == ["guest"]
    remove_enrollment(enrollment=joined.enrollment, by=staff)
    assert found(site, "guest") == ["guest"]


def test_the_lines_of_a_person(site, rosa, center, teacher, codes_order, staff):
    order = factories.order(assigned_to=center, finish_date=factories.days(20))
    teaching = enroll_teacher(order=order, user=teacher.user, by=staff).enrollment
    enroll_student(order=order, user=rosa, by=staff, teacher=teaching)
    code = factories.codes(codes_order)[0]
    redemption = factories.redemption(code, user=rosa)
    day = timezone.localdate()
    products = list(order.products.all())
    family = products[0].family
    by_code, linked = rows(site.get(f"/people/{rosa.pk}/"))
    assert linked == {
        "Order Number": f"{order.number} Available",
        "Products": f"{family}, all 2 {products[0].name}, {products[1].name}",
        "Role": "Student",
        "Teacher": str(teacher.user),
        "Since": str(day),
        "Until": f"{factories.days(20)} Current",
        "Activation Code": "–",
        "Started": "–",
    }
    assert by_code["Activation Code"] == str(code)
    assert by_code["Until"] == f"{factories.days(30)} Current"
    # The order's finish date was moved forward after the code was used.
    change(codes_order, finish_date=factories.days(3))
    assert rows(site.get(f"/people/{rosa.pk}/"))[0]["Until"] == f"{factories.days(3)} Current"
    Enrollment.objects.filter(pk=redemption.enrollment_id).update(ends_on=factories.days(-1))
    assert rows(site.get(f"/people/{rosa.pk}/"))[0]["Until"] == f"{factories.days(-1)} Ended"
    reclaim_redemption(redemption=redemption, by=staff)
    assert rows(site.get(f"/people/{rosa.pk}/"))[0]["Until"] == f"{day} Removed"


@pytest.mark.parametrize(("ends", "label"), [(0, "Current"), (-1, "Ended")])
def test_the_last_day_is_still_current(site, rosa, center, staff, ends, label):
    order = factories.order(assigned_to=center)
    enroll_student(order=order, user=rosa, by=staff)
    change(order, finish_date=factories.days(ends))
    assert rows(site.get(f"/people/{rosa.pk}/"))[0]["Until"].endswith(label)


def read(site, address):
    counter = []
    with connection.execute_wrapper(lambda run, *a: counter.append(a[0]) or run(*a)):
        response = site.get(address)
    return len(counter), response


@pytest.mark.parametrize("kind", ["person", "search"])
def test_as_many_queries_for_20_rows_as_for_one(site, rosa, center, staff, teacher, kind):
    address = f"/people/{rosa.pk}/"
    if kind == "search":
        address = site.post(ADDRESS, {"typed": "person"}).url

    def more(number):
        mix = factories.products()
        for _at in range(number):
            order = factories.order(assigned_to=center, product_mix=mix, by=staff)
            teaching = enroll_teacher(order=order, user=teacher.user, by=staff)
            enroll_student(order=order, user=rosa, by=staff, teacher=teaching.enrollment)
            codes = factories.order(
                factories.CODES, assigned_to=center, product_mix=mix, number_of_codes=1
            )
            factories.redemption(factories.codes(codes)[0], user=rosa)
            user = factories.person(first_name="Person")
            factories.member(center, Role.STUDENT, user=user)

    more(1)
    read(site, address)
    queries, first = read(site, address)
    assert rows(first)
    more(11)
    again, page = read(site, address)
    assert again == queries
    assert len(rows(page)) > 10


def offers_password(site, user):
    return f"/people/{user.pk}/password/" in site.get(f"/people/{user.pk}/").text


def test_a_new_password_is_offered_for_a_pupil_without_email(
    site, sign_in, hub_admin, center, staff, rosa
):
    order = factories.order(assigned_to=center)
    pupil = factories.person("pupil", email="")
    factories.member(center, Role.STUDENT, user=pupil)
    assert not offers_password(site, pupil)
    for user in (pupil, rosa):
        enroll_student(order=order, user=user, by=staff)
    assert offers_password(site, pupil) and not offers_password(site, rosa)
    assert not offers_password(sign_in(hub_admin), pupil)
    # The order's people link there.
    assert f'href="/people/{pupil.pk}/"' in site.get(f"/inventory/{order.number}/people/").text


def test_pages_of_25(site, center):
    for number in range(26):
        user = factories.person(last_name=f"Zed{number:02}")
        Membership.objects.create(user=user, organization=center, role=Role.STUDENT)
    address = site.post(ADDRESS, {"typed": "zed"}).url
    first = site.get(address)
    assert [row["Name"] for row in rows(first)] == [f"Pat Zed{number:02}" for number in range(25)]
    hrefs = [link.get("href") for link in parsed(first).cssselect(".pagination a")]
    assert hrefs == [f"{address.removeprefix(ADDRESS)}&page=2"]
    assert len(rows(site.get(f"{address}&page=2"))) == 1


def test_a_code_that_more_used_than_are_shown(site, center, monkeypatch):
    monkeypatch.setattr("jasper_inventory.people.views.directory.MOST", 2)
    order = factories.order(
        factories.CODES, assigned_to=center, number_of_codes=1, users_per_code=3
    )
    code = factories.codes(order)[0]
    for _at in range(3):
        factories.redemption(code)
    page = site.post(ADDRESS, {"typed": str(code)})
    assert len(rows(page)) == 2
    assert "3 people – showing the first 2" in page_text(page)


def test_the_menu_links_there(site, sign_in, teacher):
    def linked(page):
        return bool(parsed(page).cssselect('a.menu-link[href="/people/"]'))

    assert linked(site.get("/"))
    assert not linked(sign_in(teacher).get("/"))


def test_a_search_that_takes_too_long_asks_for_another_word(site, rosa, monkeypatch):
    def slow(people):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(queries, "_at_most", slow)
    monkeypatch.setattr(queries, "MOST_SECONDS", 0.05)
    page = site.post(ADDRESS, {"typed": "rosa"}, follow=True)
    assert "Too many people match Add another word to rosa" in page_text(page)
    monkeypatch.undo()
    assert found(site, "rosa") == ["rosa.patel"]


def test_an_orders_own_status_is_shown_beside_its_number(site, rosa, center, staff):
    order = factories.order(assigned_to=center)
    enroll_student(order=order, user=rosa, by=staff)
    suspend_order(order=order, by=staff, reason="Unpaid")
    (row,) = rows(site.get(f"/people/{rosa.pk}/"))
    assert row["Order Number"] == f"{order.number} Suspended"


def test_started_courses_are_shown_there(site, rosa, codes_order):
    code = factories.codes(codes_order)[0]
    enrollment = factories.redemption(code, user=rosa).enrollment
    product = codes_order.products.first()
    start_course(enrollment=enrollment, product=product, by=rosa)

    (row,) = rows(site.get(f"/people/{rosa.pk}/"))

    assert row["Started"].startswith(f"{product}, ")
