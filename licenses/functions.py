"""Functions in the database on orders and enrollments."""

from jasper_inventory.accounts.models import Role
from jasper_inventory.lib.functions import Function, argument, exists, where
from licenses.models import Enrollment, EnrollmentRole, Order


def join_student() -> Function:
    """Return the function that gives a student a seat on an order: see `services.enrollments.join`.

    It returns nothing if the person can't join. Then the caller must undo what it did.
    """
    day = argument("the_day")
    order = Order.objects.filter(pk=argument("the_order")).open_to_join(day).with_seat_left()
    mine = Enrollment.objects.students().filter(
        order=argument("the_order"), user=argument("person")
    )
    return Function(
        name="licenses_join_student",
        arguments=(
            "the_order bigint, person bigint, teacher bigint, the_day date, the_time timestamptz,"
            " OUT taken licenses_order, OUT joined licenses_enrollment, OUT membership bigint"
        ),
        body=f"""
BEGIN
    UPDATE licenses_order SET enrolled = enrolled + 1 WHERE {where(order)} RETURNING * INTO taken;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Locks the person before any enrollment, in the same order as a change of name does.
    membership := accounts_add_role(person, taken.assigned_to_id, {Role.STUDENT.value});
    IF membership IS NULL THEN
        RETURN;
    END IF;
    IF {exists(mine.not_followed().not_ended(day))} THEN
        RETURN;
    END IF;
    -- An enrollment by a code that has ended. This one follows it, and both keep their seats.
    UPDATE licenses_enrollment SET followed_at = the_time WHERE {where(mine.not_followed())};
    -- The last day is that of `Order.own_last_day`.
    INSERT INTO licenses_enrollment (order_id, user_id, role, teacher_id, enrolled_at, ends_on)
    VALUES (
        the_order, person, {EnrollmentRole.STUDENT.value}, teacher, the_time,
        the_day + taken.duration
    )
    RETURNING * INTO joined;
END
""",
    )
