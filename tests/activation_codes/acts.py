"""Steps that tests of typed codes share."""

from activation_codes.models import ActivationCode
from jasper_inventory.accounts.models import Tally
from licenses.services.enrollments import enroll_teacher
from tests import factories
from tests.factories import PASSWORD

ACCOUNT = {
    "first_name": "Ana",
    "last_name": "Silva",
    "sign_in_as": "ana7",
    "password": PASSWORD,
}
NO_LONGER_KEPT = "This page has expired. Enter the code again."


def used(code):
    return ActivationCode.objects.get(pk=code.pk).used


def wrong_count():
    tally = Tally.objects.filter(key="codes of network 127.0.0.1").first()
    return tally.number if tally else 0


def held_against():
    """The number of wrong codes counted for browsers and accounts, without typing errors."""
    own = Tally.objects.exclude(key__startswith="codes of network")
    return sum(own.filter(key__startswith="codes of").values_list("number", flat=True))


def teaching(order, **values):
    return enroll_teacher(
        order=order, user=factories.person(**values), by=factories.staff()
    ).enrollment
