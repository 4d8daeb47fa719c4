"""Invitations by link: sending, accepting, and what a link reveals."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from jasper_inventory.accounts.models import Invitation, Membership, Notice, Role, User
from jasper_inventory.accounts.services.invitations import (
    accept_invitation,
    accept_with_new_account,
    hashed,
    invite,
    resend_invitation,
    revoke_invitation,
)
from jasper_inventory.accounts.services.memberships import revoke_role
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from tests import factories
from tests.accounts.acts import ACCOUNT, ADDRESS, PAGE
from tests.helpers import at_once, last_act, refusals
from tests.pages import DIALOG, field_errors, notifications, page_text, parsed

pytestmark = pytest.mark.django_db
LIST, NEW = "/invitations/", "/invitations/new/"


@pytest.fixture
def invited(admin, mailoutbox, django_capture_on_commit_callbacks):
    """A function: invite somebody to the center; return the invitation and its email's link."""

    def sent(role=Role.TEACHER, email=ADDRESS):
        with django_capture_on_commit_callbacks(execute=True):
            made = invite(organization=admin.organization, role=role, email=email, by=admin.user)
        return made, link(mailoutbox[-1])

    return sent


def link(email):
    """The path of the link in an email."""
    return re.search(r"http://[^/]+(/invitation/[\w-]+/)", email.body)[1]


def age(invitation, **past):
    """Set an invitation to have expired this long ago."""
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - timedelta(**past)
    )


def test_an_administrator_invites_and_the_list_shows_it(
    sign_in, admin, mailoutbox, django_capture_on_commit_callbacks
):
    site = sign_in(admin)
    with django_capture_on_commit_callbacks(execute=True):
        response = site.post(NEW, {"email": "Rosa@Example.com", "role": Role.TEACHER}, follow=True)
    assert notifications(response) == [
        f"The invitation to {ADDRESS} is on its way: Teacher of Tolano Adventures. We'll email a "
        "link that can be used once within 14 days."
    ]
    row = parsed(response).cssselect("table.invitations tbody tr")[0]
    assert ADDRESS in row.text_content() and "Teacher" in row.text_content()
    (email,) = mailoutbox
    assert email.to == [ADDRESS]
    assert email.subject == "Invitation to Tolano Adventures in the License Inventory"
    assert f"{admin.user} invites you to join Tolano Adventures as a Teacher" in email.body
    assert "because of your role" not in email.body


@pytest.mark.parametrize("how", [{}, DIALOG], ids=["page", "dialog"])
def test_errors_are_shown_beside_their_fields(sign_in, admin, how):
    response = sign_in(admin).post(NEW, {"email": "rosa@", "role": "3"}, **how)
    assert set(field_errors(response)) == {"email", "role"}
    assert 'value="rosa@"' in response.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("address", ["a@xn--n3h.net", "a@xn--zzzzzz.com"])
def test_an_address_that_no_email_reaches_is_refused(sign_in, admin, staff, address):
    response = sign_in(admin).post(NEW, {"email": address, "role": Role.TEACHER})
    assert "email address isn't valid" in field_errors(response)["email"]
    with pytest.raises(DomainError, match="email address isn't valid") as refusal:
        invite(organization=admin.organization, role=Role.TEACHER, email=address, by=admin.user)
    assert refusal.value.field == "email"
    root = sign_in(factories.person(is_staff=True, is_superuser=True))
    values = {"email": address, "organization": admin.organization_id, "role": Role.TEACHER}
    page = root.post("/admin/accounts/invitation/add/", values)
    assert "email address isn't valid" in page.content.decode().replace("&#x27;", "'")
    for model in (Invitation, User):
        assert "email" in invalid(model(email=address))


def invalid(row):
    """The fields that a row's validation rejects."""
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    return error.value.message_dict


def test_the_database_has_the_hash_only(invited):
    invitation, path = invited()
    token = path.split("/")[-2]
    assert invitation.token_hash == hashed(token)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE position(%s in t::text) > 0', [token]
            )
            assert cursor.fetchone()[0] == 0, table


def test_a_new_person_creates_an_account_and_is_signed_in(invited, admin):
    invitation, path = invited(Role.ADMINISTRATOR)
    site = Client()
    opened = site.get(path)
    assert opened.url == PAGE
    page = page_text(site.get(PAGE))
    assert f"{admin.user} invited you to be Center Admin at Tolano Adventures." in page
    response = site.post(PAGE, ACCOUNT, follow=True)
    assert notifications(response) == [
        "Welcome. Your role is now Center Admin – Tolano Adventures."
    ]
    user = User.objects.get(username="rosa.patel")
    assert (user.email, str(user)) == (ADDRESS, "Rosa Patel")
    assert user.check_password(factories.PASSWORD)
    membership = Membership.objects.get(user=user)
    assert membership.organization == admin.organization
    context = last_act(membership)
    assert (context["action"], context["user"]) == ("invitation.accepted", user.pk)
    invitation.refresh_from_db()
    assert invitation.accepted_by == user
    assert site.get("/inventory/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "KIM"}, "username"),
        ({"username": "not a name"}, "username"),
        ({"password": "rosa.patel", "password_again": "rosa.patel"}, "password"),
        ({"password_again": "another"}, "password_again"),
        ({"first_name": "x" * 151}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"last_name": "\u200b"}, "last_name"),
    ],
)
def test_a_refused_account_is_not_created(invited, wrong, field):
    factories.person("kim")
    invitation, path = invited()
    site = Client()
    site.get(path)
    response = site.post(PAGE, ACCOUNT | wrong)
    assert list(field_errors(response)) == [field]
    assert factories.PASSWORD not in response.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()
    assert Invitation.objects.open().filter(pk=invitation.pk).exists()


def test_a_signed_in_person_accepts(invited, sign_in, center):
    _invitation, path = invited()
    someone = factories.person()
    site = sign_in(someone)
    page = page_text(site.get(path, follow=True))
    assert f"You are signed in as {someone} ({someone.username})" in page
    assert not Membership.objects.filter(user=someone).exists()
    site.post(PAGE)
    assert Membership.objects.get(user=someone).role == Role.TEACHER


def test_a_person_with_an_account_of_this_address_signs_in_with_it(invited):
    user = factories.person("rosa", email=ADDRESS)
    user.set_password(factories.PASSWORD)
    user.save()
    _invitation, path = invited()
    site = Client()
    page = parsed(site.get(path, follow=True))
    assert not page.cssselect("#id_username")
    assert site.post(PAGE, ACCOUNT).status_code == 200
    assert not User.objects.filter(username="rosa.patel").exists()
    (sign_in_link,) = page.cssselect("main a.btn-primary")
    response = site.post(
        sign_in_link.get("href"),
        {"login": "rosa", "password": factories.PASSWORD, "next": PAGE},
        follow=True,
    )
    assert "Accept Invitation" in page_text(response)
    site.post(PAGE)
    assert Membership.objects.filter(user=user, role=Role.TEACHER).exists()


def test_a_link_that_does_not_work_reveals_nothing(invited, admin, center):
    used, used_path = invited(email="used@example.com")
    accept_invitation(invitation=used, by=factories.person())
    old, old_path = invited(email="old@example.com")
    age(old, seconds=1)
    gone, gone_path = invited(email="gone@example.com")
    revoke_invitation(invitation=gone, by=admin.user)
    answers = set()
    for path in (used_path, old_path, gone_path, "/invitation/never-there/", PAGE):
        response = Client().get(path)
        assert response.status_code == 410
        answers.add(page_text(response))
        assert Client().post(PAGE, ACCOUNT).status_code == 410
    (answer,) = answers
    assert "This invitation link doesn't work" in answer
    assert center.name not in answer
    assert not User.objects.filter(username="rosa.patel").exists()


def test_a_link_opened_before_it_was_withdrawn_does_not_work_after(invited, admin, sign_in):
    invitation, path = invited()
    site = sign_in(factories.person())
    site.get(path)
    revoke_invitation(invitation=invitation, by=admin.user)
    assert site.post(PAGE).status_code == 410


def test_sending_again_creates_a_new_link_for_another_14_days(
    invited, sign_in, admin, mailoutbox, django_capture_on_commit_callbacks
):
    invitation, path = invited()
    age(invitation, days=3)
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(admin).post(f"/invitations/{invitation.pk}/resend/")
    assert Client().get(path).status_code == 410
    assert Client().get(link(mailoutbox[-1])).status_code == 302
    (left,) = Invitation.objects.open()
    assert timedelta(days=13) < left.expires_at - timezone.now() <= timedelta(days=14)


def test_an_address_is_invited_once_to_a_role(invited, admin, center, foreign_admin):
    invited()
    with pytest.raises(DomainError, match="already has an invitation") as refusal:
        invited(email="ROSA@example.com")
    assert refusal.value.field == "email"
    invited(Role.ADMINISTRATOR)
    invite(
        organization=foreign_admin.organization,
        role=Role.TEACHER,
        email=ADDRESS,
        by=foreign_admin.user,
    )
    kept = Invitation.objects.filter(organization=center, role=Role.TEACHER).get()
    kept.pk, kept.token_hash = None, "x"
    with (
        pytest.raises(IntegrityError, match="accounts_invitation_one_open"),
        transaction.atomic(),
    ):
        kept.save()


def test_an_expired_one_does_not_block_a_new_one(invited):
    old, _path = invited()
    age(old, days=1)
    new, _path = invited()
    assert Invitation.objects.open().get() == new


def test_a_person_with_the_role_needs_no_invitation(admin, teacher, center):
    with pytest.raises(DomainError, match="already has this role"):
        invite(organization=center, role=Role.TEACHER, email=teacher.user.email, by=admin.user)


def test_only_administrators_of_the_organization_invite(
    center, hub_admin, foreign_admin, teacher, staff
):
    invited = {"organization": center, "role": Role.TEACHER, "email": ADDRESS}
    for by in (hub_admin.user, foreign_admin.user, teacher.user, factories.person()):
        with pytest.raises(NotAllowed):
            invite(**invited, by=by)
    assert invite(**invited, by=staff)


def test_nobody_is_invited_to_the_vendor_or_as_a_student(staff, center):
    with pytest.raises(DomainError, match="work in the admin"):
        invite(organization=factories.vendor(), role=Role.TEACHER, email=ADDRESS, by=staff)
    with pytest.raises(DomainError, match="an administrator or a teacher"):
        invite(organization=center, role=Role.STUDENT, email=ADDRESS, by=staff)


def test_an_address_reserved_for_an_account_is_said_above_the_form(invited):
    _invitation, path = invited()
    site = Client()
    site.get(path)
    words = "If you already have an account with rosa@example.com, sign in first."
    assert words not in page_text(site.get(PAGE))
    pupil = factories.person("rosa", email="")
    User.objects.filter(pk=pupil.pk).update(unconfirmed_email=ADDRESS)
    page = site.get(PAGE)
    assert words in page_text(page)
    assert parsed(page).cssselect("[name=username]")


def test_a_limited_number_of_emails_a_day(settings, invited, admin):
    settings.INVITATIONS_PER_DAY = 2
    first, _path = invited(email="a@example.com")
    again = resend_invitation(invitation=first, by=admin.user)
    aged = Invitation.objects.filter(pk=first.pk)
    aged.update(created_at=timezone.now() - timedelta(hours=23, minutes=1))
    full = "An organization can send 2 invitations in 24 hours. Try again in 59 minutes."
    with pytest.raises(DomainError, match=full):
        invited()
    with pytest.raises(DomainError, match=full):
        resend_invitation(invitation=again, by=admin.user)
    assert Notice.objects.filter(kind="invitation").count() == 2
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    invited()


def test_invitations_of_others_are_not_there(sign_in, admin, hub_admin, foreign_admin, invited):
    invitation, _path = invited()
    for who in (hub_admin, foreign_admin):
        site = sign_in(who)
        assert ADDRESS not in page_text(site.get(LIST))
        for act in ("resend", "revoke"):
            assert site.post(f"/invitations/{invitation.pk}/{act}/").status_code == 404
    assert Invitation.objects.open().get() == invitation


def test_withdrawing_asks_for_confirmation_and_leads_back_to_the_row(sign_in, admin, invited):
    invitation, _path = invited()
    site = sign_in(admin)
    row = parsed(site.get(LIST)).cssselect(f"#invitation-{invitation.pk}")[0]
    window = site.get(row.cssselect("a")[0].get("href"), **DIALOG)
    assert invitation.email in page_text(window)
    assert Invitation.objects.open().get() == invitation
    done = site.post(parsed(window).cssselect("form")[0].get("action"))
    assert done.url == f"{LIST}#invitation-{invitation.pk}"
    assert not Invitation.objects.open().exists()


def test_withdrawing_twice_says_so(sign_in, admin, invited):
    invitation, _path = invited()
    site = sign_in(admin)
    site.post(f"/invitations/{invitation.pk}/revoke/")
    response = site.post(f"/invitations/{invitation.pk}/revoke/", follow=True)
    assert notifications(response)[-1] == "This invitation was already accepted or withdrawn."


@pytest.mark.django_db(transaction=True)
def test_two_people_who_use_a_link_at_once_get_one_role(admin, center):
    invitation = invite(organization=center, role=Role.ADMINISTRATOR, email=ADDRESS, by=admin.user)
    account = {name: value for name, value in ACCOUNT.items() if name != "password_again"}
    someone = factories.person()
    results = at_once(
        lambda: accept_invitation(invitation=invitation, by=someone),
        lambda: accept_with_new_account(invitation=invitation, **account),
    )
    assert len(refusals(results)) == 1
    assert Membership.objects.filter(organization=center).exclude(pk=admin.pk).count() == 1
    is_new = isinstance(results[0], DomainError)
    assert User.objects.filter(username="rosa.patel").exists() == is_new


@pytest.mark.django_db(transaction=True)
def test_two_who_invite_the_same_person_at_once_send_one_email(admin, center):
    invited = {"organization": center, "role": Role.TEACHER, "email": ADDRESS, "by": admin.user}
    results = at_once(*[lambda: invite(**invited)] * 2, hold=center)
    assert len(refusals(results)) == 1
    assert Invitation.objects.count() == 1


def test_invitations_of_a_removed_administrator_end(admin, center, staff):
    leaving = factories.member(center)
    invited = {"organization": center, "role": Role.ADMINISTRATOR, "email": ADDRESS}
    invite(**invited, by=leaving.user)
    revoke_role(user=leaving.user, organization=center, role=Role.ADMINISTRATOR, by=admin.user)
    assert not Invitation.objects.open().exists()


def test_the_links_of_a_deactivated_administrator_stop_working(client, invited, admin):
    invitation, path = invited()
    admin.user.is_active = False
    admin.user.save()
    assert client.get(path).status_code == 410
    with pytest.raises(DomainError, match="no longer valid"):
        accept_invitation(invitation=invitation, by=factories.person())
    admin.user.is_active = True
    admin.user.save()
    assert client.get(path).url == PAGE


def test_a_deactivated_person_accepts_nothing(invited):
    invitation, _path = invited()
    with pytest.raises(DomainError, match="no longer valid"):
        accept_invitation(invitation=invitation, by=factories.person(is_active=False))


def test_the_list_has_as_many_queries_for_20_as_for_one(
    sign_in, admin, center, django_assert_num_queries, django_assert_max_num_queries
):
    site = sign_in(admin)
    invite(organization=center, role=Role.TEACHER, email=ADDRESS, by=admin.user)
    site.get(LIST)
    with django_assert_max_num_queries(20) as first:
        site.get(LIST)
    for number in range(19):
        factories.member(center, Role.TEACHER)
        invite(
            organization=center, role=Role.TEACHER, email=f"t{number}@example.com", by=admin.user
        )
    with django_assert_num_queries(len(first)):
        page = parsed(site.get(LIST))
    assert len(page.cssselect("table.members tbody tr")) == 20
    assert len(page.cssselect("table.invitations tbody tr")) == 20


def test_cci_staff_invite_in_the_admin(sign_in, staff, center, mailoutbox):
    site = sign_in(staff)
    typed = {"email": ADDRESS, "organization": center.pk, "role": Role.ADMINISTRATOR}
    response = site.post("/admin/accounts/invitation/add/", typed)
    assert response.status_code == 302
    made = Invitation.objects.get()
    assert (made.email, made.invited_by) == (ADDRESS, staff)
    again = site.post("/admin/accounts/invitation/add/", typed)
    assert "already has an invitation" in page_text(again)
    for address in ("", f"{made.pk}/change/"):
        page = site.get(f"/admin/accounts/invitation/{address}")
        assert page.status_code == 200
        assert made.token_hash not in page.content.decode()
