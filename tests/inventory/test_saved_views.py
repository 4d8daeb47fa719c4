"""Saved views: their owners, their readers, and what they keep."""

import pytest
from django.db import IntegrityError

from jasper_inventory.accounts.models import SavedView
from jasper_inventory.accounts.services.saved_views import save_view
from tests import factories
from tests.pages import DIALOG, field_errors, notifications, numbers, page_text, parsed, text

pytestmark = pytest.mark.django_db

VIEWS = "/inventory/views/"


def listed(site):
    """The views in the window: {name: address}."""
    links = parsed(site.get(VIEWS)).cssselect(".saved-views li > a")
    return {text(link): link.get("href") for link in links}


def test_the_search_of_the_page_is_saved_and_opened_again(site, center):
    order = factories.order(assigned_to=center, finish_date=factories.days(12))
    factories.order(assigned_to=center)
    page = parsed(site.get("/inventory/?ending=30&sort=finish&page=1&rows=50&number=&bogus=1"))
    (link,) = page.xpath("//a[.='Views']")

    assert "Ending Within (days) 30" in page_text(site.get(link.get("href"), **DIALOG))
    saved = site.post(link.get("href"), {"name": "Ending soon"})

    assert saved.url == "/inventory/?ending=30&sort=finish"
    assert notifications(site.get(saved.url)) == ["The view “Ending soon” was saved."]
    assert listed(site) == {"Ending soon": saved.url}
    assert numbers(site.get(saved.url)) == [order.number]


def test_a_license_code_is_never_saved(site):
    page = parsed(site.get("/inventory/?license_code=U7DA7-NIFE-3017&type=codes"))
    (link,) = page.xpath("//a[.='Views']")
    assert "NIFE" not in link.get("href")
    site.post(f"{VIEWS}?query=license_code%3DNIFE%26type%3Dcodes", {"name": "Codes"})
    assert SavedView.objects.get().query == "type=codes"


def test_shared_views_are_seen_below_and_open_in_the_readers_own_scope(
    sign_in, hub_admin, admin, center, hub, foreign_admin
):
    own, below = factories.order(assigned_to=hub), factories.order(assigned_to=center)
    save_view(name="Shared", query="type=center", is_shared=True, by=hub_admin)
    save_view(name="Private", query="", is_shared=False, by=hub_admin)

    assert set(listed(sign_in(hub_admin))) == {"Shared", "Private"}
    site = sign_in(admin)
    assert set(listed(site)) == {"Shared"}
    assert numbers(site.get(listed(site)["Shared"])) == [below.number]
    assert numbers(sign_in(hub_admin).get("/inventory/?type=center")) == [below.number, own.number]
    assert listed(sign_in(foreign_admin)) == {}
    above = save_view(name="Of the center", query="", is_shared=True, by=admin)
    assert above.name not in listed(sign_in(hub_admin))


def test_colleagues_change_what_their_organization_shares(sign_in, hub_admin, hub, admin):
    shared = save_view(name="Shared", query="", is_shared=True, by=hub_admin)
    private = save_view(name="Private", query="", is_shared=False, by=hub_admin)
    colleague = sign_in(factories.member(hub))

    renamed = colleague.post(f"{VIEWS}{shared.pk}/", {"name": "Better", "is_shared": "on"})
    assert renamed.status_code == 302
    assert set(listed(colleague)) == {"Better"}
    assert colleague.get(f"{VIEWS}{private.pk}/").status_code == 404
    assert sign_in(admin).get(f"{VIEWS}{shared.pk}/").status_code == 404
    assert not parsed(sign_in(admin).get(VIEWS)).cssselect(".saved-view-actions")


def test_a_view_is_deleted_after_confirmation(site, admin):
    view = save_view(name="Old", query="", is_shared=False, by=admin)
    assert "Delete the view Old?" in page_text(site.get(f"{VIEWS}{view.pk}/delete/"))
    assert SavedView.objects.exists()
    site.post(f"{VIEWS}{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_name_is_used_once_by_each_owner(site, admin, hub_admin):
    view = save_view(name="École", query="", is_shared=False, by=admin)
    other = save_view(name="Other", query="", is_shared=False, by=admin)
    save_view(name="École", query="", is_shared=False, by=hub_admin)

    for address in (VIEWS, f"{VIEWS}{other.pk}/"):
        refused = site.post(address, {"name": "ecole"})
        assert "already have a view" in field_errors(refused)["name"]
    with pytest.raises(IntegrityError):
        SavedView.objects.create(owner=view.owner, organization=view.organization, name="ECOLE")


def test_a_view_needs_a_name(site):
    assert "name" in field_errors(site.post(VIEWS, {"name": " "}))
    assert not SavedView.objects.exists()


def hidden(page):
    (table,) = parsed(page).cssselect("table.orders")
    return {name for name in table.get("class").split() if name.startswith("hides-")}


def test_columns_are_hidden_until_they_are_chosen_again(site, center):
    factories.order(assigned_to=center)
    assert hidden(site.get("/inventory/")) == set()
    (form,) = parsed(site.get("/inventory/columns/")).cssselect("main form")
    shown = [name for key, name in form.form_values() if key == "columns"]
    assert len(shown) == 10

    chosen = [name for name in shown if name not in ("teachers", "start")]
    site.post("/inventory/columns/?next=/inventory/%3Ftype%3Dcenter", {"columns": chosen})
    assert hidden(site.get("/inventory/?type=center")) == {"hides-teachers", "hides-start"}
    file = b"".join(site.get("/inventory/export/?file=csv").streaming_content).decode()
    assert "Start Date" not in file
    assert "Finish Date" in file

    site.post("/inventory/columns/", {"columns": shown})
    assert hidden(site.get("/inventory/")) == set()


def test_a_view_keeps_its_columns_and_leaves_those_of_the_reader(site, center):
    factories.order(assigned_to=center)
    page = parsed(site.get("/inventory/?hide=teachers,start"))
    (link,) = page.xpath("//a[.='Views']")
    saved = site.post(link.get("href"), {"name": "Short"})
    assert hidden(site.get(saved.url)) == {"hides-teachers", "hides-start"}
    assert hidden(site.get("/inventory/")) == set()
    wrong = site.get("/inventory/?hide=bogus")
    assert "These columns don't exist: bogus." in page_text(wrong)
