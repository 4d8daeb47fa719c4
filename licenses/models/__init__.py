from licenses.models.allocations import Transfer, TransferKind
from licenses.models.enrollments import Enrollment, EnrollmentRole, GroupKey
from licenses.models.order_queryset import InventoryType, OrderStatus
from licenses.models.orders import LicenseRequest, Order, OrderProduct, TeacherCode
from licenses.models.products import Product, ProductFamily
from licenses.models.requests import (
    COMMENTS_LENGTH,
    Outcome,
    RequestFields,
    RequestQuerySet,
    request_behind,
)
from licenses.models.safeguards import Alert, AlertKind, AlertRun

__all__ = [
    "COMMENTS_LENGTH",
    "Alert",
    "AlertKind",
    "AlertRun",
    "Enrollment",
    "EnrollmentRole",
    "GroupKey",
    "InventoryType",
    "LicenseRequest",
    "Order",
    "OrderProduct",
    "OrderStatus",
    "Outcome",
    "Product",
    "ProductFamily",
    "RequestFields",
    "RequestQuerySet",
    "TeacherCode",
    "Transfer",
    "TransferKind",
    "request_behind",
]
