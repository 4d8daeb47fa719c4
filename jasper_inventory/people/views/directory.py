"""Finding people, a person's page, and the user's own page."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jasper_inventory.accounts.decorators import (
    MemberHttpRequest,
    UserHttpRequest,
    administrator_required,
)
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.accounts.list_exports import list_export
from jasper_inventory.accounts.models import ErasureRequest, Membership
from jasper_inventory.accounts.reauthentication import asks_again
from jasper_inventory.accounts.services.erasure_requests import ask_for_erasure, keep_account
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.exports import ListFile
from jasper_inventory.lib.pagination import EXPORTED, every_row, sized_page
from jasper_inventory.lib.replica import reads_replica
from jasper_inventory.lib.returning import post_only
from jasper_inventory.lib.searches import PARAMETER, keep_search, kept_search
from jasper_inventory.people.data_export import my_data
from jasper_inventory.people.exports import PEOPLE_COLUMNS
from jasper_inventory.people.queries import (
    PeoplePaginator,
    TooManyPeople,
    counts_below,
    held_at,
    held_by,
    lines,
    people_by_code,
    people_named,
    people_of,
    roles_seen_by,
)
from jasper_inventory.people.refused_addresses import refused_addresses
from jasper_inventory.people.search import MOST, FindPeopleForm, looks_like_code, why_nobody
from jasper_inventory.people.student_erasure import students_of
from licenses.product_mix import Catalogue
from licenses.services.student_passwords import students_of_teacher, why_not_to_set_password


@sensitive_post_parameters("typed")
@require_http_methods(["GET", "HEAD", "POST"])
@administrator_required
@reads_replica
def people(request: MemberHttpRequest) -> HttpResponse:
    """Find people of the organization; show suppliers the numbers of their sub-organizations.

    URLs never contain the search text: codes are answered by the POST, and the session keeps
    other texts.
    """
    if request.method == "POST":
        form = FindPeopleForm(request.POST)
        if form.is_valid():
            typed = form.cleaned_data["typed"]
            if looks_like_code(typed):
                return _found_by_code(request, form, typed)
            kept = keep_search(request, typed)
            return redirect(f"{reverse('people:people')}?{PARAMETER}={kept}")
        return render(request, "people/people.html", {"form": form, "searched": False})
    typed = kept_search(request)
    context = {
        "form": FindPeopleForm(initial={"typed": typed}),
        "searched": bool(typed),
        "is_forgotten": typed is None,
    }
    if typed:
        context |= _named(request, typed)
        return render(request, "people/people.html", context)
    context["refused"] = refused_addresses(request.membership)
    if request.membership.organization.is_supplier:
        context |= {"counts": True, **_page(request, counts_below(request.membership))}
    return render(request, "people/people.html", context)


@require_safe
@administrator_required
@list_export
def people_export(request: MemberHttpRequest, typed: str | None) -> ListFile | HttpResponse:
    """Download the people whom a search found; without one, go to the page."""
    try:
        found = people_named(typed, request.membership) if typed else set()
    except TooManyPeople:
        found = set()
    if not found:
        return redirect("people:people")
    return ListFile(
        name="people",
        title=_("People"),
        columns=PEOPLE_COLUMNS,
        rows=partial(every_row, PeoplePaginator(found, request.membership, EXPORTED)),
        counted=list(found),
        logged_as="people",
    )


def _named(request: MemberHttpRequest, typed: str) -> dict[str, Any]:
    try:
        found = people_named(typed, request.membership)
    except TooManyPeople:
        return {"too_many": True}
    return sized_page(request, lambda size: PeoplePaginator(found, request.membership, size))


def _found_by_code(request: MemberHttpRequest, form: FindPeopleForm, typed: str) -> HttpResponse:
    """Show the people who used a code, or those with a username that looks like one."""
    context: dict[str, Any] = {"form": form, "searched": True}
    try:
        found = people_by_code(typed, request.membership)
        found = found or people_named(typed, request.membership)
    except TooManyPeople:
        return render(request, "people/people.html", context | {"too_many": True})
    context |= {"page": PeoplePaginator(found, request.membership, MOST).get_page(1), "pages": []}
    if not found:
        context["why_nobody"] = why_nobody(typed)
    return render(request, "people/people.html", context)


def _page(request: UserHttpRequest, rows: QuerySet[Model]) -> dict[str, Any]:
    return sized_page(request, lambda size: Paginator(rows, size))


@require_safe
@administrator_required
def person(request: MemberHttpRequest, pk: int) -> HttpResponse:
    """Show a person's roles and licenses in the organization of the active role."""
    someone = get_object_or_404(people_of(request.membership), pk=pk)
    looked_after = students_of_teacher(request.membership).filter(pk=someone.pk).exists()
    context = _page(request, held_at(someone, request.membership))
    context |= {
        "person": someone,
        "roles": roles_seen_by(request.membership).filter(user=someone),
        "lines": lines(context["page"].object_list),
        "catalogue": Catalogue(),
        "looked_after": looked_after,
        "erasure": ErasureRequest.objects.visible_to(request.membership)
        .pending()
        .filter(user=someone)
        .first(),
        "is_student": students_of(request.membership.organization).filter(pk=pk).exists(),
        "why_no_password": why_not_to_set_password(someone, request.membership),
    }
    return render(request, "people/person.html", context)


@require_safe
def me(request: UserHttpRequest) -> HttpResponse:
    """Show the user's own account with all roles and licenses."""
    context = _page(request, held_by(request.user))
    context |= {
        "roles": Membership.objects.of_user(request.user),
        "lines": lines(context["page"].object_list),
        "catalogue": Catalogue(),
        "erasure": ErasureRequest.objects.pending().filter(user=request.user).first(),
    }
    return render(request, "people/me.html", context)


@require_safe
def me_download(request: UserHttpRequest) -> HttpResponse:
    """Download the user's own data."""
    record("data.exported", by=request.user, on=request.user)
    response = JsonResponse(
        my_data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    name = f"my-data-{timezone.localdate()}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@for_any_role
@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def me_erase(request: UserHttpRequest) -> HttpResponse:
    """Ask to have the user's own account erased, after they type their password again."""
    if request.method == "POST":
        ask_for_erasure(by=request.user)
        messages.success(request, _("Your request to erase your account was sent to CCI Learning."))
        return redirect("people:me")
    return render(request, "people/me_erase.html")


@for_any_role
@post_only
def me_keep(request: UserHttpRequest) -> HttpResponse:
    """Withdraw the user's request to erase their account."""
    try:
        keep_account(by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request was withdrawn. Your account will be kept."))
    return redirect("people:me")
