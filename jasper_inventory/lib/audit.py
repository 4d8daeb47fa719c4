"""Every change says who did what, and why: the context that the history triggers write down."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Model


@contextmanager
def audited(action: str, *, by: Any, reason: str = "") -> Iterator[None]:
    """Run one act of a service in a transaction, its history rows naming act, actor and reason.

    `action` is noun.verb, such as "order.suspended". The context is opened outside the
    transaction: inside a longer one its values would stick to later writes.
    """
    facts = {"action": action, "user": by.pk}
    if reason:
        facts["reason"] = reason
    with pghistory.context(**facts), transaction.atomic():
        yield


def tracked(*, exclude: Collection[str] = ()) -> Callable[[type[Model]], type[Model]]:
    """Class decorator: a model's history keeps each state of a row, and its end.

    What the database computes from the rest of a row is no part of it.
    """

    def track(model: type[Model]) -> type[Model]:
        computed = [field.name for field in model._meta.local_fields if field.generated]
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=[*exclude, *computed],
        )(model)

    return track
