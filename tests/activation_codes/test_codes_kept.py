"""A browser keeps a code and a group key between the pages for typing codes."""

import pytest
from django.test import Client

from activation_codes.code_check import generate
from activation_codes.models import Redemption
from activation_codes.views.redeem import KEPT, KEPT_KEY
from jasper_inventory.accounts.models import Session
from jasper_inventory.lib.code_format import new_key
from licenses.models import TeacherCode
from licenses.services.join_codes import replace_group_key
from tests import factories
from tests.activation_codes.acts import ACCOUNT, NO_LONGER_KEPT, teaching, wrong_count
from tests.pages import facts, field_errors, notifications, page_text, parsed, text

pytestmark = pytest.mark.django_db


def test_a_page_without_a_kept_code_creates_no_session(client, db):
    page = client.get("/activate/offer/")
    assert notifications(page) == [NO_LONGER_KEPT]
    assert parsed(page).cssselect("#id_code")
    assert not Session.objects.exists()


@pytest.fixture
def busy(settings):
    """Set whether the network has sent too many wrong codes."""

    def switch(is_busy):
        settings.NETWORK_DELAY = 600
        settings.WRONG_CODES_PER_NETWORK = 1 if is_busy else 1_000

    for _wrong in range(2):
        Client().post("/activate/", {"code": next(generate(1))})
    return switch


def test_a_busy_network_loses_no_typed_code(client, code, busy):
    client.post("/activate/", {"code": str(code)})
    busy(True)
    page = client.get("/activate/offer/")
    assert "Try again in" in field_errors(page)["code"]
    assert parsed(page).cssselect("#id_code")[0].get("value") == str(code)
    busy(False)
    assert facts(client.get("/activate/offer/"))["Code"] == str(code)


def test_a_code_that_is_kept_already_needs_no_look_up_to_sign_in(client, code, busy):
    page = client.post("/activate/", {"code": f"code: {code}"}, follow=True)
    shown = facts(page)["Code"]
    busy(True)
    assert client.post("/activate/sign-in/", {"code": shown}).url.startswith("/accounts/login/")


@pytest.mark.parametrize("kind", ["activate", "link", "teach"])
def test_a_code_that_opens_nothing_is_neither_kept_nor_free_to_try(kind, center):
    unknown = {"activate": next(generate(1)), "link": new_key(), "teach": "U7DA7-NIFE-3017"}
    for typed in ("x" * 400, unknown[kind]):
        page = Client().post(f"/{kind}/sign-in/", {"code": typed})
        assert field_errors(page)["code"]
    assert not Session.objects.exists()
    assert wrong_count() == 1


@pytest.mark.parametrize("kind", ["link", "teach"])
def test_a_kept_key_acts_only_after_an_activation(site, order, center, kind):
    licensed = factories.order(assigned_to=center)
    typed = {"link": teaching(licensed).group_key, "teach": licensed.teacher_code}[kind]
    site.post("/link/", {"code": str(teaching(order).group_key)})
    for _again in range(2):
        site.post(f"/{kind}/take/", {"code": str(typed)})
    assert KEPT_KEY in site.session


def test_a_kept_key_names_its_teacher_and_can_be_dropped(client, order, code):
    """On a computer of several pupils, the next one may have another teacher."""
    teacher = teaching(order, first_name="Tess", last_name="Hall")
    client.post("/link/", {"code": str(teacher.group_key)})
    linked = "After this, you'll be linked to Tess Hall."
    assert linked in page_text(client.get("/activate/"))
    assert "After this" not in page_text(client.get("/link/"))
    page = client.post("/activate/", {"code": str(code)}, follow=True)
    assert linked in page_text(page)
    (form,) = parsed(page).cssselect("form[action='/activate/forget-key/']")
    assert [text(button) for button in form.cssselect("button")] == ["Don't Link"]

    page = client.post("/activate/forget-key/", follow=True)

    assert facts(page)["Code"] == str(code)
    assert "After this" not in page_text(page)
    client.post("/activate/take/", ACCOUNT | {"code": str(code)})
    assert Redemption.objects.get(code=code).enrollment.teacher is None


@pytest.mark.parametrize("ended", ["long ago", "replaced"])
def test_a_kept_key_that_links_no_more_announces_nothing(client, order, ended):
    teacher = teaching(order, first_name="Tess", last_name="Hall")
    client.post("/link/", {"code": str(teacher.group_key)})
    if ended == "replaced":
        replace_group_key(teacher=teacher, by=teacher.user)
    else:
        session = client.session
        session[KEPT_KEY] |= {"until": 0}
        session.save()
    assert "After this" not in page_text(client.get("/activate/"))


def test_a_code_of_a_license_already_held_is_no_longer_kept(client, user, code):
    factories.redemption(code, user=user)
    client.post("/activate/", {"code": str(code)})
    client.force_login(user)
    assert client.post("/activate/take/", {"code": str(code)}).url == "/courses/"
    assert KEPT not in client.session


@pytest.mark.parametrize("typed_at", ["activate", "teach"])
def test_a_replaced_group_key_is_no_guess_on_any_page(site, center, typed_at):
    teacher = teaching(factories.order(assigned_to=center))
    key = str(teacher.group_key)
    replace_group_key(teacher=teacher, by=teacher.user)
    page = site.post(f"/{typed_at}/", {"code": key})
    assert "This group key isn't valid." in field_errors(page)["code"]
    assert wrong_count() == 0


@pytest.mark.parametrize("typed_at", ["activate", "link"])
def test_a_misread_teacher_code_redirects_to_its_page(site, center, typed_at):
    licensed = factories.order(assigned_to=center)
    TeacherCode.objects.filter(pk=licensed.teacher_code_id).update(code="U0DA7NIFE3017")
    assert site.post(f"/{typed_at}/", {"code": "UODA7-NIFE-3017"}).url == "/teach/offer/"
    assert facts(site.get("/teach/offer/"))["Code"] == "U0DA7-NIFE-3017"
    assert wrong_count() == 0
