from licenses.views.giving import order_assign, order_resume, order_suspend, order_take_back
from licenses.views.guarding import (
    order_alerts,
    order_pause,
    order_replace_code,
    order_unpause,
    order_usage,
)
from licenses.views.orders import order_edit, order_request, order_withdraw
from licenses.views.transfers import transfer_download, transfer_list

__all__ = [
    "order_alerts",
    "order_assign",
    "order_edit",
    "order_pause",
    "order_replace_code",
    "order_request",
    "order_resume",
    "order_suspend",
    "order_take_back",
    "order_unpause",
    "order_usage",
    "order_withdraw",
    "transfer_download",
    "transfer_list",
]
