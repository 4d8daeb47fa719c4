"""The components that pages are built from, as templates write them."""

import lxml.html
import pytest
from django.template import engines

from tests.pages import text


def drawn(template, **values):
    html = engines["django"].from_string(template).render(values)
    return lxml.html.fromstring(f"<div>{html}</div>")


def test_a_card_with_a_title_is_named_by_it():
    page = drawn('{% card title="Codes" id="codes" %}<p>30 codes</p>{% endcard %}')
    section = page.cssselect("section.card")[0]
    assert text(page.cssselect(f"#{section.get('aria-labelledby')}")[0]) == "Codes"
    assert text(section) == "Codes 30 codes"


def test_facts_have_a_label_and_a_value_and_a_dash_for_none():
    page = drawn(
        "{% facts %}{% fact 'Order Number' %}{{ number }}{% endfact %}"
        "{% fact 'Teacher Code' %}{% if code %}{{ code }}{% endif %}{% endfact %}{% endfacts %}",
        number=10081,
        code="",
    )
    terms = [text(term) for term in page.cssselect("dl.facts > dt")]
    assert terms == ["Order Number:", "Teacher Code:"]
    assert [text(value) for value in page.cssselect("dl.facts > dd")] == ["10081", "–"]


def test_what_people_typed_is_escaped_wherever_a_component_shows_it():
    typed = "<b>&"
    page = drawn(
        "{% captured as about %}{{ typed }}{% endcaptured %}"
        "{% page_head typed about=about lead=typed %}{{ typed }}{% endpage_head %}"
        "{% nothing_found icon='users' title=typed %}{{ typed }}{% endnothing_found %}"
        "{% menu typed value=typed %}{{ typed }}{% endmenu %}"
        "{% table 'people' caption=typed %}{% endtable %}{% badge 'available' typed %}",
        typed=typed,
    )
    assert page.cssselect("b") == []
    assert text(page).count(typed) == 11


def test_a_window_leads_back_to_the_page_below_it_or_to_another():
    both = (
        "{% window title='Edit Order' %}{% window_actions %}{% endwindow_actions %}{% endwindow %}"
    )
    page = drawn(both, back_url="/inventory/?page=2")
    assert [link.get("href") for link in page.cssselect("a")] == ["/inventory/?page=2"] * 2
    page = drawn("{% window title='Erase' back='/me/' %}{% endwindow %}", back_url="/")
    assert [link.get("href") for link in page.cssselect("a")] == ["/me/"]


@pytest.mark.parametrize(("query", "is_open"), [("", False), ("?number=1", True)])
def test_a_search_is_unfolded_once_something_is_searched_for(rf, query, is_open):
    page = drawn(
        "{% search_form 'Orders' '/inventory/' more=more %}<p>fields</p>{% endsearch_form %}",
        request=rf.get(f"/inventory/{query}"),
        more="",
    )
    (fold,) = page.cssselect("details.search-fold")
    assert (fold.get("open") is not None) is is_open
    (form,) = page.cssselect("form[role=search]")
    assert (form.get("aria-label"), text(form)) == ("Orders", "fields Search Clear")


def test_only_a_limited_license_has_a_capacity_bar():
    bar = drawn("{% capacity 12 40 %}").cssselect("progress")[0]
    assert (bar.get("value"), bar.get("max"), bar.get("class")) == ("12", "40", "capacity")
    assert drawn("{% capacity 39 40 True %}").cssselect("progress.capacity-full")
    assert not drawn("{% capacity 12 None %}").cssselect("progress")
