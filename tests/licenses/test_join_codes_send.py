"""The Email Teacher Code window, and its service."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from jasper_inventory.accounts.email_delivery import worded
from jasper_inventory.accounts.models import Notice, Tally
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.services.enrollments import pause_joining, unpause_joining
from licenses.services.join_codes import NOTE_LENGTH, send_teacher_code
from tests import factories
from tests.helpers import at_once, change, refusals
from tests.pages import DIALOG, facts, field_errors, notifications, page_text, parsed

pytestmark = pytest.mark.django_db


def address(order):
    return f"/inventory/{order.number}/teacher-code/"


def send(order, by, addresses="ann@example.com", **values):
    return send_teacher_code(order=order, addresses=addresses, by=by, **values)


def test_each_address_gets_an_email_of_its_own(
    site, order, admin, django_capture_on_commit_callbacks
):
    typed = {"addresses": "Ann@example.com, bob@example.com\nann@example.com", "note": "Welcome!"}
    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(address(order), typed, follow=True)
    assert notifications(response) == [
        f"The teacher code of order {order} is being sent to 2 addresses."
    ]
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["bob@example.com"]]
    text = mail.outbox[0].body
    assert str(order.teacher_code) in text
    assert "/teach/\n" in text
    assert "Welcome!" in text
    assert f"{admin.user} invites you to teach at Tolano Adventures" in text
    assert "because of your role" not in text
    assert f"because {admin.user} of Tolano Adventures entered your address" in text
    html = mail.outbox[0].alternatives[0].content
    assert str(order.teacher_code) in html and "Welcome!" in html


def test_the_code_is_in_no_address(order, admin):
    send(order, admin.user)
    notice = Notice.objects.get()
    links = [word for word in notice.text.split() if "://" in word]
    assert links and not [link for link in links if str(order.teacher_code) in link]


def test_the_email_stays_on_record_and_names_the_users(order, admin):
    known = factories.person(email="ann@example.com", first_name="Ann", last_name="Lee")
    send(order, admin.user, "ann@example.com bob@example.com")
    ann, bob = Notice.objects.order_by("address")
    assert (ann.kind, ann.recipient, bob.recipient) == ("teacher code", known, None)
    to_ann, to_bob = worded([ann, bob])
    assert "Hello Ann Lee," in to_ann.text
    assert "Hello bob@example.com," in to_bob.text


@pytest.mark.parametrize(
    "addresses, message",
    [
        ("", "This field is required."),
        (", ;", "Enter at least one email address."),
        ("ann@example.com, bob", "“bob” is not an email address."),
        (" ".join(f"p{n}@example.com" for n in range(21)), "At most 20 addresses at a time."),
        (f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.com", "is not an email"),
    ],
)
def test_wrong_addresses_are_named_and_nothing_is_sent(site, order, addresses, message):
    response = site.post(address(order), {"addresses": addresses, "note": "Hi"})
    assert message in field_errors(response)["addresses"]
    assert "Hi" in page_text(response)
    assert not Notice.objects.exists()


def test_a_note_that_is_too_long_is_refused(site, order):
    response = site.post(
        address(order), {"addresses": "a@example.com", "note": "x" * (NOTE_LENGTH + 1)}
    )
    assert "Use at most 300 characters" in field_errors(response)["note"]


LINKS = [
    "https://evil.example",
    "HTTP://EVIL",
    "see www.evil",
    "Your mailbox is full: evil.example/login",
    "evil.co",
    "login.evil.example?user=me",
    "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "evil\u200b.example",
    "bücher.example",
    "write to me@evil.example",
    "data:text/html,x",
    "tel:+18005551234",
    "go to 192.0.2.17 now",
    "Hello.Please come",
]


@pytest.mark.parametrize("note", LINKS)
def test_a_note_with_a_link_is_refused_and_what_was_typed_stays(site, order, note):
    response = site.post(address(order), {"addresses": "ann@example.com", "note": note})
    assert "looks like a web or email address" in field_errors(response)["note"]
    assert parsed(response).cssselect("#id_addresses")[0].text.strip() == "ann@example.com"
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "note",
    [
        "Welcome!",
        "See you at 9:30 a.m. in room 3.14, e.g. before class. Bring Ph.D. Lee.",
        "Version 2.10.3 costs $3.50, i.e. 50% less... see you",
        "Line one.\nLine two: bring and/or buy.",
        "Bienvenue à l'école. Ça va ?",
    ],
)
def test_a_plain_note_is_sent(site, order, note):
    site.post(address(order), {"addresses": "ann@example.com", "note": note})
    assert Notice.objects.count() == 1


@pytest.fixture
def few(settings):
    settings.TEACHER_CODE_EMAILS_PER_PERSON = 3
    settings.TEACHER_CODE_EMAILS_PER_ORGANIZATION = 5


def test_a_person_has_a_limit_per_day_over_all_organizations(few, order, admin, site):
    site.post(address(order), {"addresses": "a@example.com b@example.com"})
    other = factories.member(user=admin.user)
    elsewhere = factories.order(assigned_to=other.organization)
    response = site.post(address(order), {"addresses": "c@example.com d@example.com"})
    assert "at most 3 teacher code emails" in field_errors(response)["addresses"]
    assert "and 1 more now" in field_errors(response)["addresses"]
    send(elsewhere, admin.user, "c@example.com")
    with pytest.raises(DomainError, match="at most 3"):
        send(elsewhere, admin.user, "d@example.com")
    assert Notice.objects.count() == 3


def test_an_organization_has_a_limit_per_day_over_all_people(few, order, admin, center):
    send(order, admin.user, "a@example.com b@example.com c@example.com")
    colleague = factories.member(center).user
    with pytest.raises(DomainError, match="at most 5"):
        send(order, colleague, "d@example.com e@example.com f@example.com")
    send(order, colleague, "d@example.com e@example.com")
    assert Notice.objects.count() == 5
    Tally.objects.update(forget_at=timezone.now())
    send(order, admin.user, "g@example.com")


def test_a_form_sent_twice_counts_once(few, site, order):
    page = parsed(site.get(address(order)))
    token = page.cssselect("[name=form_token]")[0].get("value")
    typed = {"addresses": "a@example.com b@example.com", "form_token": token}
    for _ in range(3):
        assert site.post(address(order), typed).status_code == 302
    assert {tally.number for tally in Tally.objects.all()} == {2}


def test_a_form_sent_again_with_other_addresses_sends_no_more(few, site, order):
    """Its token comes from the browser: nothing can be sent uncounted with an old one."""
    page = parsed(site.get(address(order)))
    token = page.cssselect("[name=form_token]")[0].get("value")
    for typed in ("a@example.com b@example.com", "c@example.com d@example.com"):
        answer = site.post(address(order), {"addresses": typed, "form_token": token})
        assert answer.status_code == 302

    assert {tally.number for tally in Tally.objects.all()} == {2}
    sent = Notice.objects.values_list("address", flat=True)
    assert set(sent) == {"a@example.com", "b@example.com"}


def test_a_refusal_says_when_more_can_be_sent(few, order, admin):
    send(order, admin.user, "a@example.com b@example.com c@example.com")
    Tally.objects.update(forget_at=timezone.now() + timedelta(hours=4, minutes=30))
    with pytest.raises(DomainError, match="Nothing was sent. Try again in 5 hours."):
        send(order, admin.user, "d@example.com")


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_however_many_are_sent_at_once(few, order, admin, center):
    people = [admin.user, *[factories.member(center).user for _number in range(3)]]
    acts = [
        lambda by=by, number=number: send(order, by, f"p{number}@example.com q{number}@example.com")
        for number, by in enumerate(people * 2)
    ]
    results = at_once(*acts)
    assert len(refusals(results)) == len(acts) - 2
    assert Notice.objects.count() == 4


def test_a_license_that_ended_sends_no_code(order, admin):
    change(order, finish_date=factories.days(-1))
    order.refresh_from_db()
    with pytest.raises(DomainError, match="ended on"):
        send(order, admin.user)
    change(order, finish_date=factories.today())
    order.refresh_from_db()
    assert send(order, admin.user) == ["ann@example.com"]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("ended", "The license ended on"),
        ("suspended", "The license is suspended, so no one can join it."),
        ("inactive", "The license is not active. Switch on Active License under Edit first."),
        ("paused", "Enrollment is paused. Resume enrollment under Usage first."),
    ],
)
def test_a_code_that_opens_nothing_is_not_sent_and_the_window_says_why(
    site, order, admin, how, message
):
    typed = {"addresses": "ann@example.com", "note": "Welcome!"}
    values = {
        "ended": {"finish_date": factories.days(-1)},
        "suspended": {"suspended_ancestors": 1},
        "inactive": {"is_active": False},
    }
    if how == "paused":
        pause_joining(order=order, by=admin.user)
    else:
        change(order, **values[how])
    page = site.get(address(order))
    assert message in page_text(page)
    assert not parsed(page).cssselect("#id_addresses")
    # It was open at that moment: no typed text is lost.
    page = site.post(address(order), typed)
    assert message in page_text(page)
    assert parsed(page).cssselect("#id_note")[0].text.strip() == "Welcome!"
    assert not Notice.objects.exists()


def test_if_the_code_leads_to_a_renewal_that_one_counts(order, admin):
    renewal = factories.order(assigned_to=order.assigned_to)
    change(renewal, renewal_of=order, teacher_code=order.teacher_code)
    pause_joining(order=order, by=admin.user)
    order.refresh_from_db()
    assert send(order, admin.user)
    unpause_joining(order=order, by=admin.user)
    pause_joining(order=renewal, by=admin.user)
    order.refresh_from_db()
    with pytest.raises(DomainError, match="paused"):
        send(order, admin.user)


def test_before_the_license_starts_it_is_sent_with_the_day(site, order):
    change(order, start_date=factories.days(3))
    assert f"The license starts on {factories.days(3)}" in page_text(site.get(address(order)))
    site.post(address(order), {"addresses": "ann@example.com"})
    assert f"from {factories.days(3)} to" in Notice.objects.get().text


def test_a_request_has_no_code_to_send(site, admin):
    requested = factories.license_request(membership=admin)
    with pytest.raises(DomainError, match="no teacher code yet"):
        send(requested, admin.user)
    assert site.get(address(requested)).status_code == 404


def test_only_the_holder_and_cci_send_it(order, hub_admin, foreign_admin, staff):
    for by in (hub_admin.user, foreign_admin.user):
        with pytest.raises(NotAllowed):
            send(order, by)
    assert send(order, staff)


def test_it_opens_as_a_page_and_as_a_dialog(site, order):
    for how in ({}, DIALOG):
        response = site.get(address(order), **how)
        assert facts(response)["Teacher Code"] == str(order.teacher_code)


def test_edit_order_links_there_for_the_holder_only(site, order, sign_in, hub_admin):
    link = f"/inventory/{order.number}/teacher-code/"
    edit = f"/inventory/{order.number}/edit/"
    assert link in site.get(edit).content.decode()
    assert link not in sign_in(hub_admin).get(edit).content.decode()
