"""The active role: chosen in the Role menu, kept in the session, checked at each request."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from jasper_inventory.accounts.middleware import SESSION_KEY, ActiveRoleMiddleware
from jasper_inventory.accounts.models import Role
from jasper_inventory.accounts.services.memberships import revoke_role, use_role
from tests import factories

pytestmark = pytest.mark.django_db


def request_of(user, *, session=None, path="/"):
    """A request, as the middleware passes it to a view."""
    request = RequestFactory().get(path)
    request.user = user
    request.session = {} if session is None else session
    middleware = ActiveRoleMiddleware(lambda request: None)
    middleware(request)
    middleware.process_view(request, None, (), {})
    return request


def test_at_sign_in_the_highest_administrators_role_is_active(hub, center):
    user = factories.person()
    factories.member(center, Role.TEACHER, user=user)
    factories.member(center, user=user)
    high = factories.member(hub, user=user)
    assert request_of(user).membership == high


def test_at_sign_in_the_role_last_used_is_active(hub, center):
    user = factories.person()
    factories.member(hub, user=user)
    teacher = factories.member(center, Role.TEACHER, user=user)
    use_role(membership=teacher, by=teacher.user)
    assert request_of(user).membership == teacher


def test_the_role_of_the_session_is_active(hub, center):
    user = factories.person()
    high, low = factories.member(hub, user=user), factories.member(center, user=user)
    assert request_of(user, session={SESSION_KEY: low.pk}).membership == low
    assert request_of(user, session={SESSION_KEY: high.pk}).membership == high


def test_a_role_stops_working_at_the_next_request(hub, center, staff):
    user = factories.person()
    high, low = factories.member(hub, user=user), factories.member(center, user=user)
    session = {SESSION_KEY: high.pk}
    revoke_role(user=user, organization=hub, role=Role.ADMINISTRATOR, by=staff)
    assert request_of(user, session=session).membership == low
    revoke_role(user=user, organization=center, role=Role.ADMINISTRATOR, by=staff)
    assert request_of(user, session=session).membership is None


def test_somebody_elses_role_in_the_session_is_not_taken(admin, foreign_admin):
    request = request_of(admin.user, session={SESSION_KEY: foreign_admin.pk})
    assert request.membership == admin


def test_without_a_role_there_is_no_active_one(staff):
    request = request_of(staff)
    assert request.membership is None
    assert list(request.memberships) == []


def test_without_signing_in_there_is_no_active_role(admin):
    request = request_of(AnonymousUser(), session={SESSION_KEY: admin.pk})
    assert request.membership is None
    assert list(request.memberships) == []


def test_the_active_role_costs_one_query(admin, django_assert_num_queries):
    with django_assert_num_queries(1):
        request = request_of(admin.user)
        assert request.membership.organization.name == "Tolano Adventures"
        assert len(request.memberships) == 1
