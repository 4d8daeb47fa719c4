"""An order's student places as SQL: what Order.capacity, taken and free say of one row."""

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Q, When
from django.db.models.functions import Coalesce

from licenses.models import InventoryType, OrderStatus


def _whole(expression):
    return ExpressionWrapper(expression, output_field=BigIntegerField())


_IS_CODES = Q(inventory_type=InventoryType.USER_ACTIVATION_CODES)
# Of approved orders.
UNLIMITED = Q(inventory_type=InventoryType.CENTER_LICENSE, students=None)
# Empty where unlimited.
PLACES = Case(
    When(_IS_CODES, then=F("number_of_codes") * F("users_per_code")),
    default=F("students"),
    output_field=BigIntegerField(),
)
GIVEN = _whole(F("given") + F("codes_given") * Coalesce("users_per_code", 0))
TAKEN = _whole(F("enrolled") + GIVEN)
FREE = _whole(PLACES - TAKEN)
# Of orders that haven't ended: nobody can use their free places today.
RESTING = (OrderStatus.SUSPENDED, OrderStatus.INACTIVE, OrderStatus.SCHEDULED)
