"""People, the tree of organizations and its levels, memberships and scope."""

import pytest
from django.db import IntegrityError, connection, transaction

from jasper_inventory.accounts.models import Level, Membership, Notice, Organization, Role, User
from tests import factories

pytestmark = pytest.mark.django_db


def refused(constraint):
    """The database refuses the statements inside, by this constraint."""
    return pytest.raises(IntegrityError, match=constraint)


def check_deferred():
    """Check now what the database would check when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# People


def test_usernames_differ_by_more_than_case():
    factories.person("Sue")
    with refused("accounts_user_username"):
        factories.person("sUE", email="other@example.com")


def test_email_addresses_differ_by_more_than_case():
    factories.person(email="sue@example.com")
    with refused("accounts_user_email"):
        factories.person(email="Sue@Example.com")


def test_many_people_may_have_no_email():
    factories.person(email="")
    factories.person(email="")


def test_a_person_is_found_by_username_in_any_case():
    sue = factories.person("Sue")
    assert User.objects.get_by_natural_key("SUE") == sue


def test_a_person_is_shown_by_full_name_or_username():
    assert str(factories.person("sue", first_name="Sue", last_name="Wong")) == "Sue Wong"
    assert str(factories.person("tom", first_name="", last_name="")) == "tom"


def test_cci_staff_are_active_staff():
    assert factories.staff().is_cci_staff
    assert not factories.staff(is_active=False).is_cci_staff
    assert not factories.person().is_cci_staff


def test_an_administrator_administers_just_its_organization(hub, center, admin, hub_admin):
    assert admin.user.administers(center)
    assert hub_admin.user.administers(hub)
    assert not hub_admin.user.administers(center)
    assert not admin.user.administers(hub)
    assert not admin.user.administers(None)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.STUDENT])
def test_teachers_and_students_administer_nothing(center, role):
    assert not factories.member(center, role).user.administers(center)


def test_a_person_who_left_administers_nothing(center, admin):
    admin.user.is_active = False
    assert not admin.user.administers(center)


# The tree


def test_there_is_one_vendor():
    vendor = factories.vendor()
    assert vendor.is_vendor
    with refused("accounts_organization_one_vendor"):
        Organization.objects.add_root({"name": "Another", "level": Level.VENDOR})


def test_only_the_vendor_is_at_the_top(hub):
    with refused("accounts_organization_only_vendor_is_root"), transaction.atomic():
        Organization.objects.add_root({"name": "Top hub", "level": Level.HUB})
    with refused("accounts_organization_only_vendor_is_root"):
        Organization.objects.filter(pk=hub.pk).update(level=Level.VENDOR)


def test_there_are_no_other_levels(hub):
    with refused("accounts_organization_level"):
        Organization.objects.filter(pk=hub.pk).update(level=9)


def test_levels_may_be_skipped():
    center = factories.organization(level=Level.CENTER)
    check_deferred()
    assert center.supplier == factories.vendor()


@pytest.mark.parametrize("level", [Level.DISTRIBUTOR, Level.RESELLER, Level.HUB])
def test_a_child_is_below_its_parent(level):
    parent = factories.organization(level=level)
    for below in [choice for choice in Level if choice > level]:
        factories.organization(level=below, parent=parent)
        check_deferred()
    factories.organization(level=level, parent=parent)
    with refused("level must be below its parent"):
        check_deferred()


def test_a_parent_cannot_sink_to_its_child(hub, center):
    check_deferred()
    Organization.objects.filter(pk=hub.pk).update(level=Level.CENTER)
    with refused("level must be below its parent"):
        check_deferred()


def test_a_branch_moves_below_a_higher_level(hub, center):
    reseller = factories.organization(level=Level.RESELLER)
    Organization.objects.move(hub, reseller, "last-child")
    check_deferred()
    assert Organization.objects.get(pk=center.pk).supplier == hub
    assert Organization.objects.get(pk=hub.pk).supplier == reseller


def test_a_branch_does_not_move_below_its_own_level(hub):
    other = factories.organization(level=Level.HUB)
    Organization.objects.move(hub, other, "last-child")
    with refused("level must be below its parent"):
        check_deferred()


def test_the_supplier_is_the_parent(hub, center):
    assert center.supplier == hub
    assert hub.supplier == factories.vendor()
    assert factories.vendor().supplier is None


# Scope


def test_scope_is_an_organization_and_all_its_descendants(hub, center, hub_admin, foreign_admin):
    distributor = factories.organization(level=Level.DISTRIBUTOR)
    below = factories.organization(level=Level.CENTER, parent=distributor)
    assert set(Organization.objects.in_scope_of(hub)) == {hub, center}
    assert set(Organization.objects.visible_to(hub_admin)) == {hub, center}
    assert set(Organization.objects.visible_to(factories.member(distributor))) == {
        distributor,
        below,
    }
    assert set(Organization.objects.visible_to(foreign_admin)) == {foreign_admin.organization}


def test_an_administrator_manages_its_own_organization_only(hub, center, hub_admin):
    assert set(Organization.objects.manageable_by(hub_admin)) == {hub}


@pytest.mark.parametrize("role", [Role.TEACHER, Role.STUDENT])
def test_teachers_and_students_see_no_organizations(center, role):
    membership = factories.member(center, role)
    assert not Organization.objects.visible_to(membership)
    assert not Organization.objects.manageable_by(membership)


def test_without_a_role_no_organization_is_seen(center):
    assert not Organization.objects.visible_to(None)
    assert not Organization.objects.manageable_by(None)


# Memberships


def test_a_role_is_held_once(admin):
    with refused("accounts_membership_once"):
        factories.member(admin.organization, user=admin.user)


def test_one_person_may_have_many_roles(admin, hub):
    factories.member(admin.organization, Role.TEACHER, user=admin.user)
    factories.member(hub, user=admin.user)
    assert admin.user.memberships.count() == 3


def test_there_are_no_other_roles(admin):
    with refused("accounts_membership_role"):
        Membership.objects.filter(pk=admin.pk).update(role=9)


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level.DISTRIBUTOR, "Distributor Admin"),
        (Level.RESELLER, "Reseller Admin"),
        (Level.HUB, "Hub Admin"),
        (Level.CENTER, "Center Admin"),
    ],
)
def test_an_administrator_is_named_by_the_level(level, name):
    assert factories.member(factories.organization(level=level)).role_name == name


def test_teacher_and_student_are_named_as_they_are(center):
    assert factories.member(center, Role.TEACHER).role_name == "Teacher"
    assert factories.member(center, Role.STUDENT).role_name == "Student"
    assert str(factories.member(center, Role.TEACHER)) == "Teacher – Tolano Adventures"


def test_the_highest_administrator_is_offered_before_lower_ones_and_teachers(hub, center):
    user = factories.person()
    student = factories.member(hub, Role.STUDENT, user=user)
    teacher = factories.member(hub, Role.TEACHER, user=user)
    low = factories.member(center, user=user)
    high = factories.member(hub, user=user)
    assert list(Membership.objects.of_user(user)) == [high, low, teacher, student]


# Notices


def test_one_event_notifies_one_address_once():
    values = {"kind": "test", "address": "sue@example.com", "subject": "Hello", "text": "Hello"}
    Notice.objects.create(event="request 1 made", **values)
    Notice.objects.create(event="request 2 made", **values)
    Notice.objects.create(**values)
    Notice.objects.create(**values)
    with refused("accounts_notice_once"):
        Notice.objects.create(event="request 1 made", **values)
