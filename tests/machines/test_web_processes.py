"""Web processes hold no state: several of them serve one visitor, request by request."""

import ast
import io
import socket
from contextlib import ExitStack, closing
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection

from activation_codes.code_check import generate
from jasper_inventory.lib.background import MOST_AT_ONCE
from licenses.models import Order
from tests import factories, sites
from tests.machines import nginx

pytestmark = pytest.mark.django_db(transaction=True)
ATTEMPTS = 4
WORKER = ("db_worker", "--batch")


@pytest.fixture(scope="module")
def site(environment):
    """The addresses of two web servers with one database."""
    limits = {"WRONG_CODES_FREE": str(ATTEMPTS), "CODE_WAIT": "900"}
    limits |= {"WRONG_PASSWORDS_PER_NAME": str(ATTEMPTS)}
    each = {**environment, **limits}
    with sites.web_servers(each, each) as servers:
        yield servers


@pytest.fixture
def visitor():
    return sites.Visitor()


def test_a_person_signed_in_at_one_process_acts_at_the_other(site, visitor, ann):
    first, second = site
    number = factories.order(factories.CODES, assigned_to=ann.organization).number
    page = visitor.sign_in(first, "ann", factories.PASSWORD, at=second)
    assert page.url == f"{second}/" and ann.organization.name in page.text

    window = visitor.get(f"{first}/inventory/{number}/codes/")
    done = visitor.send(window, "/codes/create/", at=second)

    assert "The activation codes were successfully created." in done.text
    assert Order.objects.get(number=number).codes_created == 5
    # The message was shown once, wherever the next page comes from.
    assert "successfully created" not in visitor.get(f"{first}/inventory/").text

    visitor.send(visitor.get(f"{first}/"), "/accounts/logout/", at=second)
    assert visitor.get(f"{first}/inventory/").url.startswith(f"{first}/accounts/login/")


def test_a_form_that_reaches_both_processes_is_carried_out_once(site, visitor, ann):
    first, _second = site
    mix = [str(product.pk) for product in factories.products(2)]
    visitor.sign_in(first, "ann", factories.PASSWORD)
    page = visitor.get(f"{first}/inventory/request/")
    entered = {"inventory_type": factories.CENTER, "students": "30", "products": mix}
    pages = [
        visitor.send(page, "/inventory/request/", at, purchase_order="PO-TWICE", **entered)
        for at in site
    ]

    assert all("PO-TWICE" in page.text for page in pages)
    assert Order.objects.filter(purchase_order="PO-TWICE").count() == 1


def test_wrong_codes_count_together(site, visitor):
    sent = zip(cycle(site), generate(ATTEMPTS + 1), strict=False)
    pages = []
    for at, code in sent:
        page = visitor.get(f"{at}/activate/")
        pages.append(visitor.send(page, "/activate/", code=code).text)

    assert "Too many wrong codes" in pages.pop()
    assert not [page for page in pages if "Too many wrong codes" in page]


def test_wrong_passwords_count_together(site, visitor, ann):
    for at, _number in zip(cycle(site), range(ATTEMPTS), strict=False):
        wrong = visitor.sign_in(at, "ann", "a wrong password")
        assert "don't match" in wrong.text

    refused = visitor.sign_in(site[1], "ann", factories.PASSWORD)
    assert refused.url == f"{site[1]}/accounts/login/"
    assert "Try again in" in refused.text


@pytest.fixture
def cache_table(environment, transactional_db):
    """The table of the cache, which tests keep in memory instead."""
    sites.manage(environment, "createcachetable")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")


def test_what_one_process_caches_another_reads(environment, cache_table):
    use = "from django.core.cache import cache; cache.set('a', 1); result = None"
    sites.python(environment, use)

    assert sites.python(environment, "from django.core.cache import cache; result = cache.get('a')")


def test_codes_in_the_background_are_followed_and_canceled_from_any_process(
    site, visitor, ann, environment
):
    first, second = site
    order = factories.order(
        factories.CODES, assigned_to=ann.organization, number_of_codes=MOST_AT_ONCE + 1
    )
    address = f"/inventory/{order.number}/codes/"
    visitor.sign_in(first, "ann", factories.PASSWORD)

    def begin():
        return visitor.send(visitor.get(first + address), "/codes/create/", at=second)

    begin()
    waiting = visitor.get(f"{first}{address}progress/")
    assert "You can close this window in the meantime." in waiting.text
    canceled = visitor.send(visitor.get(second + address), "/codes/cancel/", at=first)
    assert "was canceled" in canceled.text
    sites.manage(environment, *WORKER)
    assert not order.activation_codes.exists()

    begin()
    sites.manage(environment, *WORKER)
    assert "The codes were created." in visitor.get(f"{second}{address}progress/").text
    visitor.get(f"{second}{address}download/")
    sites.manage(environment, *WORKER)
    workbook = visitor.get(f"{first}{address}download/")
    with ZipFile(io.BytesIO(workbook.content)) as file:
        assert file.read("xl/worksheets/sheet1.xml").count(b"<row ") == MOST_AT_ONCE + 2


# What a module keeps for itself: locks of the files of this machine's own server, until when a
# process leaves a lost replica alone, and the functions that clean up after tasks, by decorators.
KEPT = {"_held", "_resting", "_cleaning"}
# Lists that Python, Django and django-allauth look for, which nothing changes.
OTHERS = {"__all__", "urlpatterns", "provider_classes"}


def test_no_module_keeps_what_requests_change():
    """No container that functions fill, and no name that they set anew."""
    folders = ("jasper_inventory", "licenses", "activation_codes", "renewals")
    files = [file for folder in folders for file in Path(settings.BASE_DIR, folder).rglob("*.py")]
    found = {name for file in files for name in kept_by(ast.parse(file.read_text()))}

    assert len(files) > 200
    assert found == KEPT


def kept_by(module):
    """The lowercase names of a module that hold something mutable, and those set by functions."""
    mutable = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
    for node in module.body:
        if isinstance(getattr(node, "value", None), mutable):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from (name for name in names if name.islower() and name not in OTHERS)
    for node in ast.walk(module):
        if isinstance(node, ast.Global):
            yield from node.names


def test_a_module_that_keeps_something_is_found():
    kept = "_seen = {}\n_ids: list[int] = []\ncount = 0\ndef f():\n    global count\nMARKS = [1]\n"

    assert set(kept_by(ast.parse(kept))) == {"_seen", "_ids", "count"}


def test_the_proxy_shares_requests_among_processes(site, ann, tmp_path):
    visitor = sites.Visitor()
    with nginx.in_front_of(site, tmp_path) as address:
        page = visitor.sign_in(address, "ann", factories.PASSWORD)
        assert page.url == f"{address}/" and ann.organization.name in page.text
        for _request in range(4):
            assert visitor.get(f"{address}/inventory/").status == 200
        # A body that the site refuses isn't sent to it.
        assert visitor.get(f"{address}/accounts/login/", b"a" * 2_600_000).status == 413
        served = nginx.servers_in_log(tmp_path)

    assert served == {one.removeprefix("http://") for one in site}


def half_sent(address, begins):
    """Connections whose clients sent only the beginning of a request, and then nothing."""
    parts = urlsplit(address)
    for begin in begins:
        link = socket.create_connection((parts.hostname, parts.port))
        link.sendall(begin.replace(b"{host}", parts.netloc.encode()))
        yield link


HEADERS = b"GET /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nX-Slow: "
BODY = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
)


def test_clients_that_send_slowly_hold_nobody_up(site, ann, tmp_path):
    with nginx.in_front_of(site, tmp_path) as address, ExitStack() as opened:
        for link in half_sent(address, [HEADERS] * 40 + [BODY] * 40):
            opened.enter_context(closing(link))
        visitor = sites.Visitor()
        page = visitor.sign_in(address, "ann", factories.PASSWORD)
        assert page.url == f"{address}/" and ann.organization.name in page.text


def test_a_page_says_so_while_no_process_of_the_site_runs(visitor, tmp_path):
    with nginx.in_front_of(["http://127.0.0.1:9"], tmp_path) as address:
        page = visitor.get(f"{address}/accounts/login/")
    assert (page.status, page.headers["Retry-After"]) == (503, "30")
    assert "The site is unavailable right now" in page.text
