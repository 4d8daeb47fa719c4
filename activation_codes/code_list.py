"""The list of an order's codes: its search, and what a page shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, QuerySet, When
from django.db.models.functions import JSONObject

from activation_codes.code_check import is_well_formed
from activation_codes.models import ActivationCode, CodeState, Handout, Redemption
from activation_codes.models.codes import ActivationCodeQuerySet
from jasper_inventory.accounts.models import User
from jasper_inventory.lib.code_format import codes_in
from jasper_inventory.lib.pagination import MergingPaginator
from jasper_inventory.lib.text_fields import has_words
from licenses.models import Order

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# Codes that a search by name shows.
MOST_FOUND = 1_000
# People who are named beside a code.
MOST_PEOPLE = 3
SIZES = (25, 50, 100)
# The states in addresses.
STATES = {state.name.lower().replace("_", "-"): state for state in CodeState}


class _Uses(TypedDict):
    """What `listed` annotates: the newest redemptions, as {"user", "at"}."""

    uses: list[dict[str, str]]


if TYPE_CHECKING:
    ListedCode = WithAnnotations[ActivationCode, _Uses]
else:
    ListedCode = ActivationCode


@dataclass
class CodeSearch:
    """A search for codes of an order, by state, by handout, and by a code or a name."""

    order: Order
    state: CodeState | None = None
    handout: Handout | None = None
    typed: str = ""
    is_cut: bool = False
    _keys: list[int] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.typed:
            found = _keys_of(self.order, self.typed)
            self.is_cut = len(found) > MOST_FOUND
            self._keys = found[:MOST_FOUND]

    @property
    def found(self) -> ActivationCodeQuerySet:
        """The codes that were found."""
        codes = ActivationCode.objects.filter(order=self.order)
        if self.state:
            codes = codes.filter(state=self.state)
        if self.handout:
            codes = codes.filter(handout=self.handout)
        return codes if self._keys is None else codes.filter(pk__in=self._keys)

    @property
    def parts(self) -> list[ActivationCodeQuerySet]:
        """The codes that were found, in parts that are each read from the index of a state."""
        if self.state or self.handout or self._keys is not None:
            return [self.found]
        return [self.found.filter(state=state) for state in CodeState]

    def first(self, number: int) -> list[int]:
        """Return the keys of the first codes that were found."""
        pages = MergingPaginator(self.parts, ["pk"], self.found.only("pk"), number)
        return [code.pk for code in pages.get_page(1)]


def next_to_hand_out(order: Order, number: int) -> list[int]:
    """Return the keys of the order's first unused codes that no one has."""
    codes = ActivationCode.objects.filter(order=order, state=CodeState.UNUSED)
    return list(codes.order_by("pk").values_list("pk", flat=True)[:number])


def listed(order: Order) -> QuerySet[ListedCode]:
    """Return an order's codes with what a page shows of each, but the names of people."""
    uses = (
        Redemption.objects.current()
        .filter(code=OuterRef("pk"))
        .order_by("-pk")
        .values(use=JSONObject(user="enrollment__user", at="redeemed_at"))
    )
    codes: QuerySet[ActivationCode] = ActivationCode.objects.filter(order=order)
    return codes.select_related("handout", "replacement").annotate(
        # Skip the lookup for codes that no one redeemed yet, which are most.
        uses=Case(When(used__gt=0, then=ArraySubquery(uses[:MOST_PEOPLE])))
    )


def people_of(codes: Iterable[ListedCode]) -> dict[int, User]:
    """Return the people who are named on a page, by their keys."""
    return User.objects.in_bulk({use["user"] for code in codes for use in code.uses or ()})


def _keys_of(order: Order, typed: str) -> list[int]:
    """Return the keys of the codes that were typed, or are of someone with these words in a name.

    At most one more than `MOST_FOUND`.
    """
    codes = ActivationCode.objects.filter(order=order)
    if whole := [code for code in codes_in(typed) if is_well_formed(code)]:
        return list(codes.filter(code__in=whole).values_list("pk", flat=True))
    redeemed = Redemption.objects.current().filter(enrollment__order=order)
    redeemed = redeemed.filter(has_words(["enrollment__user_folded"], typed))
    handouts = Handout.objects.filter(order=order)
    handouts = handouts.filter(has_words(["name__folded", "email__folded", "note__folded"], typed))
    handed_out = codes.filter(handout__in=handouts)
    found = redeemed.values_list("code").union(handed_out.values_list("pk"))
    return [key for (key,) in found[: MOST_FOUND + 1]]
