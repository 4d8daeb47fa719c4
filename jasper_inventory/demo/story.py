"""The demo's orders: assigned, requested, renewed, suspended, all through the services."""

from datetime import timedelta

import pgtrigger
from django.db.models import OuterRef, Subquery

from jasper_inventory.demo import afterwards, learning
from jasper_inventory.demo.crowd import gather
from jasper_inventory.demo.forwarding import PASSES, forward
from jasper_inventory.demo.joining import fill
from jasper_inventory.demo.neighbors import ALL_LOTS
from jasper_inventory.demo.orders import BACK, CODES, GUIDE, Back, Lot
from jasper_inventory.demo.requests import ASKS, RENEWALS, Ask, Renew
from jasper_inventory.demo.stage import Stage
from licenses.models import (
    Enrollment,
    Order,
    OrderStatus,
    Outcome,
    Transfer,
    TransferKind,
)
from licenses.services.order_edits import set_active
from licenses.services.orders import assign_order
from licenses.services.reclaims import reclaim_seats
from licenses.services.requests import (
    approve_request,
    offered_terms,
    reject_request,
    request_order,
    withdraw_request,
)
from licenses.services.suspensions import suspend_order
from licenses.terms import Terms, codes_for, offered_renewal_dates
from renewals.models import RenewalRequest
from renewals.services import request_renewal


class Story:
    """What happened on the stage, as the data tell it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.orders: dict[str, Order] = {}

    def tell(self) -> None:
        """Make all of it, in the caller's transaction."""
        lots = [*GUIDE, *ALL_LOTS]
        for lot in lots:
            self._assign(lot)
        for lot in lots:
            fill(self.stage, lot, self.orders[lot.key])
        for ask in ASKS:
            self._ask(ask)
        for renew in RENEWALS:
            self._renew(renew)
        for one in PASSES:
            forward(self.stage, one)
        for back in BACK:
            self._reclaim(back)
        self._date_transfers()
        for lot in lots:
            self._fate(lot)
        self._end(lots)
        afterwards.date_history()
        afterwards.date_activity()
        afterwards.edit(self.stage, self.orders["m-365"])
        afterwards.ask_for_others(self.stage, self.orders["b-site"])
        learning.tell(self.stage)
        gather(self.stage, self.orders["m-site"])

    def _assign(self, lot: Lot) -> None:
        parent = self.orders[lot.parent] if lot.parent else None
        products = self.stage.products[lot.family]
        order = assign_order(
            assigned_to=self.stage.organizations[lot.to],
            inventory_type=lot.kind,
            products=[products[name] for name in lot.only or products],
            terms=self._terms(lot),
            by=self.stage.reviewer(parent.assigned_to) if parent else self.stage.sue,
            parent=parent,
            purchase_order=lot.purchase_order,
            comments=lot.comments,
            teacher_code=lot.teacher_code,
            number=lot.number,
        )
        self.orders[lot.key] = order
        reviewed_at = self.stage.moment(min(lot.start, 0) - self.stage.random.randint(0, 5))
        Order.objects.filter(pk=order.pk).update(reviewed_at=reviewed_at)

    def _terms(self, lot: Lot) -> Terms:
        # What has ended still runs today, until everyone is on it.
        start, finish = self.stage.day(lot.start), self.stage.day(max(lot.finish, 0))
        if lot.kind != CODES:
            return Terms(start_date=start, finish_date=finish, students=lot.size)
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=lot.size,
            users_per_code=lot.users,
            duration=lot.duration,
        )

    def _ask(self, ask: Ask) -> None:
        by = self.stage.administrators[ask.by]
        order = request_order(
            organization=self.stage.organizations[ask.by],
            inventory_type=ask.kind,
            products=self.stage.products[ask.family].values(),
            by=by,
            students=ask.students,
            users_per_code=ask.users if ask.kind == CODES else None,
            purchase_order=ask.purchase_order,
            comments=ask.comments,
        )
        reviewer = self.stage.reviewer(order.requested_to)
        if ask.outcome == Outcome.APPROVED:
            parent = self.orders[ask.parent]
            order = approve_request(
                request=order,
                by=reviewer,
                terms=self._granted(ask, parent),
                comments=ask.answer,
                parent=parent,
            )
        elif ask.outcome == Outcome.REJECTED:
            reject_request(request=order, by=reviewer, comments=ask.answer)
        elif ask.outcome == Outcome.WITHDRAWN:
            withdraw_request(request=order, by=by)
        self._date(Order, order, ago=ask.ago, days=ask.days)

    def _granted(self, ask: Ask, parent: Order) -> Terms:
        """What was asked, for a year from the decision, within the source."""
        start = self.stage.day(ask.days - ask.ago)
        finish = min(start + timedelta(days=364), parent.finish_date)
        if ask.kind != CODES:
            students = ask.granted or ask.students
            return Terms(start_date=start, finish_date=finish, students=students)
        return Terms(
            start_date=start,
            finish_date=finish,
            number_of_codes=codes_for(ask.students, ask.users),
            users_per_code=ask.users,
            duration=min(parent.duration, 364),
        )

    def _date(self, model, asked, *, ago, days=1) -> None:
        """Put a request `ago` days back, and its decision some days later."""
        dates = {"requested_at": self.stage.moment(-ago)}
        if asked.reviewed_at:
            dates["reviewed_at"] = self.stage.moment(min(days - ago, 0))
        model.objects.filter(pk=asked.pk).update(**dates)

    def _renew(self, renew: Renew) -> None:
        order = Order.objects.get(pk=self.orders[renew.of].pk)
        by = self.stage.administrators[self._lot(renew).to]
        start, finish = self._offered(renew, order)
        # A request may not start in the past; this one didn't, on the day it was made.
        late = max(self.stage.today - start, timedelta())
        renewal = request_renewal(
            order=order,
            code_choice=renew.code,
            start_date=start + late,
            finish_date=finish + late,
            students=renew.students,
            by=by,
            purchase_order=renew.purchase_order,
            comments=renew.comments,
        )
        reviewer = self.stage.reviewer(renewal.requested_to)
        if renew.outcome == Outcome.APPROVED:
            self._approve(renewal, renew, by=reviewer, start=start, finish=finish)
        elif renew.outcome == Outcome.REJECTED:
            reject_request(request=renewal, by=reviewer, comments=renew.answer)
        elif renew.outcome == Outcome.WITHDRAWN:
            withdraw_request(request=renewal, by=by)
        self._date(RenewalRequest, renewal, ago=renew.ago)
        RenewalRequest.objects.filter(pk=renewal.pk).update(start_date=start, finish_date=finish)

    def _offered(self, renew: Renew, order: Order):
        """The dates that were offered on the day of the request."""
        return offered_renewal_dates(
            start_date=order.start_date,
            finish_date=self.stage.day(self._lot(renew).finish),
            today=self.stage.day(-renew.ago),
            is_depleted=order.status_on(self.stage.today) == OrderStatus.DEPLETED,
        )

    def _lot(self, renew: Renew) -> Lot:
        return next(lot for lot in ALL_LOTS if lot.key == renew.of)

    def _approve(self, renewal, renew: Renew, *, by, start, finish) -> None:
        new = approve_request(
            request=renewal,
            by=by,
            terms=offered_terms(renewal),
            comments=renew.answer,
            parent=self.orders[renew.parent],
        )
        self._date(Order, new, ago=renew.ago)
        Order.objects.filter(pk=new.pk).update(start_date=start, finish_date=finish)
        Enrollment.objects.filter(order=new).update(
            enrolled_at=Order.objects.get(pk=new.pk).reviewed_at
        )

    def _reclaim(self, back: Back) -> None:
        order = Order.objects.get(pk=self.orders[back.of].pk)
        transfer = reclaim_seats(
            order=order,
            number=back.number,
            by=self.stage.reviewer(order.assigned_by_organization),
            reason=back.reason,
        )
        with pgtrigger.ignore("licenses.Transfer:append_only"):
            Transfer.objects.filter(pk=transfer.pk).update(made_at=self.stage.moment(-back.ago))

    def _date_transfers(self) -> None:
        """What was given went when its order was assigned."""
        assigned = Order.objects.filter(pk=OuterRef("to_order")).values("reviewed_at")
        with pgtrigger.ignore("licenses.Transfer:append_only"):
            Transfer.objects.filter(kind=TransferKind.ALLOCATED).update(made_at=Subquery(assigned))

    def _fate(self, lot: Lot) -> None:
        order = self.orders[lot.key]
        if lot.suspended:
            suspend_order(
                order=order,
                by=self.stage.reviewer(order.assigned_by_organization),
                reason=lot.suspended,
            )
            Order.objects.filter(pk=order.pk).update(suspended_at=self.stage.moment(-4))
        if lot.inactive:
            set_active(
                order=order,
                is_active=False,
                by=self.stage.administrators[lot.to],
                reason="Not needed this term.",
            )

    def _end(self, lots: list[Lot]) -> None:
        """What was to end before the day of loading ends then."""
        for lot in lots:
            if lot.finish < 0:
                Order.objects.filter(pk=self.orders[lot.key].pk).update(
                    finish_date=self.stage.day(lot.finish)
                )
