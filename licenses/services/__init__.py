from licenses.services.decisions import (
    check_comments,
    decide,
    require_decider,
    require_pending,
)
from licenses.services.endings import send_ending_alerts
from licenses.services.enrolments import (
    Joined,
    copy_enrolments,
    enrol_student,
    enrol_teacher,
    join,
    keeping_place,
    leave,
    remove_enrolment,
    require_holder,
)
from licenses.services.giving_back import take_back
from licenses.services.orders import (
    assign_order,
    edit_order,
    grant,
    make_teacher_code,
    save_checked,
    set_active,
)
from licenses.services.requests import (
    approve_order,
    check_places,
    offered_terms,
    reject_order,
    request_order,
    sent_before,
    withdraw_order,
)
from licenses.services.safeguards import (
    pause_joining,
    replace_teacher_code,
    set_alerts,
    unpause_joining,
)
from licenses.services.sources import product_ids
from licenses.services.suspensions import resume_order, suspend_order

__all__ = [
    "Joined",
    "approve_order",
    "assign_order",
    "check_comments",
    "check_places",
    "copy_enrolments",
    "decide",
    "edit_order",
    "enrol_student",
    "enrol_teacher",
    "grant",
    "join",
    "keeping_place",
    "leave",
    "make_teacher_code",
    "offered_terms",
    "pause_joining",
    "product_ids",
    "reject_order",
    "remove_enrolment",
    "replace_teacher_code",
    "request_order",
    "require_decider",
    "require_holder",
    "require_pending",
    "resume_order",
    "save_checked",
    "send_ending_alerts",
    "sent_before",
    "set_active",
    "set_alerts",
    "suspend_order",
    "take_back",
    "unpause_joining",
    "withdraw_order",
]
