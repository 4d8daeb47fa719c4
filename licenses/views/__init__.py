from licenses.views.deciding import order_decide, order_pass_on
from licenses.views.giving import order_assign, order_resume, order_suspend, order_take_back
from licenses.views.guarding import (
    order_alerts,
    order_pause,
    order_replace_code,
    order_unpause,
    order_usage,
)
from licenses.views.orders import order_edit, order_request, order_withdraw
from licenses.views.people import pupil_password
from licenses.views.teacher_codes import teacher_code_send
from licenses.views.teaching import group_key_replace, group_students
from licenses.views.transfers import transfer_download, transfer_list

__all__ = [
    "group_key_replace",
    "group_students",
    "order_alerts",
    "order_assign",
    "order_decide",
    "order_edit",
    "order_pass_on",
    "order_pause",
    "order_replace_code",
    "order_request",
    "order_resume",
    "order_suspend",
    "order_take_back",
    "order_unpause",
    "order_usage",
    "order_withdraw",
    "pupil_password",
    "teacher_code_send",
    "transfer_download",
    "transfer_list",
]
