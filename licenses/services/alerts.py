"""Alerts: a number of students, many within an hour, seats nearly used up, expiring soon.

The first two are only for unlimited ("site") licenses. Limited licenses and activation codes can't
exceed their seats; they raise an alert when seats are nearly used up.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.lib import days
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.tasks import enqueue_each
from licenses import emails
from licenses.models import Alert, AlertKind, AlertRun, Enrollment, EnrollmentRole, Order
from licenses.models.order_queryset import OrderQuerySet
from licenses.models.orders import MOST_STUDENTS
from licenses.models.seats import NEARLY_FULL
from licenses.order_locks import locked_approved
from licenses.permissions import can_set_alerts

# Percentages of a limited order's seats, in descending order.
PERCENTS = (100, NEARLY_FULL)
# Days before the finish date, in ascending order. The docs name them, which a test checks. License
# Distribution sums up other numbers of days: `ENDING_CHOICES` of the inventory's filters.
MARKS = (1, 7, 30, 60, 90)
# Orders whose alerts are raised in one transaction.
BATCH = 1_000
HOUR = timedelta(hours=1)
# The usual numbers are those of these four weeks, without the day in question and without bursts
# that raised an alert.
USUAL = timedelta(days=28)
TODAY = timedelta(days=1)


def watch_students(order: Order, before: int, after: int, *, skip: Collection[str] = ()) -> None:
    """Raise the alert of the number that the students of a locked order have just reached.

    Each number raises one alert per order, even if people leave and others join. If both numbers
    are reached together, only the second alert is raised. Marks in `skip` raise none.
    """
    if not order.is_unlimited:
        _watch_seats(order, before, after)
        return
    for number in (order.second_alert, order.first_alert):
        if before < number <= after:
            if str(number) not in skip:
                raise_alert(order, AlertKind.STUDENTS, mark=str(number), students=after)
            return


def watch_carried_over(order: Order, students: int) -> None:
    """Call `watch_students` after people were carried over to a renewal with the existing code.

    Numbers that earlier orders of the code raised alerts for are skipped, as no one new joined.
    """
    alerts = Alert.objects.filter(
        order__teacher_code=order.teacher_code_id, kind=AlertKind.STUDENTS
    )
    skip = alerts.values_list("mark", flat=True)
    watch_students(order, order.enrolled - students, order.enrolled, skip=list(skip))


def _watch_seats(order: Order, before: int, after: int) -> None:
    """Raise the alert of a limited order that is nearly full, or only the one at 100 %."""
    if not order.seats:
        return
    allocated = order.seats_allocated
    for percent in PERCENTS:
        number = -(-order.seats * percent // 100)
        if before + allocated < number <= after + allocated:
            mark = f"{percent}% of {order.seats}"
            raise_alert(order, AlertKind.SEATS, mark=mark, students=after + allocated)
            return


def watch_burst(order: Order) -> None:
    """Raise the alert of a burst, once a day, after someone joined a locked order."""
    if not order.is_unlimited:
        return
    now = timezone.now()
    rule = BurstRule(**settings.BURST)
    joined = _joined(order)
    # Nearly always returns here: a short index range. Hours are counted only in a burst.
    last_hour = joined.filter(enrolled_at__gt=now - HOUR).count()
    if last_hour < rule.least:
        return
    day = timezone.localdate(now).isoformat()
    if Alert.objects.filter(order=order, kind=AlertKind.BURST, mark=day).exists():
        return
    busiest_hour, joined_before = _usual(order, joined, now)
    if rule.is_burst(last_hour=last_hour, busiest_hour=busiest_hour, joined_before=joined_before):
        raise_alert(order, AlertKind.BURST, mark=day, students=last_hour)


def _joined(order: Order) -> QuerySet[Enrollment]:
    """Return students who joined, including those who left, without those carried over."""
    joined = Enrollment.objects.filter(order=order, role=EnrollmentRole.STUDENT)
    if order.renewal_of_id is None:
        return joined
    # With a new code, no one was carried over.
    carried = Enrollment.objects.filter(
        order=order.renewal_of_id,
        order__teacher_code=order.teacher_code_id,
        role=EnrollmentRole.STUDENT,
    )
    return joined.exclude(user__in=carried.values("user"))


def _usual(order: Order, joined: QuerySet[Enrollment], now: datetime) -> tuple[int, int]:
    """Return the busiest hour of the four weeks before the last day, and how many joined.

    Bursts that raised an alert are excluded, from their first hour until the end of their day.
    Otherwise a leaked code would count as usual.
    """
    before = joined.filter(enrolled_at__gt=now - USUAL, enrolled_at__lte=now - TODAY)
    for alert in order.alerts.filter(kind=AlertKind.BURST, raised_at__gt=now - USUAL):
        over = days.ends(timezone.localdate(alert.raised_at))
        began = alert.raised_at - HOUR
        before = before.exclude(enrolled_at__gt=began, enrolled_at__lt=over)
    hours = before.annotate(hour=TruncHour("enrolled_at")).order_by().values("hour")
    found = hours.annotate(number=Count("pk")).aggregate(most=Max("number"), all=Sum("number"))
    return found["most"] or 0, found["all"] or 0


def raise_alert(order: Order, kind: str, *, mark: str, students: int) -> None:
    """Raise an alert unless it was raised before; notify of it after commit."""
    raise_alerts([Alert(order=order, kind=kind, mark=mark, students=students)])


def raise_alerts(alerts: Sequence[Alert]) -> int:
    """Raise the alerts that weren't raised before, in the caller's transaction; return how many.

    Emails about them are queued in the same transaction.
    """
    columns = zip(*((a.order_id, a.kind, a.mark, a.students) for a in alerts), strict=True)
    with connection.cursor() as cursor:
        # Django can't return only the rows that an insert didn't skip.
        cursor.execute(
            f"INSERT INTO {Alert._meta.db_table} (raised_at, order_id, kind, mark, students)"
            " SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::integer[])"
            " ON CONFLICT (order_id, kind, mark) DO NOTHING RETURNING id",
            [timezone.now(), *map(list, columns)],
        )
        raised = [pk for (pk,) in cursor.fetchall()]
    enqueue_each(emails.notify_alert, raised)
    return len(raised)


def set_alerts(*, order: Order, first_alert: int, second_alert: int, by: User) -> Order:
    """Set the numbers of students at which an unlimited order raises its two alerts.

    A new number that is already reached is refused, as it would never raise an alert.
    """
    can_set_alerts.require(order, by)
    if not 1 <= first_alert <= MOST_STUDENTS:
        raise DomainError(_("Enter a number from 1 to 1,000,000."), field="first_alert")
    if not first_alert < second_alert <= MOST_STUDENTS:
        raise DomainError(
            _("Enter a number greater than the first, up to 1,000,000."),
            field="second_alert",
        )
    with audited("alerts.set", by=by) as act:
        order = locked_approved(order)
        if not order.is_unlimited:
            raise DomainError(_("Only an unlimited license has these alerts."))
        for field, number in (("first_alert", first_alert), ("second_alert", second_alert)):
            if number != getattr(order, field) and number <= order.enrolled:
                raise DomainError(
                    _("There are already %(students)s students. Enter a higher number.")
                    % {"students": f"{order.enrolled:,}"},
                    field=field,
                )
        act.on(order)
        act.changes(
            {"first": order.first_alert, "second": order.second_alert},
            {"first": first_alert, "second": second_alert},
        )
        order.first_alert, order.second_alert = first_alert, second_alert
        order.save(update_fields=["first_alert", "second_alert"])
    return order


def send_ending_alerts() -> AlertRun:
    """Raise the due alerts of licenses expiring soon: once per order, finish date and mark.

    Safe to run repeatedly and concurrently. The run is recorded when it starts; a completed run
    gets a finish time.
    """
    today = timezone.localdate()
    run = AlertRun.objects.create()
    for orders in _batches(Order.objects.to_remind_of(today, max(MARKS))):
        run.orders += len(orders)
        if due := [alert for order in orders if (alert := _ending_alert(order, today))]:
            with transaction.atomic():
                run.alerts += raise_alerts(due)
    run.finished_at = timezone.now()
    run.save()
    return run


def _batches(orders: OrderQuerySet) -> Iterator[list[Order]]:
    """Yield the orders by key, each batch with a query of its own, which keeps memory flat."""
    orders = orders.only("start_date", "finish_date", "enrolled").order_by("pk")
    last = 0
    while batch := list(orders.filter(pk__gt=last)[:BATCH]):
        yield batch
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _ending_alert(order: Order, today: date) -> Alert | None:
    """Return the alert due today of an approved order, not saved; None if none is due."""
    assert order.start_date  # approved
    mark = due_mark(start=order.start_date, finish=order.last_day, today=today)
    if mark is None:
        return None
    text = f"{order.finish_date} {mark}"
    return Alert(order=order, kind=AlertKind.ENDING, mark=text, students=order.enrolled)


def due_mark(*, start: date, finish: date, today: date) -> int | None:
    """Return the alert due today, as a number of days before the finish; None if none is due.

    After a missed day, an alert stays due until the next one. A license that is no longer than
    the mark itself raises no alert for it.
    """
    left = (finish - today).days
    mark = next((days for days in MARKS if left <= days), None)
    return mark if mark and (finish - start).days > mark else None


@dataclass(frozen=True, kw_only=True)
class BurstRule:
    """A burst: `least` students in an hour, and more than `times` the usual busiest hour.

    A license that few have joined so far has no usual numbers: several whole classes may join in
    their first lesson. Until `known` students joined before today, a burst takes `first`.
    """

    least: int
    times: int
    known: int
    first: int

    def is_burst(self, *, last_hour: int, busiest_hour: int, joined_before: int) -> bool:
        """Return whether the students of the last hour are a burst.

        `busiest_hour` is that of the four weeks before today. `joined_before` is the number of
        students in them, which may stop counting at `known`.
        """
        least = self.least if joined_before >= self.known else max(self.least, self.first)
        return last_hour >= least and last_hour > self.times * busiest_hour
