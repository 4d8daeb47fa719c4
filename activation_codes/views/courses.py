"""My Courses, and starting a course."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from activation_codes.courses import learning_of, licenses_of
from activation_codes.services.courses import start_course
from jasper_inventory.accounts.decorators import UserHttpRequest
from jasper_inventory.accounts.form_roles import for_any_role
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.pagination import paged
from jasper_inventory.lib.replica import reads_replica
from jasper_inventory.lib.returning import post_only
from licenses.models import Enrollment, Product

LICENSES_PER_PAGE = 10


@require_safe
@reads_replica
def course_list(request: UserHttpRequest) -> HttpResponse:
    """Show a student's licenses with their courses, last days and next steps."""
    today = timezone.localdate()
    pages = paged(request, learning_of(request.user, today), LICENSES_PER_PAGE)
    licenses = licenses_of(list(pages["page"].object_list), today)
    context = {
        "active": [license for license in licenses if not license.is_expired],
        "to_start": sum(len(license.courses) for license in licenses if not license.failed),
        "expired": [license for license in licenses if license.is_expired],
        **pages,
    }
    return render(request, "activation_codes/course_list.html", context)


@for_any_role
@post_only
def course_start(request: UserHttpRequest, enrollment: int, product: int) -> HttpResponse:
    """Record the start, and redirect to the course if the site knows its address (*Start*)."""
    mine = Enrollment.objects.students().filter(user=request.user)
    learning = get_object_or_404(mine, pk=enrollment)
    course = get_object_or_404(Product.objects.select_related("family"), pk=product)
    try:
        start_course(enrollment=learning, product=course, by=request.user)
    except DomainError as refusal:
        messages.error(
            request,
            _("%(course)s could not be started. %(why)s") % {"course": course, "why": refusal},
        )
        return redirect("activation_codes:course_list")
    if settings.COURSES_URL:
        return redirect(settings.COURSES_URL.replace("{product}", str(course.pk)))
    messages.success(
        request,
        _("You started %(course)s. Continue in Jasperactive.") % {"course": course},
    )
    return redirect("activation_codes:course_list")
