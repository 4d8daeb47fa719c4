"""Admin of throttling: CCI staff can see and lift blocks."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import BigIntegerField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts import throttling
from jasper_inventory.accounts.models import Tally, User
from jasper_inventory.accounts.people_admin import PeopleAdmin
from jasper_inventory.lib.admin import PresetFilter

# The key of the user in the key of a counter.
ACCOUNT = " account ([0-9]+)"


class InEffectFilter(PresetFilter):
    """Current blocks, or all counters."""

    title = gettext_lazy("in effect")
    parameter_name = "in_effect"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[Any, str]]:
        return [(None, _("Now")), ("all", _("All counts"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tally]) -> QuerySet[Tally]:
        return queryset if self.value() else queryset.filter(pk__in=throttling.blocks())


@admin.register(Tally)
class BlockAdmin(PeopleAdmin[Tally]):
    """Blocks: what was counted, since when, and until when it blocks; never the typed codes."""

    list_display = ("what", "whom", "number", "since", "last_at", "until")
    list_filter = (InEffectFilter,)
    list_display_links = None
    search_fields = ("key__folded", "username__folded")
    search_help_text = gettext_lazy("Network address, username, or the number of an account")
    ordering = ("-last_at",)
    actions = ("lift",)
    links = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tally]:
        counts = (
            super()
            .get_queryset(request)
            .filter(key__regex="^(codes|passwords|factors|factors a day|accounts) of ")
        )
        account = Func(F("key"), Value(ACCOUNT), function="SUBSTRING")
        counts = counts.annotate(account=Cast(account, BigIntegerField()))
        named = User.objects.filter(pk=OuterRef("account"))
        found: QuerySet[Tally] = counts.annotate(username=Subquery(named.values("username")))
        return found

    def person_of(self, row: Tally) -> int | None:
        """Return the key of the user whose account it is, or None."""
        found = re.search(ACCOUNT, row.key)
        return int(found[1]) if found else None

    @admin.display(description=gettext_lazy("what"))
    def what(self, tally: Tally) -> str:
        names = {
            "codes": _("Wrong codes"),
            "passwords": _("Wrong passwords"),
            "factors": _("Wrong second factors"),
            "accounts": _("New accounts"),
        }
        return names[tally.key.partition(" ")[0]]

    @admin.display(description=gettext_lazy("whom"))
    def whom(self, tally: Tally) -> str:
        return self.label_of(tally)

    @admin.display(description=gettext_lazy("until"))
    def until(self, tally: Tally) -> str:
        until = throttling.ends_of(tally)
        return date_format(localtime(until), "DATETIME_FORMAT") if until else "–"

    def label_of(self, row: Tally) -> str:
        """Return a network's address, a browser's key, or an account's username."""
        kind, _space, value = row.key.partition(" of ")[2].partition(" ")
        names = {
            "network": _("Network %(value)s"),
            "browser": _("Browser %(value)s"),
            "account": _("Account %(value)s"),
        }
        if kind == "account":
            in_own_browser = " in browser " in value
            # Annotated by `get_queryset`.
            value = getattr(row, "username", None) or value
            value += f" ({_('own browser')})" if in_own_browser else ""
        # Of unknown names, only a digest is kept.
        return names.get(kind, _("Unknown name")) % {"value": value}

    def name_of(self, row: Tally) -> str:
        return self.label_of(row)

    @admin.action(description=gettext_lazy("Lift the selected blocks"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Tally]) -> HttpResponse | None:
        return self.confirmed_for_each(
            request,
            queryset,
            lambda tally: Tally.objects.filter(pk=tally.pk).delete(),
            action="lift",
            title=_("Lift blocks"),
            done=_("Lifted: %(names)s"),
        )

    def selected(self, request: HttpRequest, queryset: QuerySet[Tally]) -> QuerySet[Tally]:
        """Return the selected counters, whose keys are texts."""
        if request.POST.get("select_across", "0") not in ("", "0"):
            return queryset
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return self.get_queryset(request).filter(pk__in=chosen)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Tally | None = None) -> bool:
        return False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_tally")
