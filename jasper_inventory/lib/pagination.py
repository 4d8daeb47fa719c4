"""Pagination of lists."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from math import ceil
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from jasper_inventory.lib.streams import in_parts

# Counting more would take longer than the page.
MOST_COUNTED = 10_000
# More rows than any list has, within the range of the database's numbers.
LAST_PAGE = 100_000_000
# The parameters of a page's number and of its rows, and how many rows a reader can choose.
PAGE, ROWS = "page", "rows"
SIZES = (25, 50, 100)
# The rows that an export reads at once.
EXPORTED = 2_000


def _rows_per_page(request: HttpRequest) -> int:
    """Return how many rows of a list a reader sees: as chosen now or before, or the fewest.

    The session remembers the choice.
    """
    chosen = {str(size): size for size in SIZES}.get(request.GET.get(ROWS, ""))
    if chosen and chosen != request.session.get(ROWS, SIZES[0]):
        request.session[ROWS] = chosen
    return chosen or int(request.session.get(ROWS, SIZES[0]))


def page_of(request: HttpRequest, paginator: "Paginator[Any]") -> dict[str, Any]:
    """Return the requested page as `page`, and the page numbers to link as `pages`."""
    page = paginator.get_page(request.GET.get(PAGE))
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "pages": pages}


def sized_page(request: HttpRequest, of_size: Callable[[int], "Paginator[Any]"]) -> dict[str, Any]:
    """Return the requested page like `page_of`, of a list whose readers choose its size."""
    found = page_of(request, of_size(_rows_per_page(request)))
    # Only such a page offers them.
    found["page"].sizes = SIZES
    return found


def paged(
    request: HttpRequest, rows: QuerySet[Model, Any] | Sequence[Any], size: int
) -> dict[str, Any]:
    """Return the requested page of a list: see `page_of`."""
    return page_of(request, Paginator(rows, size))


def in_sections(
    rows: QuerySet[Model, Any], column: str, key: str, *, descending: bool
) -> list[QuerySet[Model, Any]]:
    """Return rows sorted by a column, as the rows with a value and then those without.

    `key` is a unique column that sorts equal rows. Each of the two can be read from one index, in
    either direction; a single query with the empty ones last could not.
    """
    sign = "-" if descending else ""
    with_value = rows.filter(**{f"{column}__isnull": False})
    without = rows.filter(**{f"{column}__isnull": True})
    return [with_value.order_by(f"{sign}{column}", f"{sign}{key}"), without.order_by(f"-{key}")]


def every_row(paginator: "Paginator[Any]") -> Iterator[Any]:
    """Yield the rows of all pages; read inside a transaction."""
    if isinstance(paginator, KeyPaginator):
        yield from paginator.every()
        return
    for number in paginator.page_range:
        yield from paginator.page(number).object_list


class LargePaginator(Paginator[Any]):
    """Pages of a list of any length.

    Rows are counted up to `MOST_COUNTED` only. After the last page that this counts, each page
    links to the next one, and the number of pages isn't known.
    """

    def __init__(
        self,
        rows: QuerySet[Model, Any],
        sections: Sequence[QuerySet[Model, Any]],
        per_page: int,
        *,
        counted: int | None = None,
    ) -> None:
        """Take all rows, to count them, and the sections to read them in: see `in_sections`.

        `counted` is their number up to the limit and one, if it is known.
        """
        super().__init__(rows, per_page)
        if counted is not None:
            self._counted = counted
        self.rows = rows
        self.sections = sections
        # The page shown, or the one after it if it exists.
        self._reached = 1

    @cached_property
    def _counted(self) -> int:
        counted: int = self.rows.order_by()[: MOST_COUNTED + 1].count()
        return counted

    @property
    def is_larger(self) -> bool:
        """Whether there are more rows than `count`."""
        return self._counted > MOST_COUNTED

    @property
    def count(self) -> int:
        """The number of rows, at most `MOST_COUNTED`."""
        return min(self._counted, MOST_COUNTED)

    @property
    def num_pages(self) -> int:
        """The number of the last page that is known to exist."""
        counted = max(1, ceil(self.count / self.per_page))
        return max(counted, self._reached) if self.is_larger else counted

    def get_page(self, number: Any) -> Page[Any]:
        """Return the page with this number; the first or the last known one if there is none."""
        try:
            number = min(max(int(number), 1), LAST_PAGE)
        except (TypeError, ValueError):
            number = 1
        rows = self._slice(number)
        if not rows and number > 1:
            number = self.num_pages
            rows = self._slice(number)
        has_more = len(rows) > self.per_page
        self._reached = number + has_more
        if rows and not has_more:
            # The last page: no need to count.
            self._counted = (number - 1) * self.per_page + len(rows)
        return Page(self.shown(rows[: self.per_page]), number, self)

    def shown(self, rows: list[Any]) -> list[Any]:
        """Return what a page shows of the rows of its sections; for subclasses."""
        return rows

    def _slice(self, number: int) -> list[Any]:
        """Return the rows of a page and, if there is one, the first row after them."""
        bottom, size = (number - 1) * self.per_page, self.per_page + 1
        rows: list[Any] = []
        for section in self.sections:
            part = list(section[bottom : bottom + size - len(rows)])
            rows += part
            if len(rows) == size:
                break
            if not part:
                # The page begins after this section.
                bottom = max(0, bottom - section.order_by().count()) if bottom else 0
            else:
                bottom = 0
        return rows


class KeyPaginator(LargePaginator):
    """Pages whose keys are found first, then what the rows of a page show.

    So finding, sorting and skipping read an index only, and nothing is computed for rows that
    aren't shown.
    """

    def __init__(
        self,
        rows: QuerySet[Any, Any],
        sections: Iterable[QuerySet[Any, Any]],
        listed: QuerySet[Any, Any],
        per_page: int,
        *,
        key: str = "pk",
        counted: int | None = None,
    ) -> None:
        """Take the found rows, also in sections, and all rows with everything that a page shows."""
        keys = [section.values_list(key, flat=True) for section in sections]
        super().__init__(rows.values(key), keys, per_page, counted=counted)
        self.listed = listed
        self.key = key

    def shown(self, rows: list[Any]) -> list[Any]:
        """Return the rows with these keys, but for those that have just left the list."""
        # Sorted by the rows that were found.
        by_key = {getattr(row, self.key): row for row in self.read(rows)} if rows else {}
        return [by_key[key] for key in rows if key in by_key]

    def read(self, keys: list[Any]) -> Iterable[Any]:
        """Return the rows with these keys in any order; for subclasses."""
        return self.listed.filter(**{f"{self.key}__in": keys}).order_by()

    def every(self) -> Iterator[Any]:
        """Yield the rows of all pages. The database keeps the keys until they are read."""
        for section in self.sections:
            with closing(in_parts(section, EXPORTED)) as keys:
                while some := list(islice(keys, EXPORTED)):
                    yield from self.shown(some)


class MergingPaginator(LargePaginator):
    """Pages of a list whose rows are in parts, each of which is read from an index of its own.

    The parts have no common rows. A single query of all of them would read and sort every row.
    """

    def __init__(
        self,
        parts: Sequence[QuerySet[Any, Any]],
        order: Sequence[str],
        listed: QuerySet[Any, Any],
        per_page: int,
    ) -> None:
        """Take the order, which ends with the key, and all rows with what a page shows."""
        columns = [column.removeprefix("-") for column in order]
        self.parts = [part.order_by(*order).values_list(*columns) for part in parts]
        self.order = order
        self.listed = listed
        super().__init__(listed, [], per_page)

    @cached_property
    def _counted(self) -> int:
        return self._first(MOST_COUNTED + 1).count()

    def _first(self, number: int) -> QuerySet[Any, Any]:
        """Return the keys of the first rows of the list."""
        first, *rest = (part[:number] for part in self.parts)
        merged = first.union(*rest, all=True)
        # Only one part is left if the others are known to be empty.
        return merged.order_by(*self.order) if merged.query.combinator else merged

    def _slice(self, number: int) -> list[Any]:
        bottom, size = (number - 1) * self.per_page, self.per_page + 1
        return list(self._first(bottom + size)[bottom : bottom + size])

    def shown(self, rows: list[Any]) -> list[Any]:
        """Return the rows of a page, but for those that have just left the list."""
        found = self.listed.in_bulk([key for *_columns, key in rows])
        return [found[key] for *_columns, key in rows if key in found]
