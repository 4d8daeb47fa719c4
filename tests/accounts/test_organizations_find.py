"""Type to find: the suggestions, and the field that accepts the typed text."""

import pytest
from django import forms
from django.http import QueryDict
from django.urls import reverse

from jasper_inventory.accounts.models import Level, Organization, Role
from jasper_inventory.accounts.organization_field import OrganizationField
from tests import factories
from tests.pages import field_errors, page_text, parsed, text

pytestmark = pytest.mark.django_db
ADDRESS = reverse("accounts:organization_find")


@pytest.fixture
def north():
    return factories.organization("North", level=Level.DISTRIBUTOR)


@pytest.fixture
def tree(north):
    """North › Harbour Hub and North › Port Hub, each with its own "Main", and more."""
    made = {"north": north}
    for hub in ("Harbour Hub", "Port Hub"):
        made[hub] = factories.organization(hub, level=Level.HUB, parent=north)
        made[f"Main of {hub}"] = factories.organization("Main", parent=made[hub])
    made["college"] = factories.organization("Harbour College", parent=made["Port Hub"])
    made["elsewhere"] = factories.organization("Harbour Elsewhere")
    return made


@pytest.fixture
def site(sign_in, tree):
    return sign_in(factories.member(tree["north"]))


def offered(response):
    assert response.status_code == 200
    return [option.get("value") for option in parsed_options(response)]


def parsed_options(response):
    content = response.content.decode().strip()
    return parsed(response).cssselect("option") if content else []


def twin(hub):
    return factories.organization("Main", parent=hub)


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("harbour", ["Port Hub › Harbour College", "Harbour Hub"]),
        ("MAIN", ["Harbour Hub › Main", "Port Hub › Main"]),
        ("Port Hub › ma", ["Harbour Hub › Main", "Port Hub › Main"]),
        ("hub", ["Harbour Hub", "Port Hub"]),
        ("orth", ["North"]),
        ("elsewhere", []),
        ("%", []),
        ("", None),
    ],
)
def test_suggestions_are_labelled_by_their_place_in_the_tree(site, typed, labels):
    found = offered(site.get(ADDRESS, {"q": typed}))

    assert len(found) == 6 if labels is None else found == labels


def test_a_nul_character_is_refused(site):
    assert site.get(ADDRESS, {"q": "\0"}).status_code == 400


def test_those_that_begin_with_it_come_first(site, tree):
    factories.organization("College of the North", parent=tree["Port Hub"])

    assert offered(site.get(ADDRESS, {"q": "colleg"}))[0] == "Port Hub › College of the North"


def test_at_most_twenty(site, tree):
    for at in range(30):
        factories.organization(f"School {at}", parent=tree["Port Hub"])

    assert len(offered(site.get(ADDRESS, {"q": "school"}))) == 20


def test_only_children_if_the_field_allows_only_them(site):
    assert offered(site.get(ADDRESS, {"q": "", "children": "1"})) == ["Harbour Hub", "Port Hub"]
    assert offered(site.get(ADDRESS, {"q": "main", "children": "1"})) == []


def test_two_of_the_same_name_and_supplier_are_distinguished_by_their_id(site, tree):
    other = twin(tree["Port Hub"])
    main = tree["Main of Port Hub"]

    assert offered(site.get(ADDRESS, {"q": "main"})) == [
        "Harbour Hub › Main",
        f"Port Hub › Main ({main.pk})",
        f"Port Hub › Main ({other.pk})",
    ]


def test_a_hub_sees_nothing_above_it(sign_in, tree):
    site = sign_in(factories.member(tree["Port Hub"]))

    assert offered(site.get(ADDRESS)) == ["Harbour College", "Main", "Port Hub"]
    assert offered(site.get(ADDRESS, {"q": "north"})) == []


def test_only_administrators_get_suggestions(sign_in, tree):
    for role in (Role.TEACHER, Role.STUDENT):
        site = sign_in(factories.member(tree["north"], role))
        assert site.get(ADDRESS).status_code == 403


def test_it_counts_queries_not_organizations(site, tree, django_assert_num_queries):
    site.get(ADDRESS)
    with django_assert_num_queries(6) as few:
        site.get(ADDRESS, {"q": "h"})
    for at in range(30):
        factories.organization(f"Harbour School {at}", parent=tree["Port Hub"])
    with django_assert_num_queries(len(few)):
        site.get(ADDRESS, {"q": "h"})


# The field


def form_of(within, *typed, **options):
    class FindForm(forms.Form):
        school = OrganizationField(label="School", **options)

    data = QueryDict(mutable=True)
    data.setlist("school", typed)
    form = FindForm(data)
    form.fields["school"].within = within
    return form


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("port hub", "Port Hub"),
        ("  Harbour   College ", "college"),
        ("college", "college"),
        ("Port Hub › Main", "Main of Port Hub"),
        ("harbour hub › main", "Main of Harbour Hub"),
        ("North", "north"),
    ],
)
def test_an_unambiguous_name_finds_its_organization(tree, typed, found):
    form = form_of(tree["north"], typed)

    assert form.is_valid()
    assert form.cleaned_data["school"] == tree[found]


def test_a_key_the_id_and_a_label_with_the_id_find_it(tree):
    other = twin(tree["Port Hub"])
    for typed in (f"#{other.pk}", str(other.pk), f"Port Hub › Main ({other.pk})"):
        form = form_of(tree["north"], typed)
        assert form.is_valid()
        assert form.cleaned_data["school"] == other
        assert form["school"].text == f"Port Hub › Main ({other.pk})"


def test_a_name_of_digits_comes_before_an_id(tree):
    named = factories.organization(str(tree["college"].pk), parent=tree["Port Hub"])
    form = form_of(tree["north"], named.name)

    assert form.is_valid()
    assert form.cleaned_data["school"] == named


def test_a_number_within_a_name_comes_before_an_id_that_nobody_sees(tree):
    named = factories.organization(f"School {tree['college'].pk}", parent=tree["Port Hub"])
    form = form_of(tree["north"], str(tree["college"].pk))

    assert form.is_valid()
    assert form.cleaned_data["school"] == named
    # A link and the suggestions still name the other one.
    assert form_of(tree["north"], f"#{tree['college'].pk}").is_valid()


def test_an_ambiguous_name_offers_several(tree):
    form = form_of(tree["north"], "main")

    assert form.errors["school"] == ["Several organizations match. Choose one."]
    assert [label for _value, label in form["school"].offered] == [
        "Harbour Hub › Main",
        "Port Hub › Main",
    ]
    assert form["school"].text == "main"
    chosen = form_of(tree["north"], "main", form["school"].offered[1][0])
    assert chosen.is_valid()
    assert chosen.cleaned_data["school"] == tree["Main of Port Hub"]


def test_too_many_matches_request_more_of_the_name(tree):
    for at in range(30):
        factories.organization(f"School {at}", parent=tree["Port Hub"])
    form = form_of(tree["north"], "school")

    assert "More than 20" in form.errors["school"][0]
    assert len(form["school"].offered) == 20


@pytest.mark.parametrize("typed", ["nobody", "Harbour Elsewhere", "0", "9" * 30, "x" * 600, "a\0"])
def test_an_unknown_name_is_an_error_that_reveals_nothing(tree, typed):
    form = form_of(tree["north"], typed)

    assert not form.is_valid()
    assert form["school"].offered == []
    assert form_of(tree["north"], str(tree["elsewhere"].pk)).errors["school"] == [
        "No organization with this name was found."
    ]


def test_nothing_typed(tree):
    assert form_of(tree["north"], "", required=False).is_valid()
    assert not form_of(tree["north"], " ").is_valid()


def test_only_children(tree):
    assert form_of(tree["north"], "port hub", only_children=True).is_valid()
    assert not form_of(tree["north"], "harbour college", only_children=True).is_valid()


def test_what_an_unbound_form_shows(tree):
    class FindForm(forms.Form):
        school = OrganizationField(label="School")

    for initial, shown in ((tree["college"], "Port Hub › Harbour College"), (None, "")):
        form = FindForm(initial={"school": initial})
        form.fields["school"].within = tree["north"]
        assert form["school"].text == shown
        assert form["school"].offered == []


# On the pages


@pytest.mark.parametrize("page", ["/inventory/?holder=", "/transfers/?organization="])
def test_the_page_offers_which_one_without_script(site, tree, page):
    response = site.get(page + "main")

    name = page.split("?")[1].rstrip("=")
    assert field_errors(response)[name] == "Several organizations match. Choose one."
    radios = parsed(response).cssselect(f'input[type="radio"][name="{name}"]')
    assert [radio.get("value") for radio in radios] == [
        f"#{tree['Main of Harbour Hub'].pk}",
        f"#{tree['Main of Port Hub'].pk}",
    ]
    assert "Port Hub › Main" in page_text(response)
    chosen = site.get(f"{page}main&{name}=%23{tree['Main of Port Hub'].pk}")
    (box,) = parsed(chosen).cssselect(f'input[type="text"][name="{name}"]')
    assert box.get("value") == "Port Hub › Main"


def test_a_page_is_as_small_with_many_organizations(site, tree):
    few = len(site.get("/inventory/").content)
    for at in range(60):
        factories.organization(f"School {at}", parent=tree["Port Hub"])

    assert abs(len(site.get("/inventory/").content) - few) < 200


def test_one_organization_or_including_its_sub_organizations(site, tree):
    hub = Organization.objects.get(pk=tree["Port Hub"].pk)
    own = factories.order(assigned_to=hub)
    below = factories.order(assigned_to=tree["college"])
    factories.order(assigned_to=tree["Harbour Hub"])

    def numbers(query):
        page = parsed(site.get(f"/inventory/?holder={hub.pk}{query}"))
        return [int(text(cell)) for cell in page.cssselect("table.inventory tbody th")]

    assert numbers("") == [own.number]
    assert numbers("&branch=on") == [below.number, own.number]
    nothing = page_text(site.get(f"/inventory/?holder={hub.pk}&branch=on&number=1"))
    assert "Organization Port Hub, including sub-organizations" in nothing
