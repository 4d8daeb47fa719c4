"""Acts that tests of renewals share."""

from licenses.services.enrollments import enroll_student
from licenses.terms import Terms
from renewals import services
from tests import factories


def approve(renewal, by, **values):
    """Approve with the offered terms, but for those named; return the new order."""
    terms = services.offered_terms(renewal)
    named = {name: values.pop(name) for name in Terms.__dataclass_fields__ if name in values}
    terms = Terms(**{**terms.__dict__, **named})
    return services.approve_renewal(renewal=renewal, by=by, terms=terms, **values)


def students(order, number):
    """Enroll so many students on a Center License; return their enrollments."""
    by = factories.staff()
    return [
        enroll_student(order=order, user=factories.person(), by=by).enrollment
        for _ in range(number)
    ]
