"""Functions in the database on activation codes."""

from activation_codes.models import ActivationCode, Redemption
from jasper_inventory.accounts.functions import writes_entry
from jasper_inventory.accounts.tree_locks import HOLD_TREE
from jasper_inventory.lib.functions import Function, argument, exists, where


def redeem() -> Function:
    """Return the function that redeems a code: see `services.redemptions`.

    It returns nothing if the person can't redeem the code. Then the caller must undo what it did.
    `entry` is what the activity log gets, without the order.
    """
    usable = ActivationCode.objects.with_use_left()
    earlier = Redemption.objects.by_person(argument("person")).filter(code=argument("opened.id"))
    return Function(
        name="activation_codes_redeem",
        arguments=(
            "typed text, person bigint, the_day date, the_time timestamptz,"
            " entry jsonb, OUT redemption activation_codes_redemption,"
            " OUT taken licenses_order, OUT joined licenses_enrollment, OUT membership bigint"
        ),
        body=f"""
DECLARE
    opened record;
    student record;
BEGIN
    {HOLD_TREE};
    SELECT id, order_id INTO opened FROM activation_codes_activationcode
    WHERE code = typed AND {where(usable)};
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO student
    FROM licenses_join_student(opened.order_id, person, NULL, the_day, the_time) AS student;
    IF (student.joined).id IS NULL THEN
        RETURN;
    END IF;
    UPDATE activation_codes_activationcode SET used = used + 1
    WHERE id = opened.id AND {where(usable)} AND NOT {exists(earlier)};
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO activation_codes_redemption (code_id, enrollment_id, redeemed_at)
    VALUES (opened.id, (student.joined).id, the_time) RETURNING * INTO redemption;
    taken := student.taken;
    joined := student.joined;
    membership := student.membership;
    entry := entry || jsonb_build_object(
        'object_key', taken.id, 'object_text', taken.number,
        'organization_id', taken.assigned_to_id, 'after', jsonb_build_object('code', opened.id)
    );
    {writes_entry("entry")};
END
""",
    )
