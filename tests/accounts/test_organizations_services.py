"""Organizations are added, and roles granted and revoked, by CCI staff only."""

import pytest

from jasper_inventory.accounts.models import Level, Membership, Organization, Role
from jasper_inventory.accounts.services.memberships import grant_role, revoke_role, use_role
from jasper_inventory.accounts.services.organizations import create_organization
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from tests import factories
from tests.helpers import at_once, last_act, refusals


def test_cci_staff_add_an_organization(staff, hub):
    made = create_organization(
        name="  Tolano   Adventures ", level=Level.CENTER, parent=hub, by=staff
    )
    made = Organization.objects.get(pk=made.pk)
    assert (made.name, made.level, made.supplier) == ("Tolano Adventures", Level.CENTER, hub)
    assert last_act(made) == {"action": "organization.created", "user": staff.pk}


def test_adding_twice_below_a_parent_that_was_loaded_once(staff, hub):
    names = ["First", "Second", "Third"]
    for name in names:
        create_organization(name=name, level=Level.CENTER, parent=hub, by=staff)
    hub.refresh_from_db()
    assert [child.name for child in Organization.objects.get_children(hub)] == names


def test_only_cci_staff_add_organizations(admin, hub, hub_admin):
    for by in (admin.user, hub_admin.user, factories.staff(is_active=False)):
        with pytest.raises(NotAllowed):
            create_organization(name="Mine", level=Level.CENTER, parent=hub, by=by)


@pytest.mark.parametrize("name", ["", "   "])
def test_an_organization_needs_a_name(staff, hub, name):
    with pytest.raises(DomainError, match="Enter a name") as refusal:
        create_organization(name=name, level=Level.CENTER, parent=hub, by=staff)
    assert refusal.value.field == "name"


def test_a_name_that_is_too_long_is_refused(staff, hub):
    with pytest.raises(DomainError, match="120") as refusal:
        create_organization(name="x" * 121, level=Level.CENTER, parent=hub, by=staff)
    assert refusal.value.field == "name"


@pytest.mark.parametrize("level", [Level.VENDOR, Level.DISTRIBUTOR, Level.RESELLER, Level.HUB])
def test_the_level_is_below_the_parents(staff, hub, level):
    with pytest.raises(DomainError) as refusal:
        create_organization(name="Wrong", level=level, parent=hub, by=staff)
    assert str(refusal.value) == f"A {level.label} can't be below Harbour Hub, which is a Hub."
    assert refusal.value.field == "level"


@pytest.mark.django_db(transaction=True)
def test_two_organizations_are_added_at_once():
    staff, hub = factories.staff(), factories.organization(level=Level.HUB)
    made = at_once(
        *(
            lambda name=name: create_organization(
                name=name, level=Level.CENTER, parent=hub, by=staff
            )
            for name in ("First", "Second")
        ),
        hold=hub,
    )
    assert {child.name for child in made} == {"First", "Second"}
    hub.refresh_from_db()
    assert set(Organization.objects.get_children(hub)) == set(made)


def test_cci_staff_grant_a_role(staff, center):
    user = factories.person()
    membership = grant_role(user=user, organization=center, role=Role.ADMINISTRATOR, by=staff)
    assert user.administers(center)
    assert last_act(membership) == {"action": "role.granted", "user": staff.pk}


def test_granting_a_role_twice_is_no_error(staff, admin):
    again = grant_role(
        user=admin.user, organization=admin.organization, role=Role.ADMINISTRATOR, by=staff
    )
    assert again == admin


def test_nobody_has_a_role_at_the_vendor(staff):
    with pytest.raises(DomainError, match="work in the admin") as refusal:
        grant_role(
            user=factories.person(),
            organization=factories.vendor(),
            role=Role.ADMINISTRATOR,
            by=staff,
        )
    assert refusal.value.field == "organization"


def test_only_cci_staff_grant_roles(admin):
    role = {"user": admin.user, "organization": admin.organization, "role": Role.ADMINISTRATOR}
    with pytest.raises(NotAllowed):
        grant_role(**role, by=admin.user)


def test_administrators_take_roles_at_their_own_organization_only(
    admin, hub_admin, foreign_admin, teacher, center
):
    role = {"user": teacher.user, "organization": center, "role": Role.TEACHER}
    for by in (hub_admin.user, foreign_admin.user, teacher.user, factories.person()):
        with pytest.raises(NotAllowed):
            revoke_role(**role, by=by)
    revoke_role(**role, by=admin.user)
    assert not Membership.objects.filter(pk=teacher.pk).exists()


def test_an_organization_keeps_an_administrator(admin, center, staff):
    role = {"user": admin.user, "organization": center, "role": Role.ADMINISTRATOR}
    away = factories.member(center)
    away.user.is_active = False
    away.user.save()
    with pytest.raises(DomainError, match="is the last administrator of Tolano Adventures"):
        revoke_role(**role, by=admin.user)
    factories.member(center)
    revoke_role(**role, by=admin.user)
    assert not Membership.objects.filter(pk=admin.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_leave_one(admin, center):
    other = factories.member(center)

    def remove(user, by):
        return lambda: revoke_role(user=user, organization=center, role=Role.ADMINISTRATOR, by=by)

    results = at_once(remove(admin.user, other.user), remove(other.user, admin.user), hold=center)
    assert len(refusals(results)) == 1
    assert Membership.objects.filter(organization=center).count() == 1


def test_a_role_is_revoked(staff, admin):
    key = admin.pk
    role = {"user": admin.user, "organization": admin.organization, "role": Role.ADMINISTRATOR}
    revoke_role(**role, by=staff)
    assert not Membership.objects.filter(pk=key).exists()
    event = admin.events.model.objects.filter(pgh_obj_id=key).last()
    assert event.pgh_label == "delete"
    assert event.pgh_context.metadata == {"action": "role.revoked", "user": staff.pk}


def test_taking_a_role_that_nobody_has_says_so(staff, center):
    user = factories.person("tom")
    with pytest.raises(
        DomainError, match="^tom doesn't have the role Administrator of Tolano Adventures.$"
    ):
        revoke_role(user=user, organization=center, role=Role.ADMINISTRATOR, by=staff)


def test_the_role_in_use_is_the_one_offered_at_the_next_sign_in(center, hub):
    user = factories.person()
    factories.member(hub, user=user)
    teacher = factories.member(center, Role.TEACHER, user=user)
    use_role(membership=teacher, by=teacher.user)
    assert Membership.objects.of_user(user).first() == teacher
