"""The forms of the windows, by what they are about."""

from licenses.forms.deciding import DecideForm, OrderDecideForm, PassOnForm
from licenses.forms.fields import (
    ProductMixField,
    ProductMixForm,
    SeatsEditForm,
    SeatsForm,
    comments_field,
    purchase_order_field,
    students_field,
)
from licenses.forms.giving import (
    OrderAssignForm,
    OrderResumeForm,
    OrderSuspendForm,
    OrderTakeBackForm,
)
from licenses.forms.guarding import (
    GroupKeysForm,
    OrderAlertsForm,
    OrderPauseForm,
    OrderReplaceCodeForm,
    OrderUnpauseForm,
)
from licenses.forms.orders import OrderActiveForm, OrderEditForm
from licenses.forms.people import PupilPasswordForm, TeacherCodeForm
from licenses.forms.requests import OrderRequestForm

__all__ = [
    "DecideForm",
    "GroupKeysForm",
    "OrderActiveForm",
    "OrderAlertsForm",
    "OrderAssignForm",
    "OrderDecideForm",
    "OrderEditForm",
    "OrderPauseForm",
    "OrderReplaceCodeForm",
    "OrderRequestForm",
    "OrderResumeForm",
    "OrderSuspendForm",
    "OrderTakeBackForm",
    "OrderUnpauseForm",
    "PassOnForm",
    "ProductMixField",
    "ProductMixForm",
    "PupilPasswordForm",
    "SeatsEditForm",
    "SeatsForm",
    "TeacherCodeForm",
    "comments_field",
    "purchase_order_field",
    "students_field",
]
