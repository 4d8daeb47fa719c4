"""An order of codes, one of its codes, and the person who types it."""

import pytest

from tests import factories
from tests.factories import CODES
from tests.helpers import change


@pytest.fixture(autouse=True)
def network_forgets_nothing(settings):
    """So that even a slow test can count wrong codes."""
    settings.WRONG_CODES_PER_SECOND = 0


@pytest.fixture
def order(center):
    return factories.order(CODES, assigned_to=center, users_per_code=2)


@pytest.fixture
def code(order):
    return factories.codes(order)[0]


@pytest.fixture
def user():
    return factories.person("sam")


@pytest.fixture
def site(sign_in, user):
    return sign_in(user)


@pytest.fixture
def older(center):
    """An order and its current renewal with the same teacher code; one seat on each."""
    old = factories.order(assigned_to=center, students=1)
    new = factories.order(assigned_to=center, students=1)
    change(new, renewal_of=old, teacher_code=old.teacher_code)
    return old
