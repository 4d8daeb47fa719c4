"""The seats of an order, as columns that the database computes."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

# `students` and `allocated` are for Center Licenses, codes for User Activation Codes. The
# constraint licenses_order_fields_of_type keeps the others empty or at 0.
_SEATS = Coalesce(F("students"), F("number_of_codes") * F("users_per_code"))
_TAKEN = F("enrolled") + F("allocated") + F("codes_allocated") * Coalesce(F("users_per_code"), 0)

# The percentage of taken seats from which a limited order is nearly full.
NEARLY_FULL = 80
# From that percentage, also if full: see `SeatFields.is_nearly_full`.
NEARLY_FULL_SEATS = Q(seats__gt=0) & Q(
    GreaterThanOrEqual(F("seats_taken") * 100, F("seats") * NEARLY_FULL)
)
# Conditions of which an order fulfills one at most.
IS_FULL = Q(seats__gt=0, seats_available__lte=0)
IS_NEARLY_FULL = NEARLY_FULL_SEATS & Q(seats_available__gt=0)


if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def _column(expression: Expression, verbose_name: "StrPromise") -> models.GeneratedField:
    return models.GeneratedField(
        verbose_name=verbose_name,
        expression=expression,
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )


class SeatFields(models.Model):
    """Seats in total, taken and available: computed by every statement that writes the row.

    `seats` and `seats_available` are empty for unlimited orders and pending requests.
    """

    seats: "models.Field[None, int | None]" = _column(_SEATS, _("seats"))
    # By students, and by orders allocated from this one.
    seats_taken: "models.Field[None, int]" = _column(_TAKEN, _("seats taken"))
    seats_available: "models.Field[None, int | None]" = _column(
        _SEATS - _TAKEN, _("seats available")
    )

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Save the row. After an update, computed columns are reloaded on their next use."""
        is_new = self._state.adding
        super().save(**kwargs)
        if not is_new:
            for field in self._meta.local_fields:
                if field.generated:
                    self.__dict__.pop(field.attname, None)

    @property
    def is_nearly_full(self) -> bool:
        """Whether most seats of a limited order are taken."""
        seats = self.seats
        return seats is not None and seats > 0 and self.seats_taken * 100 >= seats * NEARLY_FULL
