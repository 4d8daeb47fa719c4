"""Admin pages that show people: each view is recorded, and no URL contains search text.

Only their own organization normally sees people; CCI staff see those that their work requires.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from jasper_inventory.accounts.models import User
from jasper_inventory.accounts.reauthentication import asks_again_to_change
from jasper_inventory.accounts.services.log_entries import record
from jasper_inventory.lib.admin import ServiceAdmin
from jasper_inventory.lib.admin_base import KeyFields, KeySelect, ModelT
from jasper_inventory.lib.admin_lists import LargeList
from jasper_inventory.lib.form_recovery import OWNER
from jasper_inventory.lib.searches import keep_search, kept_search


def staff_of(request: HttpRequest) -> User:
    """Return the user of an admin request, who is always signed in."""
    assert request.user.is_authenticated
    return request.user


def record_look(
    request: HttpRequest, page: str, people: Iterable[int | None], *, is_search: bool = False
) -> None:
    """Record that a page showed these people, unless it showed none."""
    shown = sorted({pk for pk in people if pk})
    if shown and request.user.is_authenticated:
        action = "people.searched" if is_search else "people.viewed"
        record(action, by=request.user, people=shown, after={"page": page})


if TYPE_CHECKING:
    # The base of model admins, which the mixin's users inherit.
    _AskingBase = admin.ModelAdmin[Any]
else:
    _AskingBase = object


class PeopleList(LargeList):
    """A list whose search is sent by POST; `q` in its URL is the key of the kept search text."""

    keeps_search = True

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Model]:
        self.query = kept_search(request, SEARCH_VAR) or ""
        return super().get_queryset(request, *args, **kwargs)


class PostedSelect(KeySelect):
    """A select for a person that sends the typed text by POST."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().build_attrs(*args, **kwargs) | {"data-ajax--type": "POST"}


class PostedSelects(KeyFields):
    """A mixin for admins and inlines with `autocomplete_fields`."""

    select = PostedSelect


class PeopleAdmin(PostedSelects, ServiceAdmin[ModelT]):
    """Admin of a model whose rows name people: `person` is the path to the person's key."""

    person: ClassVar[str] = "user_id"

    def person_of(self, row: ModelT) -> int | None:
        """Return the key of the person that a row names, or None."""
        found: Any = row
        for name in self.person.split("."):
            found = getattr(found, name, None)
        return found if isinstance(found, int) else None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and SEARCH_VAR in request.POST:
            return _to_results(request)
        if kept_search(request, SEARCH_VAR) is None:
            text = _("This search has expired. Enter it again.")
            self.message_user(request, text, messages.WARNING)
            rest = {name: request.GET[name] for name in request.GET if name != SEARCH_VAR}
            return HttpResponseRedirect(_address(request, rest))
        response = super().changelist_view(request, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None:
            self._record(request, shown.result_list, is_search=bool(shown.query))
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().changeform_view(request, object_id, *args, **kwargs)
        if object_id and isinstance(response, TemplateResponse) and response.context_data:
            self._record(request, [response.context_data["original"]])
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().history_view(request, object_id, *args, **kwargs)
        row = self.get_object(request, unquote(object_id)) if response.status_code == 200 else None
        if row is not None:
            self._record(request, [row])
        return response

    def _record(
        self, request: HttpRequest, rows: Iterable[ModelT], *, is_search: bool = False
    ) -> None:
        page = request.resolver_match.url_name if request.resolver_match else ""
        record_look(request, page or "", map(self.person_of, rows), is_search=is_search)


class AskingAgain(_AskingBase):
    """A mixin for admins whose changes ask for the password or passkey again."""

    @asks_again_to_change
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @asks_again_to_change
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    @asks_again_to_change
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Log each row by itself: the activity log doesn't hear of rows that are saved together."""
        actor = staff_of(request).pk
        log = AdminLogEntry.objects
        return [log.log_actions(actor, [row], DELETION, single_object=True) for row in queryset]

    @asks_again_to_change
    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().response_action(request, *args, **kwargs)


def _to_results(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get(SEARCH_VAR, "").strip()
    left_out = ("csrfmiddlewaretoken", OWNER, SEARCH_VAR, PAGE_VAR)
    query = {name: request.POST[name] for name in request.POST if name not in left_out}
    if typed:
        query[SEARCH_VAR] = keep_search(request, typed)
    return HttpResponseRedirect(_address(request, query))


def _address(request: HttpRequest, query: dict[str, str]) -> str:
    return f"{request.path}?{urlencode(query)}" if query else request.path


class PeopleAutocomplete(AutocompleteJsonView):
    """Django's view, which searches people only by POST and records those it offered."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        term, model_admin, *_rest = self.process_request(request)
        if isinstance(model_admin, PeopleAdmin) and request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.offered: list[Model] = []
        response = super().get(request, *args, **kwargs)
        if isinstance(model_admin, PeopleAdmin):
            offered = map(model_admin.person_of, self.offered)
            record_look(request, "autocomplete", offered, is_search=bool(term))
        return response

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Return a suggestion, and remember it."""
        self.offered.append(obj)
        return super().serialize_result(obj, to_field_name)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = request.POST  # Django's view reads GET.
        return self.get(request, *args, **kwargs)
