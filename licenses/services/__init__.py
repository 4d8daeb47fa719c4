from licenses.services.changes import changes_between
from licenses.services.decisions import (
    check_comments,
    decide,
    readdress,
    require_decider,
    require_pending,
    require_requester,
    require_withdrawer,
    sent_before,
    tell_withdrawn,
)
from licenses.services.editing import edit_order, set_active, wrong_dates_of
from licenses.services.endings import send_ending_alerts
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
    require_place_for,
    restore_enrolment,
    role_of,
)
from licenses.services.giving_back import take_back
from licenses.services.group_keys import replace_group_key
from licenses.services.joining import join_by_group_key, join_by_teacher_code
from licenses.services.offers import (
    Offer,
    Prospect,
    offer,
    offer_order,
    prospect,
    prospect_order,
)
from licenses.services.orders import (
    assign_order,
    grant,
    make_teacher_code,
    save_checked,
)
from licenses.services.passing_on import make_passed_on, pass_on_order
from licenses.services.passwords import help_with_password, pupils_of
from licenses.services.requests import (
    approve_order,
    check_places,
    offered_terms,
    reject_order,
    request_order,
    withdraw_order,
)
from licenses.services.safeguards import (
    pause_joining,
    replace_teacher_code,
    set_alerts,
    unpause_joining,
)
from licenses.services.sources import (
    already_ended,
    outside_dates,
    product_ids,
    swapped_dates,
)
from licenses.services.suspensions import resume_order, suspend_order
from licenses.services.teacher_codes import send_teacher_code, why_not_to_send

__all__ = [
    "Joined",
    "Offer",
    "Prospect",
    "already_ended",
    "approve_order",
    "assign_order",
    "changes_between",
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
    "make_passed_on",
    "make_teacher_code",
    "offer",
    "offer_order",
    "offered_terms",
    "outside_dates",
    "pass_on_order",
    "pause_joining",
    "product_ids",
    "prospect",
    "prospect_order",
    "readdress",
    "pupils_of",
    "reject_order",
    "remove_enrolment",
    "replace_group_key",
    "replace_teacher_code",
    "request_order",
    "require_decider",
    "require_holder",
    "require_pending",
    "require_requester",
    "require_withdrawer",
    "require_place_for",
    "restore_enrolment",
    "resume_order",
    "role_of",
    "save_checked",
    "send_teacher_code",
    "send_ending_alerts",
    "sent_before",
    "set_active",
    "set_alerts",
    "suspend_order",
    "swapped_dates",
    "take_back",
    "tell_withdrawn",
    "unpause_joining",
    "why_not_to_send",
    "withdraw_order",
    "wrong_dates_of",
]
