"""Settings of the test run, and the personas that tests act as."""

import gc
import os
import sys

import django.test
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.template.base import Node
from django.test import override_settings

from activation_codes.models import Handout
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.models import Level, Role, SavedView
from jasper_inventory.accounts.services.invitations import invite
from jasper_inventory.devserver import postgres
from licenses.models import Product, ProductFamily
from licenses.services.joins import join_by_teacher_code
from tests import access_table, databases, factories
from tests.browsers import Browser
from tests.machines import pgbouncer

# Test modules take it from there, and so does pytest-django's `client`.
django.test.Client = Browser
django.test.TransactionTestCase = databases.CommittingTestCase
# Playwright's synchronous API keeps an event loop in the thread where Django is called, too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


# Looking for rubbish after every 700 new objects takes a tenth of the time of all tests.
gc.set_threshold(50_000, 20, 20)


def pytest_configure():
    if django_settings.EMBEDDED_DATABASE:
        postgres.start(django_settings.BASE_DIR)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests that commit are slower: `-m "not commits"` leaves out races and browsers.

    pytest-django creates only databases that a test asks for by this mark. Those of servers and
    workers need it for a copy, and would fail when they run alone.
    """
    for item in items:
        database = item.get_closest_marker("django_db")
        if database is None and "django_db_setup" in item.fixturenames:
            item.add_marker("django_db")
        commits = database is not None and database.kwargs.get("transaction")
        if commits or {"transactional_db", "live_server"} & {*item.fixturenames}:
            item.add_marker("commits")


@pytest.fixture(scope="session", autouse=True)
def test_settings():
    """The differences from a running site: tasks run immediately, emails stay in memory."""
    for options in django_settings.TEMPLATES:
        options["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        TASKS={"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}},
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**django_settings.STORAGES, "staticfiles": static},
        WHITENOISE_AUTOREFRESH=True,
        SECURE_SSL_REDIRECT=False,
        MFA_REQUIRED=False,
        # A code may be sent in the next half minute.
        MFA_TOTP_TOLERANCE=1,
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """Each worker's database is a copy of one that is migrated already."""
    # A test database needn't survive a power failure. Nor does a test fail because its machine is
    # busy; those of the limits have their own.
    connection.settings_dict["OPTIONS"]["options"] += (
        " -c synchronous_commit=off -c statement_timeout=0 -c lock_timeout=0"
    )
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """With THROUGH_PGBOUNCER=1, all tests reach their database through PgBouncer."""
    if os.environ.get("THROUGH_PGBOUNCER") != "1":
        yield
        return
    # Created and dropped on the server itself, as operators migrate it.
    entry, direct = connection.settings_dict, {**connection.settings_dict}
    with pgbouncer.in_front_of(direct) as pooled:
        with django_db_blocker.unblock():
            connection.close()
        entry.update(pooled, DIRECT=direct)
        yield
        with django_db_blocker.unblock():
            connection.close()
        entry.update(direct)


@pytest.fixture(scope="module")
def access_site(test_settings, django_db_setup, django_db_blocker):
    """The personas, and the address of each route: see `access_table`."""
    yield from access_table.personas_and_addresses(django_db_blocker)


@pytest.fixture
def personas(access_site, db):
    return access_site[0]


@pytest.fixture
def addresses(access_site, db):
    return access_site[1]


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


class UndefinedVariable(str):
    """A name in a template that the context lacks fails the test instead of showing nothing.

    Only in our templates: those of Django's admin count on names that may be missing.
    """

    def __mod__(self, name):
        template = _template_being_rendered()
        if template.startswith(str(django_settings.BASE_DIR / "templates")):
            raise AssertionError(f"undefined template variable: {name} in {template}")
        return ""

    def __contains__(self, item):
        return item == "%s" or super().__contains__(item)


def _template_being_rendered():
    """The file of the innermost node that is being rendered; a node of a block keeps its own."""
    frame = sys._getframe()
    while frame:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and node.origin:
            return node.origin.name
        frame = frame.f_back
    return ""


@pytest.fixture
def hub(db):
    return factories.organization("Harbour Hub", level=Level.HUB)


@pytest.fixture
def center(hub):
    return factories.organization("Tolano Adventures", parent=hub)


@pytest.fixture
def admin(center):
    """The center's administrator: a membership, its `.user` the person."""
    return factories.member(center)


@pytest.fixture
def hub_admin(hub):
    return factories.member(hub)


@pytest.fixture
def foreign_admin(db):
    """An administrator of a center that has nothing to do with the others."""
    return factories.member(factories.organization("Elsewhere"))


@pytest.fixture
def teacher(center):
    return factories.member(center, Role.TEACHER)


@pytest.fixture
def staff(db):
    return factories.staff()


@pytest.fixture
def sign_in():
    """A function: a browser in which this person is signed in."""

    def signed_in(who):
        client = Browser()
        client.force_login(getattr(who, "user", who))
        return client

    return signed_in


@pytest.fixture
def sue(db):
    """CCI staff, with the username that commands pass."""
    return factories.staff("sue")


@pytest.fixture
def site(sign_in, admin):
    """The browser of the center's administrator."""
    return sign_in(admin)


@pytest.fixture
def staff_site(sign_in, staff):
    """The browser of CCI staff."""
    return sign_in(staff)


@pytest.fixture
def order(center):
    return factories.order(assigned_to=center)


@pytest.fixture
def mix(db):
    return factories.products(3)


@pytest.fixture
def everything(hub, center, staff):
    """A function: create rows of every kind with a name; return what each search finds by it."""

    def made(name):
        school = factories.organization(name, parent=hub)
        admin = factories.member(school)
        order = factories.order(
            assigned_to=school, purchase_order=name, product_mix=factories.products(2)
        )
        person = factories.person("someone", first_name="Pat", last_name=name, email="")
        join_by_teacher_code(typed=str(order.teacher_code), by=person)
        license_request = factories.license_request(membership=admin, purchase_order=name)
        factories.renewal_request(order=order, membership=admin, purchase_order=name)
        family = ProductFamily.objects.create(name=name)
        Product.objects.create(family=family, name=name)
        SavedView.objects.create(owner=admin.user, organization=school, name=name)
        handed = {"name": name, "email": "new@example.com", "handed_out_by": staff}
        Handout.objects.create(order=order, number_of_codes=1, **handed)
        post_notice(kind="test", address="a@example.com", subject=name, text="")
        invitation = invite(
            organization=school, role=Role.TEACHER, email="new@example.com", by=staff
        )
        return order, license_request, invitation

    return made
