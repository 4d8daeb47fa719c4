"""The daily notices of licenses that are about to end."""

from django.db import transaction
from django.utils import timezone

from licenses.endings import MARKS, due_mark
from licenses.models import Alert, AlertKind, AlertRun, Order
from licenses.services.watching import raise_alert


def send_ending_alerts() -> AlertRun:
    """Raise what is due of each license that ends soon, once per order, finish date and mark.

    Safe to run twice, also at once. The run is written down as it begins, and finished where it
    came to its end.
    """
    today = timezone.localdate()
    run = AlertRun.objects.create()
    before = Alert.objects.filter(kind=AlertKind.ENDING, order__finish_date__gte=today)
    raised = set(before.values_list("order", "mark"))
    for order in Order.objects.to_remind_of(today, max(MARKS)).order_by("pk").iterator():
        run.orders += 1
        mark = due_mark(start=order.start_date, finish=order.finish_date, today=today)
        text = f"{order.finish_date} {mark}"
        if mark is None or (order.pk, text) in raised:
            continue
        with transaction.atomic():
            run.alerts += raise_alert(order, AlertKind.ENDING, mark=text, students=order.enrolled)
    run.finished_at = timezone.now()
    run.save()
    return run
