"""Handing out activation codes, and undoing it."""

import json

import pytest

from activation_codes.models import CodeState, Handout
from activation_codes.selections import decoded, encoded
from activation_codes.services.codes import replace_code
from activation_codes.services.handouts import hand_out, return_codes
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from jasper_inventory.people.erasure import erase_person
from licenses.activity import acts_of
from tests import factories
from tests.factories import CODES
from tests.helpers import at_once, refusals, refused
from tests.pages import DIALOG, field_errors, notifications, page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(center):
    return factories.order(CODES, assigned_to=center, number_of_codes=4, users_per_code=1)


@pytest.fixture
def codes(order):
    return factories.codes(order)


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


def handed(order, codes, by, **values):
    values.setdefault("name", "Class 7b")
    return hand_out(order=order, codes=[code.pk for code in codes], by=by.user, **values)


def address(codes, act="hand-out"):
    selected = encoded(code.pk for code in codes)
    return f"/inventory/{codes[0].order.number}/codes/{act}/?selected={selected}"


def states(order):
    return list(order.activation_codes.order_by("pk").values_list("state", flat=True))


def test_codes_are_handed_out_together(order, codes, admin):
    handout = handed(order, codes[:2], admin, email="kim@example.com", note="Room 4")

    assert (handout.number_of_codes, handout.handed_out_by) == (2, admin.user)
    assert states(order) == [CodeState.HANDED_OUT] * 2 + [CodeState.UNUSED] * 2


def test_what_cannot_be_handed_out_is_named_and_nothing_is_changed(order, codes, admin):
    handed_out, used, replaced, free = codes
    handed(order, [handed_out], admin)
    factories.redemption(used)
    replace_code(code=replaced, by=admin.user)

    with pytest.raises(DomainError) as refusal:
        handed(order, codes, admin)

    assert str(refusal.value) == (
        f"1 code was already handed out: {handed_out}. 1 code has no uses left: {used}. "
        f"1 code was replaced: {replaced}. Nothing was changed. Select other codes."
    )
    free.refresh_from_db()
    assert free.handout is None and Handout.objects.count() == 1


def test_codes_of_another_order_are_not_handed_out(order, codes, admin, center):
    other = factories.codes(factories.order(CODES, assigned_to=center))
    handout = handed(order, [codes[0], other[0]], admin)
    assert handout.number_of_codes == 1
    with pytest.raises(DomainError, match="Select at least one"):
        handed(order, other, admin)


@pytest.mark.django_db(transaction=True)
def test_two_people_never_hand_out_the_same_code(order, codes, admin, center):
    colleague = factories.member(center)
    results = at_once(
        lambda: handed(order, codes[:3], admin, name="One"),
        lambda: handed(order, codes[1:], colleague, name="Two"),
        hold=order,
    )

    (why,) = refusals(results)
    assert "2 codes were already handed out" in str(why)
    (handout,) = Handout.objects.all()
    assert handout.codes.count() == 3


def test_undone_the_codes_are_free_and_the_name_is_forgotten(order, codes, admin):
    handout = handed(order, codes[:3], admin, email="kim@example.com", note="Room 4")
    return_codes(order=order, codes=[codes[0].pk, codes[3].pk], by=admin.user)
    handout.refresh_from_db()
    assert handout.name == "Class 7b" and handout.codes.count() == 2

    return_codes(order=order, codes=[code.pk for code in codes], by=admin.user)

    handout.refresh_from_db()
    assert (handout.name, handout.email, handout.note) == ("", "", "")
    assert set(states(order)) == {CodeState.UNUSED}
    with pytest.raises(DomainError, match="None of these codes"):
        return_codes(order=order, codes=[code.pk for code in codes], by=admin.user)


def test_only_the_holder_and_cci_may(order, codes, hub_admin, foreign_admin, staff):
    for who in (hub_admin, foreign_admin):
        with pytest.raises(NotAllowed):
            handed(order, codes, who)
        with pytest.raises(NotAllowed):
            return_codes(order=order, codes=[codes[0].pk], by=who.user)
    hand_out(order=order, codes=[codes[0].pk], name="Kim", by=staff)


def test_the_database_keeps_no_address_without_a_name(order, codes, admin):
    handout = handed(order, codes, admin)
    with refused("activation_codes_handout_named"):
        Handout.objects.filter(pk=handout.pk).update(name="", email="kim@example.com")


def test_a_code_that_replaces_one_is_for_the_same_person(order, codes, admin):
    handout = handed(order, codes[:1], admin)
    assert replace_code(code=codes[0], by=admin.user).handout == handout


def test_the_history_says_who_did_it_and_names_nobody_else(order, codes, admin):
    handed(order, codes[:2], admin)
    return_codes(order=order, codes=[codes[0].pk], by=admin.user)
    order.refresh_from_db()
    order.shows_terms = True

    acts = [(act.what, act.person) for act in acts_of(order, admin)]

    assert acts[:2] == [("1 code returned", admin.user), ("2 codes handed out", admin.user)]
    assert "Class 7b" not in str(acts)


def test_the_window_hands_out_and_shows_who_has_the_codes(site, codes):
    page = site.post(address(codes[:2]), {"name": "Class 7b"}, follow=True, **DIALOG)
    page = site.get(page.headers.get("HX-Redirect") or page.redirect_chain[-1][0])

    assert notifications(page) == [
        f"2 codes of order {codes[0].order} were handed out to Class 7b."
    ]
    text = page_text(page)
    assert "Codes handed out to Class 7b" in text
    assert str(codes[0]) in text and str(codes[2]) not in text


@pytest.mark.parametrize(
    ("typed", "field"), [({"name": ""}, "Name"), ({"name": "Kim", "email": "kim"}, "Email")]
)
def test_the_window_keeps_what_was_typed(site, codes, typed, field):
    page = site.post(address(codes), typed)

    assert [name for name, _why in field_errors(page).items()] or page.status_code == 200
    assert field in page_text(page)
    assert not Handout.objects.exists()


def test_the_window_says_which_codes_were_taken_meanwhile(site, order, codes, admin):
    handed(order, codes[:1], admin)
    page = site.post(address(codes[:2]), {"name": "Class 8"})
    assert f"1 code was already handed out: {codes[0]}." in page_text(page)


def test_the_window_undoes_it(site, order, codes, admin):
    handed(order, codes[:2], admin)
    page = site.post(address(codes, "return"), follow=True)
    assert notifications(page) == [f"2 codes of order {order} are no longer marked as handed out."]
    assert set(states(order)) == {CodeState.UNUSED}


def test_an_erased_person_is_forgotten_in_handouts(order, codes, admin, staff):
    zoe = factories.person("zoe", first_name="Zoë", last_name="Öst", email="zoe@example.com")
    by_address = handed(order, codes[:1], admin, name="Z.", email="zoe@example.com", note="Late")
    by_name = handed(order, codes[1:2], admin, name="zoe ost", note="Late")
    factories.redemption(codes[1], user=zoe)
    namesake = handed(order, codes[2:3], admin, name="Someone else", note="Late")
    elsewhere = factories.order(CODES)
    stranger = hand_out(
        order=elsewhere, codes=[factories.codes(elsewhere)[0].pk], name="Zoë Öst", by=staff
    )

    erase_person(user=zoe, by=staff)

    for handout in (by_address, by_name):
        handout.refresh_from_db()
        assert (handout.name, handout.email, handout.note) == (f"Erased person {zoe.pk}", "", "")
    for handout, name in ((namesake, "Someone else"), (stranger, "Zoë Öst")):
        handout.refresh_from_db()
        assert handout.name == name


def test_people_download_what_was_handed_out_to_them(order, codes, admin, sign_in):
    kim = factories.person("kim", email="kim@example.com")
    handed(order, codes[:1], admin, name="Kim", email="kim@example.com", note="Room 4")
    handed(order, codes[1:2], admin, name="Lee", email="lee@example.com")

    theirs = json.loads(sign_in(kim).get("/me/download/").content)
    ours = json.loads(sign_in(admin).get("/me/download/").content)

    (recorded,) = theirs["codes_handed_out_to_you"]
    assert (recorded["name"], recorded["note"], recorded["order__number"]) == (
        "Kim",
        "Room 4",
        order.number,
    )
    acts = [act["act"] for act in ours["what_you_did"]]
    assert acts.count("codes handed out") == 2
    assert ours["codes_handed_out_to_you"] == []


@pytest.mark.parametrize("keys", [[], [7], [1, 2, 3], [5, 6, 9, 10, 40_000], range(3, 1_003)])
def test_selected_codes_fit_into_an_address(keys):
    assert decoded(encoded(keys)) == list(keys)


@pytest.mark.parametrize("text", ["", "x y", "1-zz.1-zz", "-", "zzzzzzzzzzzzzz", "1..2", "é"])
def test_other_texts_select_at_most_what_can_be_selected(text):
    assert len(decoded(text)) <= 1
