from licenses.admin.alerts import AlertAdmin, AlertRunAdmin
from licenses.admin.enrollments import EnrollmentAdmin
from licenses.admin.orders import OrderAdmin
from licenses.admin.products import ProductAdmin, ProductFamilyAdmin
from licenses.admin.requests import LicenseRequestAdmin
from licenses.admin.reviews import ReviewAdmin

__all__ = [
    "AlertAdmin",
    "AlertRunAdmin",
    "ReviewAdmin",
    "EnrollmentAdmin",
    "LicenseRequestAdmin",
    "OrderAdmin",
    "ProductAdmin",
    "ProductFamilyAdmin",
]
