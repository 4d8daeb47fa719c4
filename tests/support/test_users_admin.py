"""CCI staff see people if their work needs it: each look is recorded, no address names one."""

import json
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from django.contrib import admin as admin_pages
from django.http import QueryDict
from django.utils import timezone

from activation_codes.models import Redemption
from jasper_inventory.accounts.models import (
    ErasureRequest,
    Invitation,
    LogEntry,
    Membership,
    Notice,
    Role,
    Tally,
    User,
)
from jasper_inventory.accounts.people_admin import PeopleAdmin, PostedSelects
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import invite
from licenses.models import Enrollment
from licenses.services.enrollments import enroll_student, enroll_teacher
from licenses.services.join_codes import replace_group_key
from tests import admin_pages as ui
from tests import factories
from tests.pages import parsed, query_without_key

pytestmark = pytest.mark.django_db
# Every list of the admin whose rows name people.
LISTS = [User, Membership, Invitation, Notice, Enrollment, Redemption, ErasureRequest, Tally]
SEARCHED = [User, Membership, Invitation, Notice, Enrollment, Redemption]


@pytest.fixture
def rosa(center, admin, staff):
    """A person who is in every list."""
    user = factories.person(
        "rosa.quill", first_name="Rosa", last_name="Quill", email="rosa@quill.example.com"
    )
    factories.member(center, Role.STUDENT, user=user)
    order = factories.order(assigned_to=center)
    enroll_student(order=order, user=user, by=staff)
    codes = factories.order(factories.CODES, assigned_to=center)
    factories.redemption(factories.codes(codes)[0], user=user)
    ask_for_erasure(by=user)
    Notice.objects.create(
        kind="x", recipient=user, address=user.email, subject="About the course", text="Hi"
    )
    now = timezone.now()
    key, soon = f"passwords of account {user.pk}", now + timedelta(minutes=5)
    Tally.objects.create(key=key, number=5, last_at=now, forget_at=soon)
    invitation = invite(organization=center, role=Role.TEACHER, email=user.email, by=admin.user)
    Invitation.objects.filter(pk=invitation.pk).update(
        accepted_by=user, accepted_at=invitation.created_at
    )
    return user


LOOKS = ("people.viewed", "people.searched")


def looks():
    return LogEntry.objects.filter(action__in=LOOKS).order_by("pk")


def last_look():
    """The newest entry of the activity log about people that a page showed."""
    return looks().last()


def page_of(look):
    return look.after["page"]


def test_every_list_with_a_person_in_its_search_is_one_of_these():
    for model, model_admin in admin_pages.site._registry.items():
        of_people = model in (*LISTS, LogEntry)
        assert isinstance(model_admin, PeopleAdmin) == of_people, model
        searched = " ".join(map(str, model_admin.get_search_fields(None)))
        names_people = any(word in searched for word in ("user", "email", "last_name", "address"))
        assert not names_people or of_people, model


@pytest.mark.parametrize("model", SEARCHED)
def test_a_search_for_people_is_sent_and_its_address_has_a_key_only(staff_site, rosa, model):
    address = ui.url(model, "changelist")
    (form,) = parsed_search(staff_site.get(address))
    assert form.method == "POST"
    sent = staff_site.post(address, {"q": rosa.email, "csrfmiddlewaretoken": "x"})
    assert sent.status_code == 302 and query_without_key(sent.url, "q") == {}
    assert set(QueryDict(urlsplit(sent.url).query)) == {"q"}
    page = staff_site.get(sent.url)
    assert len(ui.listed(page)) >= 1
    (form,) = parsed_search(page)
    assert form.fields["q"] == rosa.email
    links = [unquote(link.get("href")) for link in ui.page(page).cssselect("#content a[href]")]
    assert links and not [link for link in links if "rosa" in link or "@" in link]
    nobody = staff_site.post(address, {"q": "zzzz"}, follow=True)
    assert ui.listed(nobody) == []


def parsed_search(response):
    return [form for form in ui.page(response).forms if form.get("id") == "changelist-search"]


def test_a_search_that_is_no_longer_kept_is_requested_again(staff_site, rosa):
    page = staff_site.get("/admin/accounts/user/?q=rosa&is_active__exact=1", follow=True)
    assert page.redirect_chain[-1][0] == "/admin/accounts/user/?is_active__exact=1"
    assert ui.messages(page) == ["This search has expired. Enter it again."]


def test_filters_and_popups_keep_their_search(staff_site, rosa):
    sent = staff_site.post("/admin/accounts/user/", {"q": "quill", "_popup": "1", "is_active": "1"})
    assert "_popup=1" in sent.url and "is_active=1" in sent.url


def test_people_are_suggested_by_post_only(staff_site, rosa):
    query = {
        "app_label": "licenses",
        "model_name": "enrollment",
        "field_name": "user",
        "term": "quill",
    }
    assert staff_site.get("/admin/autocomplete/", query).status_code == 405
    answer = json.loads(staff_site.post("/admin/autocomplete/", query).content)
    assert [one["id"] for one in answer["results"]] == [str(rosa.pk)]
    assert (page_of(last_look()), last_look().people) == ("autocomplete", [rosa.pk])
    for address in (ui.url(Enrollment, "add"), ui.url(User, "change", rosa.pk)):
        fields = ui.page(staff_site.get(address)).cssselect("[data-ajax--url]")
        assert fields and {field.get("data-ajax--type") for field in fields} == {"POST"}
    # No other page suggests people.
    for model, model_admin in admin_pages.site._registry.items():
        suggested = {model._meta.get_field(name) for name in model_admin.autocomplete_fields}
        people = [field for field in suggested if field.related_model in LISTS]
        assert not people or isinstance(model_admin, PostedSelects)


@pytest.mark.parametrize("model", LISTS)
def test_each_look_is_recorded_with_the_people_it_showed(staff_site, staff, rosa, model):
    staff_site.get(ui.url(model, "changelist"))
    look = last_look()
    assert rosa.pk in look.people and look.actor == staff and look.action == "people.viewed"
    (row,) = [
        row
        for row in model.objects.all()
        if admin_pages.site._registry[model].person_of(row) == rosa.pk
    ][:1]
    for page in ("change", "history"):
        before = looks().count()
        staff_site.get(ui.url(model, page, row.pk))
        assert looks().count() == before + 1, page
        assert last_look().people == [rosa.pk]


def test_a_recorded_search_keeps_nothing_of_what_was_typed(staff_site, rosa):
    staff_site.post("/admin/accounts/user/", {"q": "quill"}, follow=True)
    look = last_look()
    assert (look.action, look.people) == ("people.searched", [rosa.pk])
    assert "quill" not in str(LogEntry.objects.filter(pk=look.pk).values()).lower()


def test_codes_explanations_and_downloads_are_looks_too(staff_site, rosa):
    redemption = Redemption.objects.get()
    for send in (
        lambda: staff_site.post("/admin/find-code/", {"code": str(redemption.code)}),
        lambda: staff_site.get(f"/admin/why/person/{redemption.enrollment_id}/"),
        lambda: staff_site.get(
            f"/admin/activation_codes/activationcode/order/{redemption.code.order_id}/download/"
        ).getvalue(),
    ):
        before = looks().count()
        send()
        assert looks().count() == before + 1
        assert last_look().people == [rosa.pk]


def test_an_explained_group_key_is_a_look_at_its_teacher(staff_site, staff, rosa, center):
    order = factories.order(assigned_to=center)
    teaching = enroll_teacher(order=order, user=rosa, by=staff).enrollment
    keys = [str(teaching.group_key)]
    replace_group_key(teacher=teaching, by=rosa)
    teaching.refresh_from_db()
    for key in (*keys, str(teaching.group_key)):
        before = looks().count()
        explained = staff_site.post("/admin/why/", {"code": key})
        assert "Rosa Quill" in explained.content.decode()
        assert looks().count() == before + 1
        look = last_look()
        assert (page_of(look), look.people) == ("why_code", [rosa.pk])
    staff_site.post("/admin/why/", {"code": str(order.teacher_code)})
    assert looks().count() == before + 1


def test_a_page_that_shows_nobody_is_no_look(staff_site):
    staff_site.get(ui.url(Redemption, "changelist"))
    assert not looks().exists()


def test_looks_are_for_superusers(staff_site, sign_in, rosa):
    staff_site.get(ui.url(User, "change", rosa.pk))
    look = last_look()
    assert staff_site.get(ui.url(LogEntry, "change", look.pk)).status_code == 302
    root = sign_in(factories.person(is_staff=True, is_superuser=True))
    assert "rosa.quill" in root.get(ui.url(LogEntry, "change", look.pk)).content.decode()


def test_no_form_of_the_site_puts_a_person_into_an_address(sign_in, admin, center, rosa):
    site = sign_in(admin)
    order = Enrollment.objects.filter(user=rosa).first().order
    pages = ["/people/", "/why/", "/invitations/", f"/inventory/{order.number}/people/"]
    pages += ["/inventory/", "/requests/", "/transfers/", f"/people/{rosa.pk}/"]
    for address in pages:
        response = site.get(address)
        if response.status_code == 404:
            continue
        page = parsed(response)
        for form in page.forms:
            names = {name.lower() for name in form.fields}
            personal = names & {"name", "email", "typed", "username", "person", "user"}
            assert form.method == "POST" or not personal, (address, personal)
        for link in page.cssselect("a[href]"):
            href = unquote(link.get("href"))
            if not href.startswith("mailto:"):
                assert "@" not in href and "rosa" not in href.lower(), href
