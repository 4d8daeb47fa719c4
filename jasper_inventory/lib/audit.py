"""The history of changes: tracked models, and the context of who did what and why."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
from django.db import transaction
from django.db.models import Index, Model

ModelT = TypeVar("ModelT", bound=Model)

# What the history of an order, person or organization shows of its parts is found by these: see
# `history_parts` of the admin.
PARTS_REFER_BY = ("order", "new_order", "organization", "user")


@contextmanager
def audited(action: str, *, by: Any, reason: str = "") -> Iterator[None]:
    """Run an act of a service in a transaction whose history rows name act, actor and reason.

    `action` is noun.verb, such as "order.suspended". The context is opened outside the
    transaction, because inside a longer one its values would stick to later writes.
    """
    facts = {"action": action, "user": by.pk}
    if reason:
        facts["reason"] = reason
    with pghistory.context(**facts), transaction.atomic():
        yield


def tracked(*, exclude: Collection[str] = ()) -> Callable[[type[ModelT]], type[ModelT]]:
    """Class decorator: record each state of a model's rows and their deletion.

    Generated columns are left out.
    """

    def track(model: type[ModelT]) -> type[ModelT]:
        parts = [field.name for field in model._meta.local_fields if field.name in PARTS_REFER_BY]
        computed = [field.name for field in model._meta.local_fields if field.generated]
        pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=[*exclude, *computed],
            meta={"indexes": [Index(fields=[name]) for name in parts]},
        )(model)
        return model

    return track
