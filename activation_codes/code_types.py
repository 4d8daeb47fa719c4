"""The three types of codes that people redeem, each on its own page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
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
from jasper_inventory.lib.days import in_words
from jasper_inventory.lib.exceptions import DomainError
from licenses.services.enrollments import role_of
from licenses.services.joins import join_by_group_key, join_by_teacher_code

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Done:
    """The result of redeeming a code: a message and the role that it gave."""

    text: str
    membership: Membership


@dataclass(frozen=True)
class CodeType:
    """A type of code: the texts of its page, and what looking it up and redeeming it do."""

    title: "StrPromise"
    label: "StrPromise"
    example: str
    help_text: "StrPromise"
    button: "StrPromise"
    offer: Callable[[str, User | None], Offer]
    take: Callable[[str, User], Done]
    # The page to open afterwards, or "" for the front page.
    leads_to: str = ""


def _activate(typed: str, by: User) -> Done:
    enrollment = redeem_typed(typed=typed, by=by).enrollment
    # Redeeming gave the role; give it again if it was revoked in this moment.
    with transaction.atomic():
        role = role_of(enrollment)
    text = _("Your code is activated. Your courses are open until %(day)s.")
    return Done(text % {"day": in_words(enrollment.last_day)}, role)


def _link(typed: str, by: User) -> Done:
    offer = group_key_offer(typed, by)
    try:
        joined = join_by_group_key(typed=offer.code, by=by)
    except DomainError:
        # The key or the last seat may have just been lost; refuse it like any other key.
        group_key_offer(offer.code, by)
        raise
    teacher = joined.enrollment.teacher and joined.enrollment.teacher.user
    if joined.is_new or joined.is_linked:
        text = _("You are linked to %(teacher)s.") % {"teacher": teacher}
    else:
        text = _("You are already linked to %(teacher)s.") % {"teacher": teacher}
    if joined.full:
        text += " " + _("Your access ends on %(day)s: the renewed license has no seats left.") % {
            "day": in_words(joined.enrollment.last_day)
        }
    return Done(text, joined.membership)


def _teach(typed: str, by: User) -> Done:
    offer = teacher_code_offer(typed, by)
    try:
        joined = join_by_teacher_code(typed=offer.code, by=by)
    except DomainError:
        teacher_code_offer(offer.code, by)
        raise
    text = _("You now teach on the license of %(holder)s.")
    if not joined.is_new:
        text = _("You already teach on the license of %(holder)s.")
    return Done(text % {"holder": offer.order.assigned_to}, joined.membership)


CODE_TYPES = {
    "activate": CodeType(
        title=gettext_lazy("Activate a Code"),
        label=gettext_lazy("Activation code"),
        example=ACTIVATION_CODE,
        help_text=gettext_lazy(
            "The code for your courses, in upper or lower case, with or without hyphens."
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
            "The key that your teacher gave you, in upper or lower case, with or without hyphens."
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
            "Ask your center administrator for this code. It is also called a License Code."
        ),
        button=gettext_lazy("Join as a Teacher"),
        offer=teacher_code_offer,
        take=_teach,
    ),
}
