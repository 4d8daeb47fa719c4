"""The admin of the background queue: its state, its jobs, and the daily runs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tasks import TaskResultStatus
from django_tasks_db.models import get_date_max

from jasper_inventory.jobs.models import Job, ScheduledRun, Worker
from jasper_inventory.jobs.services import discard_job, retry_job
from jasper_inventory.lib.admin import PresetFilter, ServiceAdmin
from jasper_inventory.lib.tasks import QueueState, queue_state

# Acts of CCI staff that the page of the queue shows.
MOST_ACTS = 10


class StateFilter(PresetFilter):
    """Jobs that aren't done, or those in one state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[Any, str]]:
        return [
            (None, _("Not done")),
            (TaskResultStatus.READY, _("Waiting")),
            (TaskResultStatus.RUNNING, _("Running")),
            (TaskResultStatus.FAILED, _("Failed")),
            (TaskResultStatus.SUCCESSFUL, _("Done")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() is None:
            return queryset.exclude(status=TaskResultStatus.SUCCESSFUL)
        return queryset.filter(status=self.value())


@admin.register(Job)
class JobAdmin(ServiceAdmin[Job]):
    """Jobs of the queue, which CCI staff can retry or discard; never their arguments."""

    change_list_template = "admin/jobs/job_list.html"
    list_display = (
        *("shown_name", "status", "enqueued_at", "shown_attempts", "next_at"),
        *("started_at", "shown_worker", "shown_error"),
    )
    list_filter = (StateFilter,)
    sorted_when_few = ("status", "enqueued_at", "started_at")
    ordering = ("-enqueued_at",)
    actions = ("retry", "discard")
    fields = (
        *("shown_name", "status", "priority", "enqueued_at", "shown_attempts", "next_at"),
        *("started_at", "finished_at", "shown_worker", "shown_error", "shown_traceback"),
    )
    links = []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the state of the queue, the workers and the last acts above the list."""
        acts = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Job))
        context = {
            "facts": _facts(queue_state()),
            "workers": Worker.objects.alive().order_by("started_at"),
            "acts": acts.select_related("user").order_by("-pk")[:MOST_ACTS],
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("job"))
    def shown_name(self, job: Job) -> str:
        return str(job)

    @admin.display(description=gettext_lazy("attempts"))
    def shown_attempts(self, job: Job) -> int:
        return job.attempts

    @admin.display(description=gettext_lazy("next attempt"))
    def next_at(self, job: Job) -> Any:
        is_later = job.status == TaskResultStatus.READY and job.run_after != get_date_max()
        return job.run_after if is_later else None

    @admin.display(description=gettext_lazy("worker"))
    def shown_worker(self, job: Job) -> str:
        return job.worker or "–"

    @admin.display(description=gettext_lazy("last error"))
    def shown_error(self, job: Job) -> str:
        return job.exception_class_path.rpartition(".")[2] or "–"

    @admin.display(description=gettext_lazy("traceback"))
    def shown_traceback(self, job: Job) -> str:
        """Return the traceback, in which names and addresses may be."""
        return job.traceback or "–"

    def get_fields(self, request: HttpRequest, obj: Job | None = None) -> Any:
        if request.user.is_superuser:
            return self.fields
        return [name for name in self.fields if name != "shown_traceback"]

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_job")

    def selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """Return the selected jobs, whose keys are UUIDs."""
        if request.POST.get("select_across", "0") not in ("", "0"):
            return queryset
        chosen = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if _is_uuid(pk)]
        return self.get_queryset(request).filter(pk__in=chosen)

    @admin.action(description=gettext_lazy("Retry the selected jobs"), permissions=["manage"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse | None:
        return self.confirmed_for_each(
            request,
            queryset,
            retry_job,
            action="retry",
            title=_("Retry jobs"),
            done=_("Retried: %(names)s"),
        )

    @admin.action(description=gettext_lazy("Discard the selected jobs"), permissions=["manage"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse | None:
        return self.confirmed_for_each(
            request,
            queryset,
            discard_job,
            action="discard",
            title=_("Discard jobs: they will never be done"),
            done=_("Discarded: %(names)s"),
        )


def _facts(state: QueueState) -> list[tuple[str, str]]:
    """Return the lines of the table of the queue's state."""
    last = _("never")
    if state.last_alerts_at and state.last_alerts is not None:
        when = date_format(localtime(state.last_alerts_at), "DATETIME_FORMAT")
        last = _("%(when)s, %(age)s ago") % {"when": when, "age": _age(state.last_alerts)}
    return [
        (_("Waiting"), _with_age(state.depth, state.oldest_waiting)),
        (_("Waiting for a later attempt"), f"{state.later:,}"),
        (_("Running"), f"{state.running:,}"),
        (_("Failed, and set aside"), f"{state.failed:,}"),
        (_("Unsent emails"), _with_age(state.unsent_emails, state.oldest_unsent_email)),
        (_("Last daily alerts"), last),
        (_("Workers"), f"{state.workers:,}"),
    ]


def _with_age(number: int, seconds: float | None) -> str:
    if seconds is None:
        return f"{number:,}"
    text = _("%(number)s, the oldest for %(age)s")
    return text % {"number": f"{number:,}", "age": _age(seconds)}


def _age(seconds: float) -> str:
    return timesince(timezone.now() - timedelta(seconds=seconds))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ServiceAdmin[ScheduledRun]):
    """The daily runs, with their results."""

    list_display = ("schedule", "due_at", "started_at", "finished_at", "result")
    sorted_when_few = list_display
    fields = list_display
    readonly_fields = list_display
    links = []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ScheduledRun | None = None) -> bool:
        return False
