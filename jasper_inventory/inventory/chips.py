"""The filters in use, each with a link that removes it, and the parameters that aren't used."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.models.saved_views import QUERY_LENGTH
from jasper_inventory.inventory.columns import HIDE, hidden_columns, unknown_columns
from jasper_inventory.lib.filters import PageFilterSet
from jasper_inventory.lib.forms import choices_of
from jasper_inventory.lib.pagination import PAGE, ROWS, SIZES

# Parameters of the page that filter nothing.
_OF_PAGE = (PAGE, ROWS, HIDE)
# Parameters that belong to another one, and go with it.
_GO_WITH = {"holder": ("branch",)}
# Unknown names that a message lists, and the characters of each.
_MOST_NAMED, _LONGEST = 5, 40


@dataclass(frozen=True)
class Chip:
    """A filter in use: its label, its value for the reader, and the address without it."""

    field: forms.BoundField
    value: object
    address: str


class SearchChips(PageFilterSet):
    """A search whose filters in use are listed and can be removed one by one."""

    request: MemberHttpRequest
    data: QueryDict
    # The filters that only suppliers have.
    of_suppliers: tuple[str, ...]

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in use."""
        return [
            Chip(self.form[name], self.for_reader(name), self._address_without(name))
            for name in self.form.fields
            if name not in ("sort", "branch") and self.form[name].value()
        ]

    def for_reader(self, name: str) -> object:
        """Return the value of a field: the label of a choice, or other values as typed."""
        field, value = self.form.fields[name], self.form[name].value()
        if name not in self.form.errors:
            value = self.form.cleaned_data[name]
        if name == "holder" and self.form.cleaned_data.get("branch"):
            return _("%(organization)s, including sub-organizations") % {"organization": value}
        # The choices of a field of organizations would load all of them.
        if isinstance(field, forms.ChoiceField) and not hasattr(field, "queryset"):
            return dict(choices_of(field)).get(value, value)
        return value

    def _address_without(self, *names: str) -> str:
        """Return the address of the same search without some of its parameters."""
        query = self.data.copy()
        for name in names:
            for parameter in (name, *_GO_WITH.get(name, ())):
                query.pop(parameter, None)
        query.pop(PAGE, None)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    @property
    def shareable(self) -> str:
        """The parameters that a saved view keeps: filters, sorting and columns, without codes."""
        kept = QueryDict(mutable=True)
        for name, values in self.data.lists():
            given = [value for value in values if value]
            if given and name in self.filters and name != "license_code":
                kept.setlist(name, given)
        if hidden := hidden_columns(self.request, self.data):
            kept[HIDE] = ",".join(hidden)
        return kept.urlencode()[:QUERY_LENGTH]

    @property
    def unhidden(self) -> str:
        """The address of the same search with the columns that the person chose."""
        return self._address_without(HIDE)

    @property
    def cleared(self) -> str:
        """The address without any filter, sorted as now."""
        return self._address_without(
            *(name for name in self.data if name not in (ROWS, HIDE, "sort"))
        )

    def unused(self) -> Iterator[str]:
        """Say which parameters of the address the list isn't filtered by."""
        given = [name for name in self.data if name not in self.filters and name not in _OF_PAGE]
        of_suppliers = [name for name in given if name in self.of_suppliers]
        if of_suppliers:
            yield _("Your organization has no sub-organizations. Not used: %(names)s.") % {
                "names": _listed(of_suppliers)
            }
        if unknown := [name for name in given if name not in of_suppliers]:
            text = ngettext(
                "This list has no such filter, so it wasn't used: %(names)s.",
                "This list has no such filters, so they weren't used: %(names)s.",
                len(unknown),
            )
            yield text % {"names": _listed(unknown)}
        if several := [name for name in self.filters if self._is_repeated(name)]:
            yield _("Only the last value was used of: %(names)s.") % {"names": _listed(several)}
        if (rows := self.data.get(ROWS)) and rows not in map(str, SIZES):
            text = _("A page can't have “%(rows)s” rows. Choose 25, 50 or 100.")
            yield text % {"rows": rows[:_LONGEST]}
        if unknown := unknown_columns(self.data):
            yield _("These columns don't exist: %(names)s.") % {"names": _listed(unknown)}
        if self.data.get("branch") and "branch" in self.filters and not self.data.get("holder"):
            yield _("“Including sub-organizations” was not used: it needs an organization.")

    def _is_repeated(self, name: str) -> bool:
        # The second value of this one is chosen from those that the first may mean.
        return name != "holder" and len(set(self.data.getlist(name))) > 1


def _listed(names: list[str]) -> str:
    shown = [name[:_LONGEST] for name in names[:_MOST_NAMED]]
    return ", ".join(shown) + (", …" if len(names) > _MOST_NAMED else "")
