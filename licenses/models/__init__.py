from licenses.models.activity import Activity, ActivityKind
from licenses.models.alerts import Alert, AlertKind, AlertRun
from licenses.models.allocations import Transfer, TransferKind
from licenses.models.branches import OrganizationWithOrders
from licenses.models.enrollments import Enrollment, EnrollmentRole, UserWithEnrollments
from licenses.models.join_codes import GroupKey, TeacherCode
from licenses.models.order_queryset import InventoryType
from licenses.models.order_status import OrderStatus
from licenses.models.orders import LicenseRequest, Order
from licenses.models.products import OrderProduct, Product, ProductFamily
from licenses.models.requests import (
    COMMENTS_LENGTH,
    Outcome,
    RequestFields,
    RequestQuerySet,
    request_behind,
)
from licenses.models.totals import ApprovedCount

__all__ = [
    "COMMENTS_LENGTH",
    "Activity",
    "ActivityKind",
    "Alert",
    "AlertKind",
    "AlertRun",
    "ApprovedCount",
    "Enrollment",
    "EnrollmentRole",
    "GroupKey",
    "InventoryType",
    "LicenseRequest",
    "Order",
    "OrderProduct",
    "OrderStatus",
    "OrganizationWithOrders",
    "Outcome",
    "Product",
    "ProductFamily",
    "RequestFields",
    "RequestQuerySet",
    "TeacherCode",
    "Transfer",
    "TransferKind",
    "UserWithEnrollments",
    "request_behind",
]
