"""Lists of the admin that take as long with millions of rows as with hundreds.

Rows are counted up to a limit, a page's keys are found before its rows, and long lists are sorted
only by columns that an index sorts.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import EmptyPage, Page
from django.db import connections
from django.db.models import Field, Model, OrderBy, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jasper_inventory.lib.admin_base import ModelT, NameOrderChangeList, TypedModelAdmin
from jasper_inventory.lib.admin_search import MOST_FOUND, found_by, ways_to_find
from jasper_inventory.lib.pagination import MOST_COUNTED, KeyPaginator, LargePaginator
from jasper_inventory.lib.replica import read_alias, reads_replica
from jasper_inventory.lib.routes import numbered

# Up to as many rows, sorting all is cheaper than looking for those of a page among all others.
MOST_READ_AT_ONCE = 4_000


class ListPaginator(KeyPaginator):
    """Pages of a list of the admin; the keys of a short one are read at once."""

    def __init__(
        self,
        rows: QuerySet[Model, Any],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> None:
        super().__init__(rows, [rows], rows.order_by(), per_page)
        self._keys: list[Any] | None = None

    def read_all(self) -> None:
        """Read the keys of all pages, because they are few."""
        self._keys = list(self.sections[0])
        self._counted = len(self._keys)

    def get_page(self, number: Any) -> Page[Any]:
        """Return the page with this number; the first or the last known one if there is none.

        Of a short list, all keys are read. If PostgreSQL were asked for a page of them, it would
        look for these few rows among all others, in the order of an index.
        """
        is_short = not self.is_larger and self.count <= MOST_READ_AT_ONCE
        if self._keys is None and is_short:
            self.read_all()
        return super().get_page(number)

    def _slice(self, number: int) -> list[Any]:
        if self._keys is None:
            return super()._slice(number)
        bottom = (number - 1) * self.per_page
        return self._keys[bottom : bottom + self.per_page + 1]

    def page(self, number: Any) -> Page[Any]:
        """Return a page as Django's suggestions need it: raise EmptyPage if it doesn't exist."""
        page = self.get_page(number)
        if page.number != number:
            raise EmptyPage("This page doesn't exist.")
        return page


class LargeList(NameOrderChangeList):
    """A list of any length."""

    paginator: ListPaginator
    model_admin: "LargeListAdmin[Any]"

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Return what to sort by: for a long list, at most one column, which an index sorts."""
        asked = self.params.get(ORDER_VAR)
        if asked and not self.query and self._is_slow(asked) and _is_large(queryset):
            kept = [column for column in asked.split(".") if not self._is_slow(column)]
            self.params.pop(ORDER_VAR)
            self.params |= {ORDER_VAR: kept[0]} if kept else {}
        ordering = super().get_ordering(request, queryset)
        # The last one is Django's, which makes the order definite. In the direction of the column,
        # both are read from one index.
        if ordering[-1] == "-pk" and len(ordering) > 1 and not _is_descending(ordering[-2]):
            ordering[-1] = "pk"
        return ordering

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return the field or expression by which to sort a column."""
        if field_name in self.model_admin.sorted_by_key:
            return "folded"
        return super().get_ordering_field(field_name)

    def _is_slow(self, columns: str) -> bool:
        """Return whether no index sorts by these columns, as the address names them."""
        names = [
            self.list_display[int(column)]
            for column in columns.replace("-", "").split(".")
            if column.isdecimal() and int(column) < len(self.list_display)
        ]
        slow = self.model_admin.sorted_when_few
        return len(names) > 1 or any(name in slow for name in names)

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page, and count no more than needed."""
        paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        assert isinstance(paginator, ListPaginator)
        if self.query:
            paginator.read_all()
        page = paginator.get_page(self.page_num)
        self.paginator, self.page_num = paginator, page.number
        self.result_count = paginator.count
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.multi_page = self.result_count > self.list_per_page
        few = self.result_count <= self.list_max_show_all
        self.can_show_all = few and not paginator.is_larger
        shows_all = self.show_all and self.can_show_all
        self.result_list = list(paginator.every()) if shows_all else page.object_list
        if self.sorts_less:
            slow = self.model_admin.sorted_when_few
            self.sortable_by = [str(name) for name in self.list_display if name not in slow]

    def url_for_result(self, result: Model) -> str:
        """Return the address of a row's page."""
        if not isinstance(result.pk, int):
            return super().url_for_result(result)
        route = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return numbered(f"{self.model_admin.admin_site.name}:{route}", result.pk)

    @property
    def is_cut(self) -> bool:
        """Whether a search found more rows than it lists."""
        return bool(self.query) and self.result_count > MOST_FOUND

    @property
    def most(self) -> str:
        """The number that the list has more rows than, or "" if all were counted."""
        if self.is_cut:
            return f"{MOST_FOUND:,}"
        return f"{MOST_COUNTED:,}" if self.paginator.is_larger else ""

    @property
    def sorts_less(self) -> bool:
        """Whether the list is too long to be sorted by some of its columns."""
        return bool(self.model_admin.sorted_when_few) and self.paginator.is_larger


def _is_large(rows: QuerySet[Any]) -> bool:
    return LargePaginator(rows, [], 1).is_larger


def _is_descending(sorted_by: Any) -> bool:
    if isinstance(sorted_by, OrderBy):
        return sorted_by.descending
    return isinstance(sorted_by, str) and sorted_by.startswith("-")


class LargeListAdmin(TypedModelAdmin[ModelT]):
    """Admin of a model that may have millions of rows."""

    # Columns by which only lists can be sorted that aren't longer than what is counted, because no
    # index sorts by them.
    sorted_when_few: ClassVar[tuple[str, ...]] = ()
    # Columns of texts that the model's stored key begins with, which sorts them.
    sorted_by_key: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    # They would count all rows of each choice.
    show_facets = ShowFacets.NEVER
    paginator = ListPaginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LargeList

    @reads_replica
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list."""
        return super().changelist_view(request, extra_context)

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: ModelT) -> SafeString:
        """Return Django's checkbox of a row, without rendering a template for each."""
        label = _("Select this object for an action - {}").format(obj)
        box = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'
        return format_html(box, ACTION_CHECKBOX_NAME, obj.pk, label)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ModelT], search_term: str
    ) -> tuple[QuerySet[ModelT], bool]:
        """Return the rows in which each typed word is part of a text or equals a number.

        Texts match in any spelling, and numbers with separators, such as 1,000 or 1 000.
        `search_fields` are stored keys (`folded`, `compact_…`), transforms to them
        (`subject__folded`), and numbers (`…__exact`). At most one more than `MOST_FOUND` are found.
        """
        fields = list(self.get_search_fields(request))
        if not search_term.strip() or all(field.endswith("__exact") for field in fields):
            # A list without a search box, whose address someone gave a ?q= by hand.
            return queryset, False
        return found_by(queryset, list(ways_to_find(self.model, fields, search_term))), False


class ValuesFilter(admin.AllValuesFieldListFilter):
    """A filter by the values of a column that an index begins with: it reads one row for each."""

    def __init__(self, field: "Field[Any, Any]", *args: Any, **kwargs: Any) -> None:
        super().__init__(field, *args, **kwargs)
        # The stubs know only Django's own, a query.
        self.lookup_choices = _values_of(field)  # type: ignore[assignment]


def _values_of(field: "Field[Any, Any]") -> list[Any]:
    database = connections[read_alias()]
    quote = database.ops.quote_name
    assert field.column
    column, table = quote(field.column), quote(field.model._meta.db_table)
    with database.cursor() as cursor:
        # PostgreSQL would read all rows for a DISTINCT.
        cursor.execute(
            f"""
            WITH RECURSIVE found(value) AS (
                (SELECT {column} FROM {table} ORDER BY 1 LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY 1 LIMIT 1
                ) FROM found WHERE found.value IS NOT NULL
            )
            SELECT value FROM found WHERE value IS NOT NULL
            """
        )
        return [value for (value,) in cursor.fetchall()]
