"""CCI staff manage the tree of organizations in the admin."""

import pytest

from jasper_inventory.accounts.models import Level, Organization
from tests import admin_pages as ui
from tests import factories, pages

MOVE = "/admin/accounts/organization/move/"


def organization_url(organization):
    return ui.url(Organization, "change", organization.pk)


def parent(organization):
    return Organization.objects.get(pk=organization.pk).supplier


def test_adding_an_organization_below_another(staff_site, hub):
    ui.fill(
        staff_site,
        ui.url(Organization, "add"),
        name="  New   Center ",
        level=Level.CENTER,
        parent=hub.pk,
    )

    made = Organization.objects.get(name="New Center")
    assert (made.level, made.supplier) == (Level.CENTER, hub)
    text = pages.page_text(staff_site.get(ui.url(Organization, "history", made.pk)))
    assert "Organization created" in text


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"level": Level.RESELLER}, "level", "can't be below Harbour Hub"),
        ({"name": " "}, "name", "required"),
        ({"parent": ""}, "parent", "required"),
        ({"level": Level.VENDOR}, "level", "valid choice"),
    ],
)
def test_a_change_that_breaks_the_tree_is_an_error(staff_site, hub, typed, field, message):
    values = {"name": "New", "level": Level.CENTER, "parent": hub.pk, **typed}

    response = ui.fill(staff_site, ui.url(Organization, "add"), **values)

    assert message in ui.errors(response)[field]
    assert not Organization.objects.filter(name="New").exists()


def test_renaming_and_moving_with_all_sub_organizations(staff_site, hub, center):
    reseller = factories.organization("Reseller", level=Level.RESELLER)

    ui.fill(staff_site, organization_url(hub), name="Port Hub", parent=reseller.pk)

    hub.refresh_from_db()
    assert hub.name == "Port Hub"
    assert parent(hub) == reseller
    assert parent(center) == hub
    in_scope = Organization.objects.in_scope_of(Organization.objects.get(pk=reseller.pk))
    assert center in in_scope
    text = pages.page_text(staff_site.get(ui.url(Organization, "history", hub.pk)))
    assert "Organization moved" in text


def test_changing_a_level_within_the_ones_around(staff_site, hub, center):
    ui.fill(staff_site, organization_url(hub), level=Level.DISTRIBUTOR)
    low = ui.fill(staff_site, organization_url(hub), level=Level.CENTER)

    hub.refresh_from_db()
    assert hub.level == Level.DISTRIBUTOR
    assert (
        "a level above that of its sub-organization Tolano Adventures (Center)"
        in ui.errors(low)["level"]
    )


def test_moving_against_the_levels_is_an_error(staff_site, hub, center):
    other = factories.organization("Other Hub", level=Level.HUB)

    response = ui.fill(staff_site, organization_url(hub), name="Kept text", parent=other.pk)
    below_itself = ui.fill(staff_site, organization_url(hub), parent=hub.pk)

    assert "can't be below Other Hub" in ui.errors(response)["level"]
    assert ui.page(response).forms[-1].fields["name"] == "Kept text"
    assert "can't be its own sub-organization" in ui.errors(below_itself)["parent"]
    assert parent(hub).is_vendor


def test_the_vendor_can_be_renamed_and_stays_on_top(staff_site, hub):
    vendor = factories.vendor()

    ui.fill(staff_site, organization_url(vendor), name="CCI")

    vendor.refresh_from_db()
    assert vendor.name == "CCI"
    ui.fill(staff_site, organization_url(vendor), parent=hub.pk, level=Level.CENTER)
    vendor.refresh_from_db()
    assert (vendor.level, vendor.depth) == (Level.VENDOR, 1)


def test_dropping_one_on_another_moves_it(staff_site, hub, center):
    other = factories.organization("Other Hub", level=Level.HUB)

    moved = staff_site.post(MOVE, {"node": center.pk, "target": other.pk, "relation": "child"})
    assert moved.status_code == 200
    assert parent(center) == other
    beside = staff_site.post(MOVE, {"node": center.pk, "target": hub.pk, "relation": "sibling"})
    assert beside.status_code == 200
    assert parent(center).is_vendor


@pytest.mark.parametrize("relation", ["child", "sibling"])
def test_a_forbidden_drop_is_refused_with_a_message(staff_site, hub, center, relation):
    other = factories.organization("Other Hub", level=Level.HUB)
    target = center if relation == "sibling" else hub

    response = staff_site.post(MOVE, {"node": other.pk, "target": target.pk, "relation": relation})

    assert response.status_code == 400
    list_page = staff_site.get(ui.url(Organization, "changelist"))
    assert "can't be below Harbour Hub" in ui.messages(list_page)[0].replace("’", "'")
    assert parent(other).is_vendor


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"node": "x", "target": "y", "relation": "child"},
        {"node": "999999", "target": "1", "relation": "child"},
        {"node": "9" * 40, "target": "1", "relation": "child"},
    ],
)
def test_a_forged_drop_is_no_error_page(staff_site, hub, data):
    assert staff_site.post(MOVE, data).status_code == 400
    assert staff_site.get(MOVE).status_code == 400


def test_the_vendor_is_not_dropped_anywhere(staff_site, hub):
    vendor = factories.vendor()

    data = {"node": vendor.pk, "target": hub.pk, "relation": "child"}

    assert staff_site.post(MOVE, data).status_code == 400
    data = {"node": hub.pk, "target": vendor.pk, "relation": "sibling"}
    assert staff_site.post(MOVE, data).status_code == 400
    assert parent(hub) == vendor


def test_organizations_are_not_deleted(staff_site, hub):
    assert staff_site.get(ui.url(Organization, "delete", hub.pk)).status_code == 403


def test_the_tree_opens_level_by_level_and_is_searched_as_a_whole(staff_site, center):
    top = ui.listed(staff_site.get(ui.url(Organization, "changelist")))
    found = ui.listed(staff_site.get(ui.url(Organization, "changelist", q="tolano")))
    below = staff_site.get(f"/admin/accounts/organization/children/{factories.vendor().pk}/")

    assert [row["level"] for row in top] == ["Vendor"]
    assert len(found) == 1
    assert "Harbour Hub" in below.json()["result_html"]
