"""The same text in every spelling is found by every search."""

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.urls import reverse

from jasper_inventory.accounts.management.arguments import find_organization
from jasper_inventory.accounts.models import Organization, Role, User
from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.lib.commands import find_user
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.text_fields import has_words
from licenses.management.arguments import find_products
from licenses.models import Order
from tests import factories
from tests.commands import refusal, run
from tests.pages import offered, rows

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


NOBODY = "nobody at all"


def test_every_search_finds_every_spelling(everything, sign_in, hub_admin):
    """Each finds names by another spelling, and nothing by a text that doesn't exist."""
    boss = factories.person("boss", is_staff=True, is_superuser=True)
    wrong = []
    for name, typed in SPELLINGS:
        with transaction.atomic():
            order, _license_request, _invitation = everything(name)
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
                    # Each search in its first world only: a missing text is missing in all of them.
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
    """A list of the admin, searched; text to find people is sent by POST, not in an address."""
    if isinstance(model_admin, PeopleAdmin):
        return site.post(address, {"q": typed}, follow=True)
    return site.get(address, {"q": typed})


OURS = ("accounts", "licenses", "activation_codes", "renewals")
# An alert and a redemption need more than a name: their searches are of the same fields.
WITHOUT_ROWS = ("alert", "redemption", "tally")


def suggestions_of_the_admin(site):
    def offers(field):
        send = site.post if field == "user" else site.get
        model = {"app_label": "accounts", "model_name": "membership", "field_name": field}
        address = "/admin/autocomplete/"
        return lambda typed: send(address, model | {"term": typed}).json()["results"]

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
def test_an_act_repeated_after_its_person_is_gone_affects_no_other_person(typed, other):
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
        User.objects.filter(has_words(["folded"], "école")),
        Organization.objects.filter(folded__contains="ecole"),
        Order.objects.filter(compact_purchase_order__contains="po202715"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for search in searches:
        assert "_by_p" in search.order_by().explain(), search.model
