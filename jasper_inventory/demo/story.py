"""The demo's story: orders, requests and what became of them, through the services.

The services write today's dates, so each step then moves its rows into the past.
"""

from datetime import date, timedelta

import pgtrigger
from django.apps import apps
from django.db.models import F, Model, OuterRef, QuerySet, Subquery

from jasper_inventory.accounts.models import ErasureRequest, Invitation, Notice, Role, User
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.demo import dataset
from jasper_inventory.demo.dataset import ForwardRow, OrderRow, ReclaimRow, RenewalRow, RequestRow
from jasper_inventory.demo.enrollments import add_crowd, add_learning, fill_order
from jasper_inventory.demo.stage import Stage
from licenses.models import (
    Activity,
    ActivityKind,
    Enrollment,
    Order,
    OrderStatus,
    Outcome,
    Transfer,
    TransferKind,
)
from licenses.services.order_edits import edit_order, set_active
from licenses.services.orders import assign_order
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import (
    approve_request,
    forward_request,
    offered_terms,
    reject_request,
    request_order,
    withdraw_request,
)
from licenses.services.suspensions import suspend_order
from licenses.terms import Terms, codes_for, offered_renewal_dates
from renewals.models import CodeChoice, RenewalRequest
from renewals.services import offered_dates, request_renewal


class Story:
    """Everything that happened, in order; `orders` by the keys of the data."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.orders: dict[str, Order] = {}

    def tell(self) -> None:
        """Create everything in the caller's transaction."""
        for row in dataset.ORDERS:
            self._assign(row)
        for row in dataset.ORDERS:
            fill_order(self.stage, row, self.orders[row.key])
        for request in dataset.REQUESTS:
            self._request(request)
        for renewal in dataset.RENEWALS:
            self._renew(renewal)
        for forward in dataset.FORWARDS:
            self._forward(forward)
        for reclaim in dataset.RECLAIMS:
            self._reclaim(reclaim)
        _date_transfers()
        for row in dataset.ORDERS:
            self._suspend_or_deactivate(row)
        for row in dataset.ORDERS:
            self._end(row)
        _date_history()
        _date_activity()
        self._edit()
        self._request_for_others()
        add_learning(self.stage)
        add_crowd(self.stage, self.orders[dataset.CROWD.of])
        self._invite()
        self._ask_for_erasure()

    def _assign(self, row: OrderRow) -> None:
        parent = self.orders[row.parent] if row.parent else None
        products = self.stage.products[row.family]
        order = assign_order(
            assigned_to=self.stage.organizations[row.to],
            inventory_type=row.type,
            products=[products[name] for name in row.products or products],
            terms=self._terms(row),
            by=self.stage.reviewer(parent.assigned_to) if parent else self.stage.sue,
            parent=parent,
            purchase_order=row.purchase_order,
            comments=row.comments,
            teacher_code=row.teacher_code,
            number=row.number,
        )
        self.orders[row.key] = order
        reviewed_at = self.stage.moment(min(row.start, 0) - self.stage.random.randint(0, 5))
        Order.objects.filter(pk=order.pk).update(reviewed_at=reviewed_at)

    def _terms(self, row: OrderRow) -> Terms:
        # An order that ended must still be in force today, until everyone is enrolled.
        start, finish = self.stage.day(row.start), self.stage.day(max(row.finish, 0))
        if not row.is_codes:
            return Terms(start_date=start, finish_date=finish, students=row.size)
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=row.size,
            users_per_code=row.users_per_code,
            duration=row.duration,
        )

    def _request(self, row: RequestRow) -> None:
        by = self.stage.administrators[row.by]
        order = request_order(
            organization=self.stage.organizations[row.by],
            inventory_type=row.type,
            products=self.stage.products[row.family].values(),
            by=by,
            students=row.students,
            users_per_code=row.users_per_code if row.is_codes else None,
            purchase_order=row.purchase_order,
            comments=row.comments,
        )
        reviewer = self.stage.reviewer(order.requested_to)
        if row.outcome == Outcome.APPROVED:
            parent = self.orders[row.parent]
            order = approve_request(
                request=order,
                by=reviewer,
                terms=self._granted(row, parent),
                comments=row.approval_comments,
                parent=parent,
            )
        elif row.outcome == Outcome.REJECTED:
            reject_request(request=order, by=reviewer, comments=row.approval_comments)
        elif row.outcome == Outcome.WITHDRAWN:
            withdraw_request(request=order, by=by)
        self._date(order, ago=row.ago, reviewed_after=row.reviewed_after)

    def _granted(self, row: RequestRow, parent: Order) -> Terms:
        """Return the requested terms, for a year from the approval, within the parent order."""
        start = self.stage.day(row.reviewed_after - row.ago)
        finish = min(start + timedelta(days=364), parent.last_day)
        if not row.is_codes:
            students = row.granted or row.students
            return Terms(start_date=start, finish_date=finish, students=students)
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=codes_for(row.students or 1, row.users_per_code),
            users_per_code=row.users_per_code,
            duration=min(parent.duration or 364, 364),
        )

    def _date(self, asked: Order | RenewalRequest, *, ago: int, reviewed_after: int = 1) -> None:
        dates = {"requested_at": self.stage.moment(-ago)}
        if asked.reviewed_at:
            dates["reviewed_at"] = self.stage.moment(min(reviewed_after - ago, 0))
        type(asked).objects.filter(pk=asked.pk).update(**dates)

    def _renew(self, row: RenewalRow) -> None:
        order = Order.objects.get(pk=self.orders[row.of].pk)
        by = self.stage.administrators[_order_row(row.of).to]
        start, finish = self._offered(row, order)
        # A request may not start in the past. On the day it was made, this one didn't.
        late = max(self.stage.today - start, timedelta())
        renewal = request_renewal(
            order=order,
            code_choice=row.code_choice,
            start_date=start + late,
            finish_date=finish + late,
            students=row.students,
            by=by,
            purchase_order=row.purchase_order,
            comments=row.comments,
        )
        reviewer = self.stage.reviewer(renewal.requested_to)
        if row.outcome == Outcome.APPROVED:
            self._approve(renewal, row, by=reviewer, start=start, finish=finish)
        elif row.outcome == Outcome.REJECTED:
            reject_request(request=renewal, by=reviewer, comments=row.approval_comments)
        elif row.outcome == Outcome.WITHDRAWN:
            withdraw_request(request=renewal, by=by)
        self._date(renewal, ago=row.ago)
        RenewalRequest.objects.filter(pk=renewal.pk).update(start_date=start, finish_date=finish)

    def _offered(self, row: RenewalRow, order: Order) -> tuple[date, date]:
        """Return the dates that the form offered on the day of the request."""
        assert order.start_date  # approved
        return offered_renewal_dates(
            start_date=order.start_date,
            finish_date=self.stage.day(_order_row(row.of).finish),
            today=self.stage.day(-row.ago),
            is_depleted=order.status_on(self.stage.today) == OrderStatus.DEPLETED,
        )

    def _approve(
        self, renewal: RenewalRequest, row: RenewalRow, *, by: User, start: date, finish: date
    ) -> None:
        new = approve_request(
            request=renewal,
            by=by,
            terms=offered_terms(renewal),
            comments=row.approval_comments,
            parent=self.orders[row.parent],
        )
        self._date(new, ago=row.ago)
        Order.objects.filter(pk=new.pk).update(start_date=start, finish_date=finish)
        Enrollment.objects.filter(order=new).update(
            enrolled_at=Order.objects.get(pk=new.pk).reviewed_at
        )

    def _forward(self, row: ForwardRow) -> None:
        """Forward a request once for each comment."""
        order = Order.objects.get(purchase_order=row.purchase_order, requested_at__isnull=False)
        for comments in row.comments:
            by = self.stage.reviewer(order.requested_to)
            order = forward_request(request=order, by=by, comments=comments)
            Order.objects.filter(pk=order.pk).update(requested_at=self.stage.moment(-row.ago))
        if row.rejected:
            reviewer = self.stage.reviewer(order.requested_to)
            reject_request(request=order, by=reviewer, comments=row.rejected)
            Order.objects.filter(pk=order.pk).update(reviewed_at=self.stage.moment(1 - row.ago))

    def _reclaim(self, row: ReclaimRow) -> None:
        order = Order.objects.get(pk=self.orders[row.of].pk)
        transfer = reclaim_seats(
            order=order,
            number=row.number,
            by=self.stage.reviewer(order.assigned_by_organization),
            reason=row.reason,
        )
        with pgtrigger.ignore("licenses.Transfer:append_only"):
            Transfer.objects.filter(pk=transfer.pk).update(made_at=self.stage.moment(-row.ago))

    def _suspend_or_deactivate(self, row: OrderRow) -> None:
        order = self.orders[row.key]
        if row.suspended:
            by = self.stage.reviewer(order.assigned_by_organization)
            suspend_order(order=order, by=by, reason=row.suspended)
            Order.objects.filter(pk=order.pk).update(suspended_at=self.stage.moment(-4))
        if row.inactive:
            by = self.stage.administrators[row.to]
            set_active(order=order, is_active=False, by=by, reason=row.inactive)

    def _end(self, row: OrderRow) -> None:
        """Give an order that ended before today its own finish date."""
        if row.finish < 0:
            orders = Order.objects.filter(pk=self.orders[row.key].pk)
            orders.update(finish_date=self.stage.day(row.finish))

    def _edit(self) -> None:
        row = dataset.EDIT
        order = self.orders[row["of"]]
        edit_order(
            order=order,
            by=self.stage.administrators[row["by"]],
            students=(order.students or 0) + row["more_students"],
            purchase_order=row["purchase_order"],
            reason=row["reason"],
        )

    def _request_for_others(self) -> None:
        """Request a license and a renewal by proxy."""
        row = dataset.PROXY_REQUEST
        request_order(
            organization=self.stage.organizations[row["organization"]],
            requested_by_organization=self.stage.organizations[row["by"]],
            inventory_type=row["type"],
            products=self.stage.products[row["family"]].values(),
            by=self.stage.administrators[row["by"]],
            students=row["students"],
            purchase_order=row["purchase_order"],
            comments=row["comments"],
        )
        row = dataset.PROXY_RENEWAL
        order = self.orders[row["of"]]
        start, finish = offered_dates(order)
        request_renewal(
            order=order,
            requested_by_organization=self.stage.organizations[row["by"]],
            code_choice=CodeChoice.EXISTING,
            start_date=start,
            finish_date=finish,
            students=order.seats,
            by=self.stage.administrators[row["by"]],
            comments=row["comments"],
        )

    def _invite(self) -> None:
        """Invite people, without sending the emails."""
        for row in dataset.INVITATIONS:
            invitation = invite(
                organization=self.stage.organizations[row.organization],
                role=Role[row.role.upper()],
                email=row.email,
                by=self.stage.administrators[row.organization],
            )
            ago = timedelta(days=row.ago)
            Invitation.objects.filter(pk=invitation.pk).update(
                created_at=invitation.created_at - ago, expires_at=invitation.expires_at - ago
            )
        Notice.objects.filter(address__in=[row.email for row in dataset.INVITATIONS]).delete()

    def _ask_for_erasure(self) -> None:
        asked = ask_for_erasure(by=self.stage.students["harbour"][-1])
        ErasureRequest.objects.filter(pk=asked.pk).update(asked_at=self.stage.moment(-1))


def _order_row(key: str) -> OrderRow:
    return next(row for row in dataset.ORDERS if row.key == key)


def _date_transfers() -> None:
    """Date allocations like the approval of the order that got the seats."""
    assigned = Order.objects.filter(pk=OuterRef("to_order")).values("reviewed_at")
    with pgtrigger.ignore("licenses.Transfer:append_only"):
        Transfer.objects.filter(kind=TransferKind.ALLOCATED).update(made_at=Subquery(assigned))


def _date_history() -> None:
    """Date the events in the orders' history like the acts that caused them."""
    events = apps.get_model("licenses", "OrderEvent").objects
    row = Order.objects.filter(pk=OuterRef("pgh_obj"))
    created = events.filter(pgh_label="insert")
    created.filter(outcome=Outcome.PENDING).update(pgh_created_at=_value(row, "requested_at"))
    created.exclude(outcome=Outcome.PENDING).update(pgh_created_at=_value(row, "reviewed_at"))
    changed = events.filter(pgh_label="update")
    actions = [f"order.{outcome}" for outcome in Outcome.values]
    reviewed = changed.filter(pgh_context__metadata__action__in=actions)
    reviewed.filter(reviewed_at__isnull=False).update(pgh_created_at=_value(row, "reviewed_at"))
    changed.filter(
        pgh_context__metadata__action="order.suspended", suspended_at__isnull=False
    ).update(pgh_created_at=F("suspended_at"))
    reclaimed = changed.filter(pgh_context__metadata__action="order.reclaimed")
    for transfer in Transfer.objects.filter(kind=TransferKind.RECLAIMED):
        reclaimed.filter(pgh_obj=transfer.from_order_id).update(pgh_created_at=transfer.made_at)


def _date_activity() -> None:
    """Date the acts on the orders' History tabs in the same way."""
    acts, row = Activity.objects, Order.objects.filter(pk=OuterRef("order"))
    acts.filter(kind=ActivityKind.REQUESTED).update(at=_value(row, "requested_at"))
    reviewed = (
        *(ActivityKind.APPROVED, ActivityKind.REJECTED, ActivityKind.WITHDRAWN),
        *(ActivityKind.ASSIGNED, ActivityKind.RENEWED),
    )
    acts.filter(kind__in=reviewed, order__reviewed_at__isnull=False).update(
        at=_value(row, "reviewed_at")
    )
    acts.filter(kind=ActivityKind.SUSPENDED, order__suspended_at__isnull=False).update(
        at=_value(row, "suspended_at")
    )
    for transfer in Transfer.objects.filter(kind=TransferKind.RECLAIMED):
        reclaims = acts.filter(kind=ActivityKind.RECLAIMED, order=transfer.from_order_id)
        reclaims.update(at=transfer.made_at)


def _value(rows: QuerySet[Model], field: str) -> Subquery:
    return Subquery(rows.values(field)[:1])
