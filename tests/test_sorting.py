"""Lists of names are sorted as a Canadian reader expects."""

import pytest

from jasper_inventory.accounts.models import Role
from jasper_inventory.accounts.services.memberships import grant_role
from jasper_inventory.inventory.distribution import Where
from licenses.models import Enrollment, EnrollmentRole, Product, ProductFamily
from licenses.services.joins import join_by_teacher_code
from tests import factories
from tests.pages import offered, page_text

pytestmark = pytest.mark.django_db

# Lists of names, as a Canadian reader expects them.
SORTED = ["de la Cruz", "Élie", "Emil", "O’Brian", "O'Brien", "Øre", "van Dyk", "Vance", "Zoë"]


def as_read(names):
    """The names of SORTED among some names, in their order."""
    return [name for name in names if name in SORTED]


def test_lists_of_people_are_sorted_as_a_reader_expects(sign_in, admin, center, staff):
    order = factories.order(assigned_to=center)
    for at, name in enumerate(sorted(SORTED)):
        person = factories.person(f"p{at}", first_name="Jo", last_name=name)
        grant_role(user=person, organization=center, role=Role.TEACHER, by=staff)
        join_by_teacher_code(typed=str(order.teacher_code), by=person)
    site = sign_in(admin)
    by_name = [f"Jo {name}" for name in SORTED]
    listed = {
        "people": site.post("/people/", {"typed": "jo"}, follow=True),
        "people of the order": site.get(f"/inventory/{order.number}/people/"),
        "people of the organization": site.get("/invitations/"),
    }
    for title, page in listed.items():
        text = page_text(page)
        seats = [text.index(name) for name in by_name]
        assert seats == sorted(seats), title
    people = Enrollment.objects.filter(role=EnrollmentRole.TEACHER).by_name()
    assert [str(one.user) for one in people] == by_name


def test_lists_of_organizations_are_sorted_as_a_reader_expects(sign_in, hub, hub_admin):
    user = hub_admin.user
    for name in sorted(SORTED):
        school = factories.organization(name, parent=hub)
        factories.member(school, Role.TEACHER, user=user)
    site = sign_in(hub_admin)
    children = Where(hub_admin, at=hub, today=factories.today()).children()
    assert as_read(one.name for one in children) == SORTED
    text = offered(site, "")
    seats = [text.index(name) for name in SORTED]
    assert seats == sorted(seats)
    roles = [one.organization.name for one in user.memberships.ranked()]
    assert as_read(roles) == SORTED


def test_columns_of_the_admin_are_sorted_as_a_reader_expects(sign_in, hub):
    for at, name in enumerate(sorted(SORTED)):
        school = factories.organization(name, parent=hub)
        person = factories.person(f"p{at}", first_name="Jo", last_name=name)
        factories.member(school, Role.TEACHER, user=person)
    site = sign_in(factories.person("boss", is_staff=True, is_superuser=True))
    people = site.post("/admin/accounts/user/", {"q": "jo"}, follow=True).context["cl"].result_list
    assert as_read(one.last_name for one in people) == SORTED
    people = sorted_by(site, "user", "last_name", "-")
    assert as_read(one.last_name for one in people) == SORTED[::-1]
    for column in ("user", "organization"):
        listed = sorted_by(site, "membership", column)
        assert as_read(one.organization.name for one in listed) == SORTED, column


def sorted_by(site, model, column, sign=""):
    """The rows of a list of the admin, sorted by a column."""
    address = f"/admin/accounts/{model}/"
    at = list(site.get(address).context["cl"].list_display).index(column)
    found = site.post(address, {"q": "jo"}).url
    return site.get(f"{found}&o={sign}{at}").context["cl"].result_list


def test_product_families_are_sorted_as_a_reader_expects(db):
    for name in sorted(SORTED):
        Product.objects.create(family=ProductFamily.objects.create(name=name), name="Core")
    assert as_read(ProductFamily.objects.values_list("name", flat=True)) == SORTED
    assert as_read(Product.objects.values_list("family__name", flat=True)) == SORTED
