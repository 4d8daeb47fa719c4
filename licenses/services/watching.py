"""Alerts while people join: so many students, many within an hour, places nearly used.

The first two are of unlimited ("site") licenses: a limited one ends at its places by itself, and
an activation code at its users; they tell when their places are nearly used.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from jasper_inventory.lib import days
from licenses import bursts, emails
from licenses.models import Alert, AlertKind, Enrollment, EnrollmentRole, Order

# Of a limited order's places, the most first.
PERCENTS = (100, 80)


def watch_students(order: Order, before: int, after: int, *, told: Collection[str] = ()) -> None:
    """Raise the alert of the number that the students of a locked order reach by this.

    Once per order and number: not again where people left and others came. Where both are reached
    at once, the second says it for both. Nothing is raised of what was `told` before.
    """
    if not order.is_unlimited:
        _watch_places(order, before, after)
        return
    for number in (order.second_alert, order.first_alert):
        if before < number <= after:
            if str(number) not in told:
                raise_alert(order, AlertKind.STUDENTS, mark=str(number), students=after)
            return


def watch_carried_over(order: Order, students: int) -> None:
    """`watch_students`, after so many were carried over to a renewal with the existing code.

    What an order of the code was told of is no news: nobody joined.
    """
    alerts = Alert.objects.filter(
        order__teacher_code=order.teacher_code_id, kind=AlertKind.STUDENTS
    )
    told = alerts.values_list("mark", flat=True)
    watch_students(order, order.enrolled - students, order.enrolled, told=list(told))


def _watch_places(order: Order, before: int, after: int) -> None:
    """Of a limited order: 80 % of its places, or all of them, which says it for both."""
    if not order.capacity:
        return
    given = order.taken - order.enrolled
    for percent in PERCENTS:
        number = -(-order.capacity * percent // 100)
        if before + given < number <= after + given:
            mark = f"{percent}% of {order.capacity}"
            raise_alert(order, AlertKind.PLACES, mark=mark, students=after + given)
            return


def watch_burst(order: Order) -> None:
    """Raise the alert of a burst, once a day, after someone joined a locked order."""
    if not order.is_unlimited:
        return
    now = timezone.now()
    rule = bursts.BurstRule(**settings.BURST)
    joined = _joined(order)
    # Nearly always the end: a short range of an index. Hours are counted in a burst only.
    last_hour = joined.filter(enrolled_at__gt=now - bursts.HOUR).count()
    if last_hour < rule.least:
        return
    day = timezone.localdate(now).isoformat()
    if Alert.objects.filter(order=order, kind=AlertKind.BURST, mark=day).exists():
        return
    busiest_hour, joined_before = _usual(order, joined, now)
    if rule.is_burst(last_hour=last_hour, busiest_hour=busiest_hour, joined_before=joined_before):
        raise_alert(order, AlertKind.BURST, mark=day, students=last_hour)


def _joined(order: Order) -> QuerySet[Enrollment]:
    """Students who joined the order, also those who left; not those a renewal carried over."""
    joined = Enrollment.objects.filter(order=order, role=EnrollmentRole.STUDENT)
    if order.renewal_of_id is None:
        return joined
    # With a new code nobody was carried over.
    carried = Enrollment.objects.filter(
        order=order.renewal_of_id,
        order__teacher_code=order.teacher_code_id,
        role=EnrollmentRole.STUDENT,
    )
    return joined.exclude(user__in=carried.values("user"))


def _usual(order: Order, joined: QuerySet[Enrollment], now: datetime) -> tuple[int, int]:
    """Of the four weeks before the last day: the busiest hour, and how many joined.

    Without the bursts that raised an alert, from their first hour until the end of their day:
    else a code that is passed around would become the usual.
    """
    before = joined.filter(enrolled_at__gt=now - bursts.USUAL, enrolled_at__lte=now - bursts.TODAY)
    for alert in order.alerts.filter(kind=AlertKind.BURST, raised_at__gt=now - bursts.USUAL):
        over = days.ends(timezone.localdate(alert.raised_at))
        began = alert.raised_at - bursts.HOUR
        before = before.exclude(enrolled_at__gt=began, enrolled_at__lt=over)
    hours = before.annotate(hour=TruncHour("enrolled_at")).order_by().values("hour")
    found = hours.annotate(number=Count("pk")).aggregate(most=Max("number"), all=Sum("number"))
    return found["most"] or 0, found["all"] or 0


def raise_alert(order: Order, kind: str, *, mark: str, students: int) -> bool:
    """Raise an alert, unless this one was raised before; tell of it after commit."""
    alert, is_new = Alert.objects.get_or_create(
        order=order, kind=kind, mark=mark, defaults={"students": students}
    )
    if is_new:
        emails.notify_alert.enqueue(alert.pk)
    return is_new
