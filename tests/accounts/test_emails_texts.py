"""Typed text reaches the mailboxes of others as text, never as a link or in a header."""

import re

import lxml.html
import pytest
from django.conf import settings

from activation_codes.forms import AccountForm
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import Notice, Role, User
from jasper_inventory.accounts.services.invitations import accept_with_new_account, invite
from jasper_inventory.accounts.services.users import NewAccount, create_account
from jasper_inventory.lib.exceptions import DomainError
from licenses.services.join_codes import send_teacher_code
from licenses.services.requests import reject_request
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
EVIL = '<a href="https://evil.example/">Free</a> <script>x</script> [x](https://evil.example/)'


@pytest.fixture
def hostile(hub, center, admin, hub_admin, staff, django_capture_on_commit_callbacks):
    """Everything that a person can type and that others are shown, typed with a link in it."""
    with django_capture_on_commit_callbacks(execute=True):
        license_request = factories.license_request(
            membership=admin, comments=EVIL, purchase_order=EVIL[:64], students=5
        )
        parent = factories.order(assigned_to=hub, notify=True)
        reject_request(request=license_request, by=hub_admin.user, comments=EVIL)
        order = factories.order(
            notify=True,
            assigned_to=center,
            parent=parent,
            product_mix=list(parent.products.all()),
            by=hub_admin.user,
            students=10,
            purchase_order=EVIL[:64],
            comments=EVIL,
        )
        suspend_order(order=order, by=hub_admin.user, reason=EVIL)
        resume_order(order=order, by=hub_admin.user)
        renewal = factories.renewal_request(
            order, membership=admin, comments=EVIL, purchase_order=EVIL[:64]
        )
        reject_request(request=renewal, by=hub_admin.user, comments=EVIL)
        invite(organization=center, role=Role.TEACHER, email="new@example.com", by=admin.user)
        send_teacher_code(order=order, addresses="new@example.com", by=admin.user)


def test_no_text_that_someone_typed_becomes_a_link_in_an_email(hostile):
    kinds = set()
    for notice in Notice.objects.exclude(html=""):
        page = lxml.html.fromstring(notice.html)
        for link in page.cssselect("a[href]"):
            assert link.get("href").startswith((settings.SITE_URL, settings.SUPPORT_URL))
        assert not page.cssselect("script, img, form, iframe")
        kinds.add(notice.kind)
    assert len(kinds) >= 4, kinds
    notices = Notice.objects.filter(html__contains="&lt;script&gt;")
    assert notices.count() >= 4, set(Notice.objects.values_list("kind", flat=True))


def test_no_template_of_an_email_turns_text_into_links_or_markup():
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if "email" in path.as_posix():
            assert not re.search(r"\|\s*(safe|urlize)|autoescape off", path.read_text()), path


@pytest.mark.parametrize("subject", ["a\nBcc: x@evil.example", "a\r\n\r\nbody", "x" * 999])
def test_a_subject_is_one_line_of_bounded_length(subject, settings):
    post_notice(kind="x", address="a@example.com", subject=subject, text="x")
    sent = Notice.objects.get().subject
    assert "\n" not in sent and "\r" not in sent and len(sent) <= 250


LINKED = ["https://evil.example", "evil.example", "www.evil", "me@evil.example"]


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_persons_own_name_is_no_link(name, field, center, admin):
    names = {"first_name": "Ann", "last_name": "Lee", field: name}
    account = NewAccount(sign_in_as="ann", password=PASSWORD, **names)
    with pytest.raises(DomainError, match="Enter a name without a web") as refusal:
        create_account(account=account, address="203.0.113.7", then=lambda user: None)
    assert refusal.value.field == field
    assert field in AccountForm.base_fields
    link = invite(organization=center, role=Role.TEACHER, email="ann@example.com", by=admin.user)
    with pytest.raises(DomainError, match="Enter a name without a web"):
        accept_with_new_account(invitation=link, username="ann", password=PASSWORD, **names)
    assert not User.objects.filter(username="ann").exists()


@pytest.mark.parametrize("name", ["J. R.", "St. John", "d'Arcy", "Ng-Lee", "O’Brien Jr.", "李"])
def test_names_as_people_have_them_are_no_links(name):
    account = NewAccount(first_name=name, last_name=name, sign_in_as="ann", password=PASSWORD)
    assert create_account(account=account, address="203.0.113.7", then=lambda user: None)
