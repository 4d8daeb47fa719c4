from licenses.admin.alerts import AlertAdmin, AlertRunAdmin
from licenses.admin.decisions import DecisionAdmin
from licenses.admin.enrollments import EnrollmentAdmin
from licenses.admin.orders import OrderAdmin
from licenses.admin.products import ProductAdmin, ProductFamilyAdmin
from licenses.admin.requests import LicenseRequestAdmin

__all__ = [
    "AlertAdmin",
    "AlertRunAdmin",
    "DecisionAdmin",
    "EnrollmentAdmin",
    "LicenseRequestAdmin",
    "OrderAdmin",
    "ProductAdmin",
    "ProductFamilyAdmin",
]
