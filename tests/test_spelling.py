"""The same text in every spelling: every search, every list of names, every identity."""

import io
from html import unescape

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from jasper_inventory.accounts import services as account_services
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.management.arguments import find_organization
from jasper_inventory.accounts.models import Invitation, Level, Notice, Organization, Role, User
from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.inventory.distribution import Where
from jasper_inventory.lib.commands import find_user, write_rows
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text import printable
from licenses.management.arguments import find_products
from licenses.models import Enrollment, EnrollmentRole, Order, Product, ProductFamily, Transfer
from licenses.services import join_by_teacher_code
from renewals.models import RenewalRequest
from tests import factories
from tests.commands import refusal, run
from tests.pages import field_errors, page_text, rows

pytestmark = pytest.mark.django_db

# A name, and how people type it.
SPELLINGS = [
    ("École St-Jean", "ecole"),
    ("École St-Jean", "ÉCOLE ST‐JEAN"),
    ("École St-Jean", "e\u0301cole st jean"),
    ("O'Brien", "o’brien"),
    ("O’Brien", "o'brien"),
    ("O´Brien", "obrien"),
    ("Sœur Łucja", "soeur lucja"),
    ("Groß", "GROSS"),
    ("Zoe\u0308", "zoë"),
    ("Жук", "жук"),
]


@pytest.fixture
def everything(hub, center, staff):
    """A function: rows of every kind that carry a name; what each search of them finds by it."""

    def made(name):
        school = factories.organization(name, parent=hub)
        admin = factories.member(school)
        order = factories.order(
            assigned_to=school, purchase_order=name, product_mix=factories.products(2)
        )
        person = factories.person("someone", first_name="Pat", last_name=name, email="")
        join_by_teacher_code(typed=str(order.teacher_code), by=person)
        asked = factories.license_request(membership=admin, purchase_order=name)
        factories.renewal_request(order=order, membership=admin, purchase_order=name)
        family = ProductFamily.objects.create(name=name)
        Product.objects.create(family=family, name=name)
        post_notice(kind="test", address="a@example.com", subject=name, text="")
        invitation = account_services.invite(
            organization=school, role=Role.TEACHER, email="new@example.com", by=staff
        )
        return order, asked, invitation

    return made


def offered(site, typed):
    """What the box of organizations suggests."""
    return unescape(site.get("/organizations/find/", {"q": typed}).content.decode())


NOBODY = "nobody at all"


def test_every_search_finds_every_spelling(everything, sign_in, hub_admin):
    """Each finds what was typed in another spelling, and nothing by a text that is nowhere."""
    boss = factories.person("boss", is_staff=True, is_superuser=True)
    wrong = []
    for name, typed in SPELLINGS:
        with transaction.atomic():
            order, _asked, _invitation = everything(name)
            own = sign_in(order.assigned_to.memberships.get(role=Role.ADMINISTRATOR))
            for searches in (
                searches_of_the_pages(own, sign_in(hub_admin), order),
                searches_of_the_admin(sign_in(boss)),
                suggestions_of_the_admin(sign_in(boss)),
                searches_of_commands(),
            ):
                for search, finds in searches.items():
                    if not finds(typed):
                        wrong.append((name, typed, search, "not found"))
                    # Each search at its first world only: what is nowhere is nowhere in all.
                    if name == SPELLINGS[0][0] and finds(NOBODY):
                        wrong.append((name, NOBODY, search, "found"))
            transaction.set_rollback(True)
    assert wrong == []


def searches_of_the_pages(own, above, order):
    """By name: whether a search finds the organization, the person or the order."""
    school = order.assigned_to.name

    def orders(search, typed):
        found = rows(above.get("/inventory/", {search: typed}))
        return str(order.number) in [row["Order Number"] for row in found]

    def people(address, field, typed):
        found = rows(own.post(address, {field: typed}, follow=True))
        return [row["Username"] for row in found if row["Username"] == "someone"]

    return {
        "type-ahead": lambda typed: school in offered(above, typed),
        "people": lambda typed: people("/people/", "typed", typed),
        "people of an order": lambda typed: people(
            f"/inventory/{order.number}/people/", "name", typed
        ),
        "purchase_order": lambda typed: orders("purchase_order", typed),
        "holder": lambda typed: orders("holder", typed),
    }


def searches_of_the_admin(site):
    searched = [
        model_admin
        for model_admin in admin.site._registry.values()
        if any("number" not in path for path in model_admin.search_fields)
        and model_admin.model._meta.app_label in OURS
        and model_admin.model._meta.model_name not in WITHOUT_ROWS
    ]
    assert len(searched) >= 10

    def finds(model_admin):
        model = model_admin.model._meta
        address = reverse(f"admin:{model.app_label}_{model.model_name}_changelist")
        return lambda typed: (
            search(site, address, typed, model_admin).context["cl"].result_count >= 1
        )

    return {one.model._meta.label: finds(one) for one in searched}


def search(site, address, typed, model_admin):
    """A list of the admin, searched; what is typed to find people is sent, and in no address."""
    if isinstance(model_admin, PeopleAdmin):
        return site.post(address, {"q": typed}, follow=True)
    return site.get(address, {"q": typed})


OURS = ("accounts", "licenses", "activation_codes", "renewals")
# An alert and a redemption need more than a name: their searches are of the same fields.
WITHOUT_ROWS = ("alert", "redemption", "tally")


def suggestions_of_the_admin(site):
    def offers(field):
        ask = site.post if field == "user" else site.get
        model = {"app_label": "accounts", "model_name": "membership", "field_name": field}
        address = "/admin/autocomplete/"
        return lambda typed: ask(address, model | {"term": typed}).json()["results"]

    return {f"suggested {field}": offers(field) for field in ("user", "organization")}


def searches_of_commands():
    """By whole names: a part finds none."""

    def finds(find):
        def found(typed):
            try:
                return find("École St-Jean" if typed == "ecole" else typed)
            except DomainError:
                return None

        return found

    return {
        "find_organization": finds(find_organization),
        "find_products": finds(lambda typed: find_products([typed])),
    }


def test_commands_prefer_the_spelling_that_was_typed(hub):
    for name in ("St-Jean", "St Jean"):
        factories.organization(name, parent=hub)
    assert find_organization("st-jean").name == "St-Jean"
    assert find_organization("ST JEAN").name == "St Jean"
    with pytest.raises(DomainError, match="2 organizations"):
        find_organization("St. Jean")


def test_a_command_that_reads_finds_a_person_without_the_accent():
    person = factories.person("élie", email="elie@école.example.org")
    for typed in ("élie", "ÉLIE", "elie", "e\u0301lie", "elie@xn--cole-9oa.example.org"):
        assert find_user(typed, only_reads=True) == person


def test_a_command_that_acts_finds_a_person_by_the_username_or_address_only():
    person = factories.person("élie", email="elie@école.example.org")
    for typed in ("élie", "ÉLIE", "e\u0301lie", "elie@xn--cole-9oa.example.org"):
        assert find_user(typed) == person
    with pytest.raises(DomainError, match='There is no user "elie". Did you mean "élie"?'):
        find_user("elie")


@pytest.mark.parametrize(("typed", "other"), [("j.smith", "j-smith"), ("ida", "ıda")])
def test_an_act_repeated_after_its_person_is_gone_meets_nobody_else(typed, other):
    factories.vendor()
    sue = factories.staff("sue")
    factories.person(typed)
    factories.person(other)
    run("erase_person", typed, "--by", "sue")
    assert f'There is no user "{typed}".' in refusal("erase_person", typed, "--by", "sue")
    assert User.objects.get(username=other).erased_at is None
    assert sue.is_active


def test_a_command_finds_a_person_by_an_address_that_is_not_confirmed_yet():
    person = factories.person("ana", email="")
    User.objects.filter(pk=person.pk).update(unconfirmed_email="p@x.org")
    assert find_user("P@x.org") == person


def orders_found(site, *texts):
    """The numbers of the orders that each text finds as a purchase order."""
    pages = {typed: site.get("/inventory/", {"purchase_order": typed}) for typed in texts}
    return {typed: [row["Order Number"] for row in rows(page)] for typed, page in pages.items()}


def test_a_purchase_order_is_found_without_its_hyphens_and_spaces(sign_in, admin, center):
    order = factories.order(assigned_to=center, purchase_order="PO-2027 / 15")
    factories.order(assigned_to=center, purchase_order="PO-2028 / 15")
    texts = ("PO 2027/15", "po-2027-15", "po202715", "2027 15", "O2027")
    assert orders_found(sign_in(admin), *texts) == dict.fromkeys(texts, [str(order.number)])


def test_punctuation_alone_finds_nothing(sign_in, admin, center):
    factories.order(assigned_to=center, purchase_order="PO-1 % _ \\")
    texts = ("-", "’", "%", "_", "\\", "…")
    assert orders_found(sign_in(admin), *texts) == dict.fromkeys(texts, [])


def test_searches_by_part_use_an_index(db):
    searches = [
        User.objects.named("école"),
        Organization.objects.filter(folded__contains="ecole"),
        Order.objects.filter(compact_purchase_order__contains="po202715"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for search in searches:
        assert "_by_p" in search.order_by().explain(), search.model


# Lists of names, as a Canadian reader expects them.
SORTED = ["de la Cruz", "Élie", "Emil", "O’Brian", "O'Brien", "Øre", "van Dyk", "Vance", "Zoë"]


def as_read(names):
    """Those of SORTED among some names, in their order."""
    return [name for name in names if name in SORTED]


def test_lists_of_people_are_sorted_as_a_reader_expects(sign_in, admin, center, staff):
    order = factories.order(assigned_to=center)
    for at, name in enumerate(sorted(SORTED)):
        person = factories.person(f"p{at}", first_name="Jo", last_name=name)
        account_services.grant_role(user=person, organization=center, role=Role.TEACHER, by=staff)
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
        places = [text.index(name) for name in by_name]
        assert places == sorted(places), title
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
    places = [text.index(name) for name in SORTED]
    assert places == sorted(places)
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


# Identities

IDENTITIES = [
    (Organization, "name"),
    (User, "username"),
    (User, "first_name"),
    (User, "last_name"),
    (User, "email"),
    (Invitation, "email"),
    (ProductFamily, "name"),
    (Product, "name"),
    (Order, "purchase_order"),
    (RenewalRequest, "purchase_order"),
]
STEERING = "\x1b\x07\x9b\u00ad\u061c\u200b\u200e\u200f\u2028\u202e\u2060\u2066\ufeff"


def test_every_name_and_purchase_order_is_among_the_identities():
    named = {"name", "username", "first_name", "last_name", "email", "purchase_order"}
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    found = {
        (model, field.name)
        for model in models
        for field in model._meta.local_concrete_fields
        if field.name in named and not hasattr(model, "pgh_tracked_model")
    }
    # A transfer copies the order's.
    assert found == {*IDENTITIES, (Transfer, "purchase_order")}


def test_the_database_refuses_what_shows_nothing_or_steers(everything):
    everything("Name")
    accepted = []
    for model, field in IDENTITIES:
        row = model.objects.filter(**{f"{field}__gt": ""}).first()
        table = connection.ops.quote_name(model._meta.db_table)
        statement = f"UPDATE {table} SET {field} = {field} || %s WHERE id = %s"
        for sign in STEERING:
            why = ""
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [f"a{sign}", row.pk])
                    transaction.set_rollback(True)
            except IntegrityError as error:
                why = str(error)
            if "plain_text" not in why:
                accepted.append((model.__name__, field, ascii(sign), why))
    assert len(IDENTITIES) * len(STEERING) == 130
    assert accepted == []


def test_every_write_stores_one_spelling(everything):
    everything("Name")
    wrong = []
    for model, field in IDENTITIES:
        row = model.objects.filter(**{f"{field}__gt": ""}).first()
        typed = f" z\u200be\u0301{field[:3]}\u202e"
        if field == "email":
            typed += "@\u200bE\u0301COLE.example.org "
        wanted = f"zé{field[:3]}" + ("@école.example.org" if field == "email" else "")
        with transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{field: typed})
            row.refresh_from_db()
            stored = [getattr(row, field)]
            setattr(row, field, typed)
            if model is not Invitation:
                row.save()
                stored.append(getattr(row, field))
            found = list(model.objects.filter(**{field: typed}))
            transaction.set_rollback(True)
        if set(stored) != {wanted} or found != [row]:
            wrong.append((model.__name__, field, stored, found))
    assert wrong == []


@pytest.mark.parametrize("typed", ["prof@xn--cole-9oa.example.org", "PROF@E\u0301cole.Example.org"])
def test_a_mailbox_has_one_spelling(typed):
    person = factories.person("prof", email="prof@école.example.org")
    person.set_password(factories.PASSWORD)
    person.save()
    with pytest.raises(IntegrityError, match="accounts_user_email"), transaction.atomic():
        factories.person("other", email=typed)
    signed_in = Client().post("/accounts/login/", {"login": typed, "password": factories.PASSWORD})
    assert signed_in.status_code == 302
    with pytest.raises(DomainError, match="already exists|taken"):
        account_services.create_invited_account(
            username="third",
            first_name="A",
            last_name="B",
            email=typed,
            password=factories.PASSWORD,
        )


def test_an_invitation_goes_to_a_mailbox_once(center, staff):
    invite = {"organization": center, "role": Role.TEACHER, "by": staff}
    account_services.invite(email="prof@école.example.org", **invite)
    with pytest.raises(DomainError, match="has an invitation already"):
        account_services.invite(email="prof@xn--cole-9oa.example.org", **invite)


def test_mail_goes_to_the_domain_as_mail_servers_know_it(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_notice(kind="test", address="prof@école.example.org", subject="S", text="T")
    assert mail.outbox[0].to == ["prof@xn--cole-9oa.example.org"]
    assert Notice.objects.get().address == "prof@école.example.org"


def test_a_username_has_one_spelling():
    factories.person("ana7")
    for typed in ("ana\u200b7", "ANA7", "ａｎａ７"):
        with pytest.raises(IntegrityError, match="username"), transaction.atomic():
            factories.person(typed, email="other@example.com")


def test_a_form_says_that_it_refuses_control_characters(sign_in, staff, center):
    site = sign_in(factories.person("boss", is_staff=True, is_superuser=True))
    address = reverse("admin:accounts_organization_change", args=[center.pk])
    page = site.post(address, {"name": "Tolano\x1b[2J", "level": Level.CENTER, "parent": ""})
    assert "control character" in page_text(page)
    told = field_errors(
        Client().post("/activate/take/", {"code": "x", "first_name": "\x1b", "last_name": "B"})
    )
    assert told


# What leaves the site


def test_nothing_in_the_output_of_a_command_steers_the_terminal(center):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE accounts_organization DROP CONSTRAINT accounts_organization_plain_text"
        )
        cursor.execute(
            "UPDATE accounts_organization SET name = %s WHERE id = %s",
            ["Tolano\x1b[2J\u202e\x9b", center.pk],
        )
    factories.order(assigned_to=Organization.objects.get(pk=center.pk))
    for format in ("table", "csv", "json"):
        text = run("inventory_report", "--format", format)
        assert "Tolano" in text
        assert printable(text.removeprefix("\ufeff")) == text.removeprefix("\ufeff"), format
    line = refusal("find_code", "no\x1bcode")
    assert "control character" in line


def test_csv_for_spreadsheets_begins_with_a_byte_order_mark(center):
    factories.order(assigned_to=center)
    assert run("inventory_report", "--format", "csv").startswith("\ufeff")
    assert not run("inventory_report", "--format", "json").startswith("\ufeff")
    written = []
    write_rows(written.append, "csv", columns=["name"], rows=[{"name": "École"}])
    assert written == ["\ufeffname\n", "École\n"]
    out = io.StringIO()
    call_command("pending_requests", "--format", "csv", stdout=out)
    assert out.getvalue().startswith("\ufeff")
