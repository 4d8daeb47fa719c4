"""Writes the activity log: one entry per act, in the act's transaction.

Acts that pass through `lib.audit.audited` are written there. Everything else calls `record`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest

from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.log_actions import kind_of
from jasper_inventory.accounts.models import LogEntry, Membership, Role, User
from jasper_inventory.accounts.throttling import address_of
from jasper_inventory.lib import origins
from jasper_inventory.lib.audit import Act, Logged, Subject

_ROLES = {Role.ADMINISTRATOR: "administrator", Role.TEACHER: "teacher", Role.STUDENT: "student"}
STAFF = "CCI staff"


def record(action: str, *, by: User | AnonymousUser | None = None, **facts: Any) -> None:
    """Write one entry about an act, with one statement; `facts` are those of `entry_of`."""
    entry_of(action, by=by, **facts).save(force_insert=True)
    origins.current().recorded.append(action)


def entry_of(
    action: str,
    *,
    by: User | AnonymousUser | None = None,
    on: Logged | Subject | None = None,
    organization: int | None = None,
    acted_for: int | None = None,
    people: Iterable[int] = (),
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> LogEntry:
    """Return an entry: `action` is noun.verb, one of log_actions.py, such as "codes.downloaded".

    `on` is the row that the act was done to, and `people` are the keys of the people whom it
    concerns. `before` and `after` must not have names, passwords or codes. `organization` is the
    key of the one whose administrators read the entry: that of `on`, or of the active role.
    Where it came from is known: see lib.origins.
    """
    origin = origins.current()
    actor = by if by is not None and by.is_authenticated else None
    subject = on if isinstance(on, Subject) or on is None else on.subject
    membership = _membership(origin.request, actor)
    own = membership.organization_id if membership else None
    concerned = {*people, *(subject.people if subject else ())}
    return LogEntry(
        kind=kind_of(action),
        action=action,
        actor=actor,
        role=_role(actor, membership),
        acted_for_id=acted_for or own,
        organization_id=organization or (subject and subject.organization) or own,
        people=sorted(concerned - {actor.pk if actor else None}),
        object_kind=subject.kind if subject else "",
        object_key=subject.key if subject else None,
        object_text=subject.text[:200] if subject else "",
        before=before,
        after=after,
        reason=reason,
        source=origin.source[:120],
        request_id=origin.request_id,
        **_where(origin.request),
    )


def row_of(entry: LogEntry) -> str:
    """Return an entry as JSON, for functions of the database that write it."""
    columns = [column for column in LogEntry._meta.concrete_fields if not column.primary_key]
    row = {column.attname: getattr(entry, column.attname) for column in columns}
    return json.dumps(row, cls=DjangoJSONEncoder)


def record_act(act: Act) -> None:
    """Write the entry of an act that ran in `audited`."""
    record(
        act.action,
        by=act.by,
        on=act.subject,
        acted_for=act.acted_for,
        people=act.people,
        before=act.before,
        after=act.after,
        reason=act.reason,
    )


def _membership(request: HttpRequest | None, actor: User | None) -> Membership | None:
    """Return the active role, unless the act is another person's than the one who is signed in."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or actor is None or membership.user_id != actor.pk:
        return None
    return membership


def _role(actor: User | None, membership: Membership | None) -> str:
    if membership is not None:
        return _ROLES[Role(membership.role)]
    return STAFF if actor is not None and actor.is_staff else ""


def _where(request: HttpRequest | None) -> dict[str, Any]:
    """Return the network address and the browser of a request."""
    if request is None:
        return {}
    # Requests of tests may have no address.
    address = address_of(request) if request.META.get("REMOTE_ADDR") else None
    return {"address": address, "browser": browser_of(request).key}
