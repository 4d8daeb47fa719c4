"""Services that hand out activation codes, and undo it."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activation_codes.models import ActivationCode, CodeReturn, CodeState, Handout
from activation_codes.services.codes import require_codes_order
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.audit import audited
from jasper_inventory.lib.exceptions import DomainError
from licenses.models import Order

# Codes that a refusal names.
_MOST_NAMED = 5


def hand_out(
    *,
    order: Order,
    codes: Collection[int],
    name: str,
    by: User,
    email: str = "",
    note: str = "",
) -> Handout:
    """Record that codes of an order, given by their keys, were handed out to a person or a class.

    All of them or none: raise DomainError, which names those that were handed out by someone else
    meanwhile, replaced, or used up.
    """
    require_codes_order(order, by)
    with audited("activation codes.handed out", by=by) as act:
        chosen = _locked(order, codes)
        if not chosen:
            raise DomainError(_("Select at least one code."))
        act.on(order)
        act.changes(None, {"codes": len(chosen)})
        handout = Handout.objects.create(
            order=order,
            name=name,
            email=email,
            note=note,
            number_of_codes=len(chosen),
            handed_out_by=by,
        )
        free = ActivationCode.objects.filter(pk__in=[code.pk for code in chosen]).to_hand_out()
        if free.update(handout=handout) != len(chosen):
            raise DomainError(_why_not(chosen))
    return handout


def return_codes(*, order: Order, codes: Collection[int], by: User) -> CodeReturn:
    """Undo handing out those of these codes that were handed out.

    A handout without codes keeps no name. Raise DomainError if none of them was handed out.
    """
    require_codes_order(order, by)
    with audited("activation codes.returned", by=by) as act:
        returned = [code for code in _locked(order, codes) if code.handout_id]
        if not returned:
            text = _("None of these codes of order %(order)s are marked as handed out.")
            raise DomainError(text % {"order": order})
        act.on(order)
        act.changes(None, {"codes": len(returned)})
        handouts = {code.handout_id for code in returned if code.handout_id}
        ActivationCode.objects.filter(pk__in=[code.pk for code in returned]).update(handout=None)
        empty = Handout.objects.filter(pk__in=handouts, codes=None)
        Handout.objects.filter(pk__in=empty.values("pk")).update(name="", email="", note="")
        return CodeReturn.objects.create(order=order, number_of_codes=len(returned), returned_by=by)


def _locked(order: Order, codes: Collection[int]) -> list[ActivationCode]:
    """Lock the order, as redeeming and replacing do first, and return these codes of it."""
    Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    return list(ActivationCode.objects.filter(order=order, pk__in=codes).order_by("pk"))


def _why_not(chosen: list[ActivationCode]) -> str:
    """Return which codes can't be handed out. The others aren't either."""
    reasons = []
    for texts, taken in (
        (_texts_of_handed_out, [code for code in chosen if code.is_handed_out]),
        (_texts_of_used, [code for code in chosen if code.state == CodeState.USED]),
        (_texts_of_replaced, [code for code in chosen if code.state == CodeState.REPLACED]),
    ):
        if taken:
            reasons.append(texts(len(taken)) % {"n": f"{len(taken):,}", "codes": _named(taken)})
    return " ".join([*reasons, _("Nothing was changed. Select other codes.")])


def _texts_of_handed_out(number: int) -> str:
    return ngettext(
        "%(n)s code was already handed out: %(codes)s.",
        "%(n)s codes were already handed out: %(codes)s.",
        number,
    )


def _texts_of_used(number: int) -> str:
    return ngettext(
        "%(n)s code has no uses left: %(codes)s.",
        "%(n)s codes have no uses left: %(codes)s.",
        number,
    )


def _texts_of_replaced(number: int) -> str:
    return ngettext(
        "%(n)s code was replaced: %(codes)s.",
        "%(n)s codes were replaced: %(codes)s.",
        number,
    )


def _named(codes: list[ActivationCode]) -> str:
    named = ", ".join(str(code) for code in codes[:_MOST_NAMED])
    return f"{named} …" if len(codes) > _MOST_NAMED else named
