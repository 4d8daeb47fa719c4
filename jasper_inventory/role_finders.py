"""Rows that a role finds at a URL, so that error pages can offer the roles that can open it."""

from django.db.models import Q, QuerySet

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Invitation, ListExport, Membership, SavedView, User
from jasper_inventory.people.queries import people_of
from jasper_inventory.people.student_erasure import students_of
from licenses.models import Enrollment, InventoryType, Order
from licenses.models.order_queryset import OrderQuerySet
from licenses.services.student_passwords import students_of_teacher
from renewals.models import RenewalRequest, RenewalRequestQuerySet


def _visible(role: Membership, number: int) -> OrderQuerySet:
    return Order.objects.visible_to(role).filter(number=number)


def _approved(role: Membership, number: int) -> OrderQuerySet:
    return _visible(role, number).approved()


def _held(role: Membership, number: int) -> OrderQuerySet:
    return Order.objects.manageable_by(role).filter(number=number)


def _held_and_approved(role: Membership, number: int) -> OrderQuerySet:
    return _held(role, number).approved()


def _allocated(role: Membership, number: int) -> OrderQuerySet:
    return Order.objects.assigned_by(role).filter(number=number)


def _guarded(role: Membership, number: int) -> OrderQuerySet:
    own = role.organization_id
    ours = Q(assigned_to=own) | Q(assigned_by_organization=own)
    return _approved(role, number).filter(ours)


def _unlimited(role: Membership, number: int) -> OrderQuerySet:
    return _guarded(role, number).filter(inventory_type=InventoryType.CENTER_LICENSE, students=None)


def _asked(role: Membership, number: int) -> OrderQuerySet:
    to_us = {"requested_to": role.organization_id, "requested_at__isnull": False}
    return _visible(role, number).filter(renewal_of=None, **to_us)


def _own_request(role: Membership, number: int) -> OrderQuerySet:
    own = role.organization_id
    ours = Q(assigned_to=own) | Q(requested_by_organization=own)
    return _visible(role, number).filter(ours, requested_at__isnull=False)


def _renewals(role: Membership, number: int) -> RenewalRequestQuerySet:
    newest = RenewalRequest.objects.filter(order__number=number).order_by("-pk").values("pk")[:1]
    return RenewalRequest.objects.visible_to(role).filter(pk__in=newest)


def _asked_renewal(role: Membership, number: int) -> RenewalRequestQuerySet:
    return _renewals(role, number).filter(requested_to=role.organization_id)


def _own_renewal(role: Membership, number: int) -> RenewalRequestQuerySet:
    return _renewals(role, number).manageable_by(role)


def _codes(role: Membership, number: int) -> OrderQuerySet:
    return _visible(role, number).filter(inventory_type=InventoryType.USER_ACTIVATION_CODES)


def _held_codes(role: Membership, number: int) -> OrderQuerySet:
    return _held(role, number).filter(codes_created__gt=0)


def _held_person(role: Membership, number: int, pk: int) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(order__in=_held(role, number), pk=pk)


def _colleague(role: Membership, pk: int) -> QuerySet[Membership]:
    return Membership.objects.manageable_by(role).listed().filter(pk=pk)


def _pupil(role: Membership, pk: int) -> QuerySet[User]:
    return students_of_teacher(role).filter(pk=pk)


def _someone(role: Membership, pk: int) -> QuerySet[User]:
    return people_of(role).filter(pk=pk)


def _student(role: Membership, pk: int) -> QuerySet[User]:
    return people_of(role).filter(pk__in=students_of(role.organization), pk=pk)


def _invitation(role: Membership, pk: int) -> QuerySet[Invitation]:
    return Invitation.objects.manageable_by(role).filter(pk=pk)


def _view(role: Membership, pk: int) -> QuerySet[SavedView]:
    return SavedView.objects.manageable_by(role).filter(pk=pk)


def _export(role: Membership, pk: int) -> QuerySet[ListExport]:
    return ListExport.objects.visible_to(role).filter(pk=pk)


def _code(role: Membership, code: int) -> QuerySet[ActivationCode]:
    return ActivationCode.objects.manageable_by(role).filter(pk=code)


# For each route with arguments: the function that returns the rows a role finds there.
FINDERS = {
    "licenses:order_edit": _visible,
    "licenses:order_review": _asked,
    "licenses:order_forward": _asked,
    "licenses:order_assign": _held_and_approved,
    "licenses:order_reclaim": _allocated,
    "licenses:order_suspend": _allocated,
    "licenses:order_resume": _allocated,
    "licenses:order_withdraw": _own_request,
    "licenses:teacher_code_send": _held_and_approved,
    "licenses:group_students": _visible,
    "licenses:group_key_replace": _visible,
    "activation_codes:group_key_poster": _visible,
    "licenses:order_usage": _approved,
    "licenses:order_alerts": _unlimited,
    "licenses:order_pause": _guarded,
    "licenses:order_unpause": _guarded,
    "licenses:order_replace_code": _guarded,
    "licenses:student_password": _pupil,
    "renewals:renewal_request": _approved,
    "renewals:renewal_withdraw": _own_renewal,
    "renewals:renewal_review": _asked_renewal,
    "renewals:renewal_forward": _asked_renewal,
    "activation_codes:codes_edit": _codes,
    "activation_codes:codes_create": _codes,
    "activation_codes:codes_progress": _codes,
    "activation_codes:codes_download": _held_codes,
    "activation_codes:workbook_progress": _held_codes,
    "activation_codes:code_list": _held_codes,
    "activation_codes:handout_create": _held_codes,
    "activation_codes:handout_undo": _held_codes,
    "activation_codes:codes_copy": _held_codes,
    "activation_codes:codes_replace": _held_codes,
    "activation_codes:code_cards": _held_codes,
    "activation_codes:selected_download": _held_codes,
    "activation_codes:code_replace": _code,
    "people:person_list": _visible,
    "people:person_list_export": _held,
    "people:person_remove": _held_person,
    "inventory:order_troubleshoot": _visible,
    "inventory:enrollment_troubleshoot": _held_person,
    "people:person": _someone,
    "people:student_erase": _student,
    "accounts:role_revoke": _colleague,
    "accounts:export_download": _export,
    "accounts:invitation_revoke": _invitation,
    "inventory:view_edit": _view,
    "inventory:view_delete": _view,
}
