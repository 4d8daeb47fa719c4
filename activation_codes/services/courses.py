"""Services for courses."""

from django.utils import timezone
from django.utils.translation import gettext as _

from activation_codes.courses import first_failed, rules_of
from activation_codes.models import CourseStart
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError, NotAllowed
from licenses.models import Enrollment, Product


def start_course(*, enrollment: Enrollment, product: Product, by: User) -> CourseStart:
    """Record that a student starts a course; raise DomainError with the first failed rule."""
    if enrollment.user_id != by.pk:
        raise NotAllowed(_("Only the student can start this course."))
    with audited("course.started", by=by) as act:
        enrollment = (
            Enrollment.objects.select_for_update(of=("self",))
            .select_related("order__assigned_to")
            .get(pk=enrollment.pk)
        )
        order = enrollment.order
        rules = rules_of(
            enrollment,
            has_product=order.order_products.filter(product=product).exists(),
            today=timezone.localdate(),
        )
        if failed := first_failed(rules):
            raise DomainError(failed.why)
        start, is_first = CourseStart.objects.get_or_create(enrollment=enrollment, product=product)
        act.on(enrollment)
        act.changes(None, {"product": str(product)})
        if not is_first:
            act.leave_out()
            start.save(update_fields=["last_started_at"])
    return start
