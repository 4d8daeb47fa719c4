"""The three pages where a code is typed: what each asks, looks up and does."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activation_codes.code_lookup import (
    Offer,
    activation_offer,
    group_key_offer,
    teacher_code_offer,
)
from activation_codes.services.redemptions import redeem_typed
from activation_codes.typing_errors import ACTIVATION_CODE, GROUP_KEY, TEACHER_CODE
from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.lib.exceptions import DomainError
from licenses.services.enrollments import role_of
from licenses.services.joins import join_by_group_key, join_by_teacher_code


@dataclass(frozen=True)
class Done:
    """What a code did: the words for it, and the role that came with it."""

    text: str
    membership: Membership


@dataclass(frozen=True)
class CodeType:
    """A type of code that is typed on a page of its own: its words, and what it does."""

    title: Promise
    label: Promise
    example: str
    help_text: Promise
    button: Promise
    offer: Callable[[str, User | None], Offer]
    take: Callable[[str, User], Done]
    # Where it leads afterwards; empty: to the front page.
    leads_to: str = ""


def _activate(typed: str, by: User) -> Done:
    enrollment = redeem_typed(typed=typed, by=by).enrollment
    # Redeeming gave it; it is given again should it be taken away at this moment.
    with transaction.atomic():
        role = role_of(enrollment)
    text = _("The code is activated. Your courses are open until %(day)s.")
    return Done(text % {"day": enrollment.last_day}, role)


def _link(typed: str, by: User) -> Done:
    offer = group_key_offer(typed, by)
    try:
        joined = join_by_group_key(typed=offer.code, by=by)
    except DomainError:
        # Meanwhile it stopped working, or the last place was taken: then it is refused as any.
        group_key_offer(offer.code, by)
        raise
    teacher = joined.enrollment.teacher and joined.enrollment.teacher.user
    if joined.is_new or joined.is_linked:
        text = _("You are linked to %(teacher)s.") % {"teacher": teacher}
    else:
        text = _("You were linked to %(teacher)s already.") % {"teacher": teacher}
    if joined.full:
        text += " " + _("It ends on %(day)s: the license that follows has no place left.") % {
            "day": joined.enrollment.last_day
        }
    return Done(text, joined.membership)


def _teach(typed: str, by: User) -> Done:
    offer = teacher_code_offer(typed, by)
    try:
        joined = join_by_teacher_code(typed=offer.code, by=by)
    except DomainError:
        teacher_code_offer(offer.code, by)
        raise
    text = _("You teach on the license of %(holder)s now.")
    if not joined.is_new:
        text = _("You teach on the license of %(holder)s already.")
    return Done(text % {"holder": offer.order.assigned_to}, joined.membership)


CODE_TYPES = {
    "activate": CodeType(
        title=gettext_lazy("Activate a Code"),
        label=gettext_lazy("Activation code"),
        example=ACTIVATION_CODE,
        help_text=gettext_lazy(
            "The code that opens your courses. Upper or lower case, with or without hyphens."
        ),
        button=gettext_lazy("Activate"),
        offer=activation_offer,
        take=_activate,
        leads_to="activation_codes:course_list",
    ),
    "link": CodeType(
        title=gettext_lazy("Link to Teacher"),
        label=gettext_lazy("Group key"),
        example=GROUP_KEY,
        help_text=gettext_lazy(
            "Your teacher's group key. Upper or lower case, with or without the hyphen."
        ),
        button=gettext_lazy("Link to Teacher"),
        offer=group_key_offer,
        take=_link,
        leads_to="activation_codes:course_list",
    ),
    "teach": CodeType(
        title=gettext_lazy("Teach on a License"),
        label=gettext_lazy("Teacher code"),
        example=TEACHER_CODE,
        help_text=gettext_lazy(
            "The administrator of your center has it; it is also called License Code."
        ),
        button=gettext_lazy("Join as a teacher"),
        offer=teacher_code_offer,
        take=_teach,
    ),
}
