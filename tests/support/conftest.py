"""Fixtures that tests of CCI staff's work share."""

import pytest


@pytest.fixture
def client(staff, sign_in):
    """A browser of CCI staff."""
    return sign_in(staff)
