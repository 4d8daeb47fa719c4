"""The search for everything in an administrator's scope, from the box in the menu bar."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from activation_codes.code_check import is_well_formed
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.accounts.throttling import TooMany, admit, visitor_of
from jasper_inventory.lib.code_format import typed_codes
from jasper_inventory.lib.replica import reads_replica
from jasper_inventory.lib.searches import PARAMETER, keep_search, kept_search
from jasper_inventory.people.search import looks_like_code
from jasper_inventory.search.forms import SearchForm
from jasper_inventory.search.queries import found_by_code, found_by_text, order_numbered


@sensitive_post_parameters("typed")
@sensitive_variables("form", "typed")
@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
def search(request: MemberHttpRequest) -> HttpResponse:
    """Find orders, people, organizations and codes. An order's exact number leads to the order.

    URLs never contain the search text: codes are answered by the POST, and the session keeps
    other texts.
    """
    if request.method != "POST":
        return _results(request)
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "search/results.html", {"form": form})
    typed = form.cleaned_data["typed"]
    if order := order_numbered(typed, request.membership):
        return redirect("licenses:order_edit", order.number)
    if looks_like_code(typed):
        return _by_code(request, form, typed)
    return redirect(f"{reverse('search:search')}?{PARAMETER}={keep_search(request, typed)}")


@reads_replica
def _results(request: MemberHttpRequest) -> HttpResponse:
    typed = kept_search(request)
    context = {"form": SearchForm(initial={"typed": typed}), "is_forgotten": typed is None}
    if typed:
        found = found_by_text(typed, request.membership)
        context |= {"found": found, "key": request.GET[PARAMETER], "typed": typed}
    return render(request, "search/results.html", context)


def _by_code(request: MemberHttpRequest, form: SearchForm, typed: str) -> HttpResponse:
    """Answer a code, throttled as all codes that are typed."""
    try:
        attempt = admit(visitor_of(request))
    except TooMany as refusal:
        form.add_error("typed", str(refusal))
        return render(request, "search/results.html", {"form": form})
    found = found_by_code(typed, request.membership)
    if found.is_empty:
        is_code = any(is_well_formed(code) for code in typed_codes(typed))
        attempt.was_wrong(is_typing_error=not is_code)
    else:
        attempt.was_right()
    # Without a key, no link repeats the text, as it would be in an address.
    context = {"form": form, "typed": typed, "found": found, "key": ""}
    return render(request, "search/results.html", context)
