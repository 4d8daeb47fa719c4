"""What teachers and administrators do for their students."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jasper_inventory.accounts.decorators import looks_after_students
from jasper_inventory.accounts.passwords import easy_password
from jasper_inventory.lib.forms import attempt, focus_first_error
from licenses import services
from licenses.forms import PupilPasswordForm


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@looks_after_students
def pupil_password(request, pk):
    """A new password for a student without email: an easy one is offered, and shown once."""
    pupil = get_object_or_404(services.pupils_of(request.membership), pk=pk)
    form = PupilPasswordForm(request.POST or None, initial={"password": easy_password()})
    why_not = services.why_not_to_set_password(pupil, request.membership)
    context = {"pupil": pupil, "form": form, "why_not": why_not}
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        attempt(
            form,
            services.help_with_password,
            pupil=pupil,
            password=password,
            by=request.user,
        )
        if form.is_valid():
            context["password"] = password
            return render(request, "licenses/pupil_password_done.html", context)
    if form.is_bound:
        focus_first_error(form)
    return render(request, "licenses/pupil_password.html", context)
