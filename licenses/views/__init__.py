from licenses.views.giving import order_assign, order_resume, order_suspend, order_take_back
from licenses.views.orders import order_edit, order_request, order_withdraw
from licenses.views.people import pupil_password
from licenses.views.transfers import transfer_download, transfer_list

__all__ = [
    "order_assign",
    "order_edit",
    "order_request",
    "order_resume",
    "order_suspend",
    "order_take_back",
    "order_withdraw",
    "pupil_password",
    "transfer_download",
    "transfer_list",
]
