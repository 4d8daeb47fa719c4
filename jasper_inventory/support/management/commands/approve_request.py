"""manage.py approve_request"""

from django.db import transaction

from jasper_inventory.lib.commands import ChangingCommand
from jasper_inventory.support.management.arguments import add_request, find_request
from licenses.management.arguments import add_terms, find_order, terms_from
from licenses.models import Order
from licenses.services.requests import approve_order
from licenses.services.requests import offered_terms as offered_order_terms
from renewals.services import approve_renewal
from renewals.services import offered_terms as offered_renewal_terms


class Command(ChangingCommand):
    help = (
        "Approve a request for a new license or for a renewal. Dates and places left out are as "
        "asked for, a new license from today for a year; a site license needs --unlimited. CCI "
        "staff approve any request; a supplier's administrator those addressed to it, out of a "
        "--source."
    )
    example = '10054 --students 40 --comments "Welcome!" --by sue.wong'

    def add_arguments(self, parser):
        super().add_arguments(parser)
        add_request(parser)
        add_terms(parser)

    def change(self, *, by, options):
        asked = find_request(options["number"], renewal=options["renewal"])
        more = {
            "by": by,
            "comments": options["comments"],
            "source": find_order(options["source"]) if options["source"] else None,
            "teacher_code": options["teacher_code"],
        }
        if isinstance(asked, Order):
            return _approve_order(asked, options, more)
        terms = terms_from(options, offered=offered_renewal_terms(asked))
        new = approve_renewal(renewal=asked, terms=terms, **more)
        number = "a new order" if options["dry_run"] else f"order {new.number}"
        return (
            f"The renewal of order {asked.order} for {new.assigned_to} was approved: {number}, "
            f"{new.start_date} to {new.finish_date}."
        )


def _approve_order(asked, options, more):
    terms = terms_from(options, offered=offered_order_terms(asked))
    with transaction.atomic():
        order = approve_order(order=asked, terms=terms, **more)
    return (
        f"The request of {order.assigned_to} for order {order} was approved, "
        f"{order.start_date} to {order.finish_date}."
    )
