"""What a request was granted differently from what it asked, for the requester to be told."""

from collections.abc import Collection
from typing import Any

from licenses.models import Product
from licenses.terms import Terms, codes_for


def changes_between(
    asked: dict[str, Any],
    terms: Terms,
    *,
    is_codes: bool,
    asked_products: Collection[int],
    products: Collection[int],
) -> list[dict[str, Any]]:
    """Each difference as {"term", "asked", "granted"}; `asked` says what was asked, by term.

    The one comparison for both kinds of requests, whoever decides. Students that fill the last
    code are no change. Products are told by their names, as they are on the day.
    """
    granted = {**vars(terms), "students": _students(terms, is_codes)}
    changes = [
        {"term": term, "asked": value, "granted": granted[term]}
        for term, value in asked.items()
        if value != granted[term] and not (term == "students" and _fills_codes(value, terms))
    ]
    off = Product.objects.filter(pk__in=set(asked_products) - set(products))
    for product in off.select_related("family"):
        changes.append({"term": "product", "asked": str(product), "granted": None})
    added = Product.objects.filter(pk__in=set(products) - set(asked_products))
    for product in added.select_related("family"):
        changes.append({"term": "product", "asked": None, "granted": str(product)})
    return changes


def _students(terms: Terms, is_codes: bool) -> int | None:
    if not is_codes:
        return terms.students
    return (terms.number_of_codes or 0) * (terms.users_per_code or 1)


def _fills_codes(students: int | None, terms: Terms) -> bool:
    """Whether so many students need just the codes that are granted."""
    return (
        bool(students and terms.number_of_codes and terms.users_per_code)
        and codes_for(students or 0, terms.users_per_code or 1) == terms.number_of_codes
    )
