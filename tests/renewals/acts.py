"""Acts that tests of renewals share."""

from licenses.services.enrollments import enroll_student
from licenses.services.requests import approve_request, offered_terms
from licenses.terms import Terms
from renewals.models import RenewalRequest
from tests import factories


def approve(renewal, by, **values):
    """Approve with the offered terms, but for those named; return the new order."""
    terms = offered_terms(renewal)
    named = {name: values.pop(name) for name in Terms.__dataclass_fields__ if name in values}
    terms = Terms(**{**terms.__dict__, **named})
    return approve_request(request=renewal, by=by, terms=terms, **values)


def students(order, number):
    """Enroll this number of students on a Center License; return their enrollments."""
    by = factories.staff()
    return [
        enroll_student(order=order, user=factories.person(), by=by).enrollment
        for _ in range(number)
    ]


def approving(renewal, by, **values):
    renewal = RenewalRequest.objects.get(pk=renewal.pk)
    terms = offered_terms(renewal)
    return lambda: approve_request(request=renewal, by=by, terms=terms, **values)
