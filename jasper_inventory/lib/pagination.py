"""Pagination of lists."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest


def paged(
    request: HttpRequest, rows: QuerySet[Model, Any] | Sequence[Any], size: int
) -> dict[str, Any]:
    """Return the requested page of a list as `page`, and the page numbers to link as `pages`."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "pages": pages}
