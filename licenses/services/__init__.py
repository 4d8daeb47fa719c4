from licenses.services.decisions import (
    check_comments,
    decide,
    require_decider,
    require_pending,
)
from licenses.services.enrolments import (
    Joined,
    come_back,
    copy_enrolments,
    enrol_student,
    enrol_teacher,
    follow_ended,
    join,
    keeping_place,
    leave,
    remove_enrolment,
    require_holder,
    restore_enrolment,
    role_of,
)
from licenses.services.giving_back import take_back
from licenses.services.group_keys import replace_group_key
from licenses.services.joining import join_by_group_key, join_by_teacher_code
from licenses.services.orders import (
    assign_order,
    edit_order,
    grant,
    make_teacher_code,
    save_checked,
    set_active,
)
from licenses.services.passwords import help_with_password, pupils_of
from licenses.services.requests import (
    approve_order,
    check_places,
    offered_terms,
    reject_order,
    request_order,
    sent_before,
    withdraw_order,
)
from licenses.services.sources import product_ids
from licenses.services.suspensions import resume_order, suspend_order

__all__ = [
    "Joined",
    "approve_order",
    "assign_order",
    "check_comments",
    "check_places",
    "come_back",
    "copy_enrolments",
    "decide",
    "edit_order",
    "enrol_student",
    "enrol_teacher",
    "follow_ended",
    "grant",
    "help_with_password",
    "join",
    "join_by_group_key",
    "join_by_teacher_code",
    "keeping_place",
    "leave",
    "make_teacher_code",
    "offered_terms",
    "product_ids",
    "pupils_of",
    "reject_order",
    "remove_enrolment",
    "replace_group_key",
    "request_order",
    "require_decider",
    "require_holder",
    "require_pending",
    "restore_enrolment",
    "resume_order",
    "role_of",
    "save_checked",
    "sent_before",
    "set_active",
    "suspend_order",
    "take_back",
    "withdraw_order",
]
