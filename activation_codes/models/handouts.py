"""Activation codes that a license holder handed out, and those that were returned."""

from collections.abc import Collection
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from activation_codes.models import workbook_triggers as triggers
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.text_fields import AddressField, Folded, IsPlain, LineField
from licenses.models import Enrollment, Order

MOST_IN_NOTE = 300


class HandoutQuerySet(models.QuerySet["Handout"]):
    def about(self, user: User, *, addresses: Collection[str], names: Collection[str]) -> Self:
        """Return those to a person: with one of the addresses, or of the names in any spelling.

        A name alone isn't enough, because others have the same one: the person must be on the
        order.
        """
        there = Enrollment.objects.filter(order=OuterRef("order"), user=user)
        named = Q(name__folded__in=[Folded(Value(name)) for name in names if name])
        return self.filter(Q(email__in=addresses) | Q(Exists(there)) & named)


class Handout(models.Model):
    """Codes that were handed out together, to a person or a class.

    Once all its codes were returned, it keeps neither name nor address nor note.
    """

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="handouts", verbose_name=_("order")
    )
    name = LineField(_("name"), max_length=150, blank=True)
    email = AddressField(_("email"), max_length=254, blank=True)
    note = LineField(_("note"), max_length=MOST_IN_NOTE, blank=True)
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    handed_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("handed out by")
    )
    handed_out_at = models.DateTimeField(_("handed out at"), auto_now_add=True)

    objects = HandoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("handout of codes")
        verbose_name_plural = _("handouts of codes")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number_of_codes__gte=1), name="activation_codes_handout_not_empty"
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(email="", note=""),
                name="activation_codes_handout_named",
            ),
            models.CheckConstraint(
                condition=Q(IsPlain("name"), IsPlain("email"), IsPlain("note")),
                name="activation_codes_handout_plain_text",
            ),
        ]
        triggers = [triggers.HANDOUT_CHANGED]

    def __str__(self) -> str:
        return self.name


class CodeReturn(models.Model):
    """Codes that were returned, or whose handout was a mistake; never changed."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="code_returns", verbose_name=_("order")
    )
    number_of_codes = models.PositiveIntegerField(_("number of codes"))
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("returned by")
    )
    returned_at = models.DateTimeField(_("returned at"), auto_now_add=True)

    class Meta:
        verbose_name = _("return of codes")
        verbose_name_plural = _("returns of codes")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number_of_codes__gte=1), name="activation_codes_codereturn_not_empty"
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.order}: {self.number_of_codes}"
