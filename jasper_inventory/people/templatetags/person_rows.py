"""The rows of an order's people as texts: see `inventory_rows` for why."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypedDict

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from jasper_inventory.lib.routes import numbered
from licenses.models import Enrollment, EnrollmentRole
from licenses.templatetags.links import way_back

register = template.Library()
NOTHING = "–"


class Row(TypedDict):
    """The texts of a row; an empty one isn't shown."""

    key: str
    name: str
    person: str
    is_deactivated: bool
    username: str
    email: str
    role: str
    linked: str
    since: str
    removed: str
    until: str
    is_ended: bool
    troubleshoot: str
    remove: str
    restore: str


@register.filter
def as_person_rows(people: Iterable[Enrollment], page: str) -> Iterator[Row]:
    """Yield the rows of people from `as_listed`. Links to windows lead back to the page."""
    roles = {value: str(label) for value, label in EnrollmentRole.choices}
    # People share dates. A cache for this page only, as texts depend on the language.
    day = cache(date_format)
    # Back in the list, the row is highlighted.
    today, at_row = timezone.localdate(), way_back(f"{page}#enrolled-")
    for person in people:
        user, last_day = person.user, person.last_day
        back = f"{at_row}{person.pk}"
        yield {
            "key": str(person.pk),
            "name": str(user),
            "person": numbered("people:person", user.pk),
            "is_deactivated": not user.is_active,
            "username": user.username,
            "email": user.email,
            "role": roles[person.role],
            "linked": linked(person),
            "since": day(timezone.localdate(person.enrolled_at)),
            "removed": day(timezone.localdate(person.removed_at)) if person.removed_at else "",
            "until": day(last_day),
            "is_ended": last_day < today,
            "troubleshoot": _address("inventory:enrollment_troubleshoot", person) + back,
            "remove": _address("people:person_remove", person) + back,
            "restore": _address("people:person_restore", person) + back,
        }


def _address(route: str, person: Enrollment) -> str:
    return numbered(route, person.order.number, person.pk)


def linked(person: Enrollment) -> str:
    """Return a student's teacher, or the number of a teacher's students."""
    if person.is_teacher:
        number = person.linked
        text = ngettext("%(number)s student", "%(number)s students", number)
        return text % {"number": number}
    return str(person.teacher.user) if person.teacher else NOTHING
