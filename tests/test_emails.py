"""Every email: a subject in one line, and a text part that agrees with its HTML."""

import re
from pathlib import Path

import lxml.html
import pytest
from django.conf import settings
from django.core import mail
from django.test.signals import template_rendered

from jasper_inventory.accounts.emails import notify_new_address, notify_of_sign_in_change
from jasper_inventory.accounts.models import Level, Role
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.accounts.throttling import notify_attack
from jasper_inventory.lib.email_text import subject_and_text
from jasper_inventory.support.organization_moves import edit_organization
from licenses import emails
from licenses.models import Alert, AlertKind
from licenses.services.join_codes import send_teacher_code
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import (
    approve_request,
    forward_request,
    offered_terms,
    reject_request,
    request_order,
    withdraw_request,
)
from licenses.services.suspensions import resume_order, suspend_order
from renewals import services as renewals
from tests import factories

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR, "templates")
COMMENTS = 'Two "classes" & more.\n\n  From Monday.'
ADDRESS = re.compile(r"https?://\S+")


@pytest.fixture
def hub():
    distributor = factories.organization("Nord & Süd", level=Level.DISTRIBUTOR)
    factories.member(distributor)
    return factories.organization('Harbour "Hub"', level=Level.HUB, parent=distributor)


@pytest.fixture
def center(hub):
    return factories.organization("Fish & Chips' School", parent=hub)


@pytest.fixture
def rendered():
    """The names of the templates that were rendered."""
    names = set()

    def add(template, **_kwargs):
        names.add(template.name)

    template_rendered.connect(add)
    yield names
    template_rendered.disconnect(add)


def assigned(center, hub_admin, staff):
    """A license that the center's supplier assigned to it, and one that CCI assigned."""
    factories.order(assigned_to=center, by=staff, notify=True)
    parent = factories.order(assigned_to=hub_admin.organization, by=staff, notify=True)
    mix = list(parent.products.all())
    return factories.order(
        assigned_to=center,
        parent=parent,
        product_mix=mix,
        by=hub_admin.user,
        comments=COMMENTS,
        notify=True,
    )


def requested(admin, hub_admin, staff):
    """Requests for new licenses: by the center and by its supplier, forwarded, reviewed."""
    license_request, other = (
        factories.license_request(membership=admin, comments=COMMENTS, purchase_order="PO & 7")
        for _time in range(2)
    )
    own, others = (
        forward_request(request=each, by=hub_admin.user) for each in (license_request, other)
    )
    approve_request(request=own, by=staff, terms=factories.terms(students=1_200))
    reject_request(request=others, by=staff, comments=COMMENTS)
    approve_request(
        request=license_request, by=hub_admin.user, terms=factories.terms(students=20), parent=own
    )
    forward_request(request=other, by=hub_admin.user)
    withdraw_request(request=other, by=admin.user)
    for_center = request_order(
        organization=admin.organization,
        requested_by_organization=hub_admin.organization,
        inventory_type=factories.CODES,
        products=factories.products(),
        students=30,
        users_per_code=2,
        by=hub_admin.user,
    )
    withdraw_request(request=for_center, by=admin.user)


def renewed(license, admin, hub_admin, staff):
    """Renewals: by the center and by its supplier, approved and rejected."""
    rejected = factories.renewal_request(license, membership=admin, purchase_order="PO & 8")
    reject_request(request=rejected, by=hub_admin.user, comments=COMMENTS)
    start, finish = renewals.offered_dates(license)
    approved = renewals.request_renewal(
        order=license,
        code_choice="existing",
        start_date=start,
        finish_date=finish,
        students=None,
        by=hub_admin.user,
        requested_by_organization=hub_admin.organization,
        comments=COMMENTS,
    )
    approve_request(request=approved, by=staff, terms=offered_terms(approved))


def changed(license, admin, teacher, hub_admin, staff):
    """Acts of a supplier on a license, and alerts to its license holder."""
    codes = factories.order(factories.CODES, assigned_to=admin.organization, by=staff)
    changes = [
        ("Students", "30", "1,200"),
        ("Approval Comments", "–", COMMENTS),
        ("Products added", "", "Word"),
    ]
    emails.notify_edited.call(license.pk, staff.pk, changes, COMMENTS, "now")
    reclaim_seats(order=license, number=3, by=hub_admin.user, reason=COMMENTS)
    suspend_order(order=license, by=hub_admin.user, reason=COMMENTS)
    resume_order(order=license, by=hub_admin.user)
    for kind in AlertKind:
        alert = Alert.objects.create(order=license, kind=kind, mark="25", students=25)
        emails.notify_alert.call(alert.pk)
    send_teacher_code(order=codes, addresses="new@example.com", by=admin.user, note=COMMENTS)
    emails.notify_group_keys_replaced.call(codes.pk, [teacher.user_id], admin.user_id, "now")


def moved(hub, hub_admin, staff):
    """A center with requests of its own, forwarded or by proxy, that gets another supplier."""
    membership = factories.member(factories.organization("East & West", parent=hub))
    center = membership.organization
    license = factories.order(assigned_to=center, by=staff)
    factories.renewal_request(license, membership=membership)
    license_request = factories.license_request(membership=membership)
    forward_request(request=license_request, by=hub_admin.user)
    request_order(
        organization=center,
        requested_by_organization=hub_admin.organization,
        inventory_type=factories.CENTER,
        products=factories.products(),
        students=30,
        purchase_order="PO & 9",
        by=hub_admin.user,
    )
    new = factories.member(factories.organization("North & Hub", level=Level.HUB)).organization
    names = {"name": center.name, "level": center.level}
    edit_organization(organization=center, parent=new, by=staff, **names)


def account_acts(admin, teacher):
    """Notices about accounts, people's own and others'."""
    invite(
        organization=admin.organization, role=Role.TEACHER, email="ann@example.com", by=admin.user
    )
    ask_for_erasure(by=teacher.user)
    notify_attack.call("192.0.2.1", teacher.user_id, 1_200, "now")
    notify_new_address.call(teacher.user_id, "fresh@example.com")
    notify_new_address.call(teacher.user_id, admin.user.email)
    notify_of_sign_in_change.call(teacher.user_id, "totp_activated")


def test_each_email_says_the_same_in_html_and_in_text(
    hub, admin, hub_admin, teacher, staff, center, rendered, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        license = assigned(center, hub_admin, staff)
        account_acts(admin, teacher)
        requested(admin, hub_admin, staff)
        renewed(license, admin, hub_admin, staff)
        changed(license, admin, teacher, hub_admin, staff)
        moved(hub, hub_admin, staff)

    files = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.glob("emails/*/*.html")}
    assert {name for name in files if "/includes/" not in name} - rendered == set()
    assert len(mail.outbox) > 50
    for message in mail.outbox:
        check(message)


def check(message):
    subject, text, html = message.subject, message.body, message.alternatives[0].content
    page = lxml.html.document_fromstring(html)
    assert subject == squeezed(page.findtext(".//title")) and 10 < len(subject) < 150
    for plain in (subject, text):
        assert not re.search(r"</?\w|&#?\w+;|\{[{%]|⟦|\bNone\b", plain), plain
    assert words(text) == words("\n".join(page.body.itertext())), text
    assert set(ADDRESS.findall(text)) == {link.get("href") for link in page.iter("a")}, text
    facts = [": ".join(squeezed(cell.text_content()) for cell in row) for row in page.iter("tr")]
    assert [fact for fact in facts if fact not in squeezed(text)] == []


def squeezed(text):
    return " ".join(text.split())


def words(text):
    return re.findall(r"\w+", ADDRESS.sub("", text))


def test_text_shows_a_page_as_it_is_read():
    assert subject_and_text("""
        <html><head><title> Fish\n &amp; Chips </title></head><body><div>
          <h1>Head</h1>
          <p>One <strong>strong</strong>
             word &lt;b&gt;, <br> two lines.</p>
          <hr>
          <h2>List</h2>
          <ul><li>A</li><li> <a href="https://b.example/?a=1&amp;b=2"> B </a> (more)</li></ul>
          <table><tbody><tr><th>Label</th><td>first<br>second</td></tr>
            <tr><th>Other</th><td>O'Neil</td></tr></tbody></table>
          <blockquote>typed<br><br>lines</blockquote>
          <div><p>See <a href="https://c.example/">https://c.example/</a></p></div>
        </div></body></html>
    """) == (
        "Fish & Chips",
        "Head\n\nOne strong word <b>,\ntwo lines.\n\n--\n\n"
        "List:\n- A\n- B: https://b.example/?a=1&b=2 (more)\n\n"
        "Label: first\n  second\nOther: O'Neil\n\n"
        "> typed\n>\n> lines\n\nSee https://c.example/\n",
    )
