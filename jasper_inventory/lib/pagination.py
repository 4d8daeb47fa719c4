"""Lists in pages."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest


def paged(request: HttpRequest, rows: Any, size: int) -> dict[str, Any]:
    """The page of the list that the address asks for, as `page`, and the numbers around it."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    pages = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "pages": pages}
