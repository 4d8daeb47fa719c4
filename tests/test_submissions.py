"""Every form with a token: sent twice it is carried out once, and corrected it is accepted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import get_resolver
from django.utils import timezone

from activation_codes.selections import encoded
from jasper_inventory.accounts.models import Level, Membership, Notice, Submission, User
from jasper_inventory.accounts.submissions import FIELD, TokenField, submit_once
from licenses.models import Order, Transfer
from renewals.models import RenewalRequest
from tests import factories
from tests.admin_pages import page
from tests.browsers import Browser
from tests.commands import run
from tests.factories import CENTER
from tests.helpers import at_once

SOMEONE_ELSE = "Someone else already sent this form. Open it again."


def token_in(response):
    """The token of the form on a page."""
    [field] = page(response).cssselect(f"[name={FIELD}]")
    return field.get("value")


def messages_on(response):
    """The messages of a page; those of the admin look different."""
    return [str(message) for message in get_messages(response.wsgi_request)]


@dataclass
class Case:
    """A form: its sender and page, its input, its refusal, and the row it creates."""

    by: Membership | User
    colleague: Membership | User
    address: str
    typed: dict
    wrong: dict
    made: Callable[[], int]

    def browser(self, who=None):
        """A browser in which the sender, or another person, is signed in."""
        site = Browser()
        who = who or self.by
        site.force_login(getattr(who, "user", who))
        return site

    def token(self):
        """The token of a form that is opened now."""
        return token_in(self.browser().get(self.address))

    def send(self, token, *, site=None, **typed):
        """Send the form; the answer."""
        values = {**self.typed, **typed, FIELD: token}
        return (site or self.browser()).post(self.address, values)


def _line():
    """A hub and its center, each with two administrators."""
    hub = factories.organization(level=Level.HUB)
    center = factories.organization(parent=hub)
    people = [[factories.member(where) for _ in range(2)] for where in (hub, center)]
    return hub, center, *people


def _requesting():
    _hub, _center, _suppliers, people = _line()
    mix = [product.pk for product in factories.products()]
    typed = {"inventory_type": CENTER, "students": "30", "products": mix}
    return Case(
        *people, "/inventory/request/", typed, {"students": "0"}, lambda: Order.objects.count()
    )


def _renewing():
    _hub, center, _suppliers, people = _line()
    order = factories.order(assigned_to=center)
    typed = {
        "code_choice": "new",
        "start_date": str(factories.days(21)),
        "finish_date": str(factories.days(400)),
        "students": "40",
    }
    address = f"/inventory/{order.number}/renew/"
    wrong = {"students": "0"}
    return Case(*people, address, typed, wrong, lambda: RenewalRequest.objects.count())


def _forwarded(hub):
    return Order.objects.filter(requested_by_organization=hub).count()


def _forwarding_an_order():
    hub, _center, suppliers, people = _line()
    license_request = factories.license_request(membership=people[0])
    address = f"/inventory/{license_request.number}/pass-on/"
    typed, wrong = {"requester_comments": "Please"}, {"requester_comments": "x" * 4_001}
    return Case(*suppliers, address, typed, wrong, lambda: _forwarded(hub))


def _forwarding_a_renewal():
    hub, center, suppliers, people = _line()
    order = factories.order(assigned_to=center)
    factories.renewal_request(order, membership=people[0])
    address = f"/inventory/{order.number}/renewal/pass-on/"
    typed, wrong = {"requester_comments": "Please"}, {"requester_comments": "x" * 4_001}
    return Case(*suppliers, address, typed, wrong, lambda: _forwarded(hub))


def _assigning():
    hub, center, suppliers, _people = _line()
    parent = factories.order(assigned_to=hub, students=10)
    # All seats, so that a second one can't be assigned.
    typed = {
        "assigned_to": center.pk,
        "students": "10",
        "start_date": str(factories.today()),
        "finish_date": str(parent.finish_date),
        "products": [product.pk for product in parent.products.all()],
    }
    address = f"/inventory/{parent.number}/assign/"
    wrong = {"students": "11"}
    return Case(
        *suppliers, address, typed, wrong, lambda: Order.objects.filter(parent=parent).count()
    )


def _reclaiming():
    hub, center, suppliers, _people = _line()
    mix = factories.products()
    parent = factories.order(assigned_to=hub, product_mix=mix)
    child = factories.order(assigned_to=center, parent=parent, product_mix=mix, students=10)
    address = f"/inventory/{child.number}/take-back/"
    typed, wrong = {"number": "10", "reason": "Unused"}, {"number": "11"}
    return Case(
        *suppliers, address, typed, wrong, lambda: Transfer.objects.filter(to_order=parent).count()
    )


def _sending_a_teacher_code():
    _hub, center, _suppliers, people = _line()
    order = factories.order(assigned_to=center)
    address = f"/inventory/{order.number}/teacher-code/"
    typed, wrong = {"addresses": "ann@example.com"}, {"addresses": "ann"}
    sent = Notice.objects.filter(address="ann@example.com")
    return Case(*people, address, typed, wrong, lambda: sent.count())


def _handing_out():
    _hub, center, _suppliers, people = _line()
    order = factories.order(factories.CODES, assigned_to=center)
    selected = encoded(code.pk for code in factories.codes(order)[:2])
    address = f"/inventory/{order.number}/codes/hand-out/?selected={selected}"
    return Case(
        *people, address, {"name": "Class 7b"}, {"name": ""}, lambda: order.handouts.count()
    )


def _assigning_in_the_admin():
    center = factories.organization()
    people = [factories.staff() for _ in range(2)]
    typed = {
        "assigned_to": center.pk,
        "inventory_type": CENTER,
        "students": "100",
        "start_date": str(factories.today()),
        "finish_date": str(factories.days(100)),
        "products": [factories.products(1)[0].pk],
    }
    wrong = {"students": "0"}
    made = Order.objects.filter(assigned_to=center)
    return Case(*people, "/admin/licenses/order/add/", typed, wrong, lambda: made.count())


# The function that sets up the case, by the view that the form is sent to.
CASES = {
    "licenses:order_request": _requesting,
    "renewals:renewal_request": _renewing,
    "licenses:order_forward": _forwarding_an_order,
    "renewals:renewal_forward": _forwarding_a_renewal,
    "licenses:order_assign": _assigning,
    "licenses:order_reclaim": _reclaiming,
    "licenses:teacher_code_send": _sending_a_teacher_code,
    "activation_codes:handout_create": _handing_out,
    "admin:licenses_order_add": _assigning_in_the_admin,
}
# Forms that create an account: tests/activation_codes/test_redemptions_twice.py and
# tests/accounts/test_invitations_twice.py.
OF_NEW_PEOPLE = {"AccountForm", "NewAccountForm"}
pytestmark = pytest.mark.django_db


@pytest.fixture(params=CASES)
def case(request, db):
    return CASES[request.param]()


def test_sent_twice_it_is_carried_out_once_with_the_same_result(case):
    token = case.token()
    answers, said = [], []
    for _ in range(2):
        site = case.browser()
        answers.append(case.send(token, site=site))
        said.append(messages_on(site.get(answers[-1].url)))

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert said[0] == said[1] != []
    assert case.made() == 1


def test_after_a_refusal_the_same_form_is_corrected_and_sent(case):
    token = case.token()

    refused = case.send(token, **case.wrong)

    assert refused.status_code == 200 and case.made() == 0
    assert token_in(refused) == token
    assert case.send(token).status_code == 302
    assert case.made() == 1


def test_someone_elses_form_is_refused(case):
    token = case.token()
    case.send(token)
    site = case.browser(case.colleague)

    answer = case.send(token, site=site)

    assert answer.url == case.address
    assert SOMEONE_ELSE in messages_on(site.get("/", follow=True))
    assert case.made() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment(case):
    token, sites = case.token(), [case.browser() for _ in range(3)]

    answers = at_once(*[lambda site=site: case.send(token, site=site) for site in sites])

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, answers[0].url)}
    said = [messages_on(site.get(answers[0].url)) for site in sites]
    assert said[0] == said[1] == said[2] != []
    assert case.made() == 1


def test_every_form_with_a_token_is_in_the_table():
    def with_token(form):
        """The first subclasses with a token; the admin derives more from them."""
        for each in form.__subclasses__():
            if isinstance(getattr(each, "base_fields", {}).get(FIELD), TokenField):
                yield each.__name__
            else:
                yield from with_token(each)

    assert get_resolver().url_patterns  # imports every form
    assert set(with_token(forms.BaseForm)) - OF_NEW_PEOPLE == {
        *("OrderRequestForm", "RenewalRequestForm", "ForwardForm", "OrderAssignForm"),
        *("OrderReclaimForm", "TeacherCodeForm", "AssignForm", "HandOutForm"),
    }


def test_a_view_that_fails_leaves_nothing_and_can_be_tried_again(rf, admin):
    answers = iter([ValueError("No"), HttpResponseRedirect("/there/")])

    @submit_once
    def view(request):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send():
        request = rf.post("/", {FIELD: "7b0ff9ab-6b9b-4b8e-a4c1-6a4d1d4a2f57"})
        request.user, request.session = admin.user, {}
        request._messages = SessionStorage(request)
        return view(request)

    with pytest.raises(ValueError):
        send()
    assert not Submission.objects.exists()
    assert [send().url, send().url] == ["/there/", "/there/"]
    assert Submission.objects.get().user == admin.user


def test_a_form_without_a_token_is_carried_out_each_time(rf, admin):
    done = []
    view = submit_once(lambda request: done.append(1) or HttpResponse())
    for sent in ({}, {FIELD: ""}, {FIELD: "no token"}):
        view(rf.post("/", sent))
    assert len(done) == 3


def test_old_ones_are_dropped_by_the_daily_command(admin):
    old, new = (Submission.objects.create(token=uuid4(), user=admin.user) for _ in range(2))
    Submission.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=8))
    run("send_alerts", "--dry-run")
    assert Submission.objects.count() == 2

    run("clean_up")

    assert Submission.objects.get() == new
