"""The list of an order's codes, and the selection of some of them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activation_codes.code_list import SIZES, STATES, CodeSearch, listed, next_to_hand_out
from activation_codes.forms import FindCodesForm, NextCodesForm
from activation_codes.models import ActivationCode, CodeState, Handout
from activation_codes.selections import MOST_SELECTED, encoded
from activation_codes.views.shortcuts import (
    address_of_selected,
    back_to_list,
    nothing_selected,
    order_with_codes,
)
from jasper_inventory.accounts.decorators import MemberHttpRequest, administrator_required
from jasper_inventory.lib.dialogs import back_to_window
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.pagination import MergingPaginator
from jasper_inventory.lib.replica import reads_replica
from jasper_inventory.lib.returning import post_only
from jasper_inventory.lib.searches import PARAMETER, keep_search, kept_search
from licenses.models import Order

# The page of each button for selected codes, and whether it is a window.
ACTS = {
    "hand-out": ("activation_codes:handout_create", True),
    "return": ("activation_codes:handout_undo", True),
    "copy": ("activation_codes:codes_copy", True),
    "replace": ("activation_codes:codes_replace", True),
    "print": ("activation_codes:code_cards", False),
    "download": ("activation_codes:selected_download", False),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrator_required
def code_list(request: MemberHttpRequest, number: int) -> HttpResponse:
    """List an order's codes for its holder. A search is sent by POST, and kept in the session."""
    order = order_with_codes(request, number)
    form = FindCodesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data["typed"]
        key = keep_search(request, typed) if typed else None
        return redirect(_address(request, **{"handout": None, PARAMETER: key}))
    return _list(request, order, form)


@reads_replica
def _list(request: MemberHttpRequest, order: Order, form: FindCodesForm) -> HttpResponse:
    typed = kept_search(request)
    search = _search(request, order, typed or "")
    size = next((size for size in SIZES if str(size) == request.GET.get("size")), SIZES[0])
    pages = MergingPaginator(search.parts, ["pk"], listed(order), size)
    page = pages.get_page(request.GET.get("page"))
    if not form.is_bound:
        form = FindCodesForm(initial={"typed": typed})
    select = urlencode({**_query(request), "next": request.get_full_path()})
    context = {
        "order": order,
        "form": form,
        "is_forgotten": typed is None,
        "search": search,
        "page": page,
        "pages": pages.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "most": MOST_SELECTED,
        "next_form": NextCodesForm(),
        "select_url": f"{reverse('activation_codes:codes_select', args=[order.number])}?{select}",
        **_links(request, order, search, size),
    }
    return render(request, "activation_codes/code_list.html", context)


def _search(request: MemberHttpRequest, order: Order, typed: str) -> CodeSearch:
    """Return the search of the address; 404 if it names a handout of another order."""
    handout = request.GET.get("handout", "")
    found = None
    if handout:
        key = int(handout) if handout.isascii() and handout.isdigit() else 0
        found = get_object_or_404(
            Handout.objects.select_related("handed_out_by"), order=order, pk=min(key, 2**63 - 1)
        )
    return CodeSearch(order, STATES.get(request.GET.get("state", "")), found, typed)


def _links(
    request: MemberHttpRequest, order: Order, search: CodeSearch, size: int
) -> dict[str, Any]:
    """Return the links to codes of each state, and to pages of each size."""
    states = [(name, state) for name, state in STATES.items()]
    if order.users_per_code == 1:
        states = [(name, state) for name, state in states if state != CodeState.PARTLY_USED]
    return {
        "states": [
            (_("All"), _address(request, state=None), search.state is None),
            *(
                (state.label, _address(request, state=name), search.state == state)
                for name, state in states
            ),
        ],
        "sizes": [(each, _address(request, size=each), each == size) for each in SIZES],
    }


def _query(request: MemberHttpRequest) -> dict[str, Any]:
    """Return the search and the page size of the address."""
    names = ("state", "handout", PARAMETER, "size")
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _address(request: MemberHttpRequest, **changes: Any) -> str:
    """Return the address of the list with other values; without those that are None."""
    query = {**_query(request), **changes}
    query = {name: value for name, value in query.items() if value is not None}
    return f"{request.path}?{urlencode(query)}" if query else request.path


@post_only
@administrator_required
def codes_select(request: MemberHttpRequest, number: int) -> HttpResponse:
    """Open the page of a button for the selected codes: some, all found, or the next unused."""
    order = order_with_codes(request, number)
    act = ACTS.get(request.POST.get("act", "hand-out"))
    if act is None:
        raise Http404
    try:
        keys = _selected(request, order)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(back_to_list(request, order))
    if not keys:
        return nothing_selected(request, order)
    route, is_window = act
    address = address_of_selected(route, order, encoded(keys), back_to_list(request, order))
    return back_to_window(address) if is_window else redirect(address)


def _selected(request: MemberHttpRequest, order: Order) -> list[int]:
    """Return the keys of the selected codes; raise DomainError if they are too many."""
    what = request.POST.get("what")
    if what == "next":
        return _next(request, order)
    if what == "all":
        search = _search(request, order, kept_search(request) or "")
        keys = search.first(MOST_SELECTED + 1)
    else:
        typed = [key for key in request.POST.getlist("codes") if key.isascii() and key.isdigit()]
        found = [int(key) for key in typed if len(key) < 19][: MOST_SELECTED + 1]
        codes = ActivationCode.objects.filter(order=order, pk__in=found)
        keys = list(codes.values_list("pk", flat=True))
    if len(keys) > MOST_SELECTED or (keys and not encoded(keys)):
        text = _("Select at most %(most)s codes of order %(order)s at a time.")
        raise DomainError(text % {"most": f"{MOST_SELECTED:,}", "order": order})
    return keys


def _next(request: MemberHttpRequest, order: Order) -> list[int]:
    """Return the keys of the next unused codes; raise DomainError if there are too few."""
    form = NextCodesForm(request.POST)
    if not form.is_valid():
        raise DomainError(f"{form['number'].label}: {form.errors['number'][0]}")
    number = form.cleaned_data["number"]
    keys = next_to_hand_out(order, number)
    if len(keys) < number:
        text = ngettext(
            "Order %(order)s has only %(n)s unused code.",
            "Order %(order)s has only %(n)s unused codes.",
            len(keys),
        )
        raise DomainError(text % {"order": order, "n": f"{len(keys):,}"})
    return keys
