"""Large batches of codes: created in the background, with progress, and canceled."""

import pytest

from activation_codes.models import ActivationCode, CodeBatch, PendingBatch
from activation_codes.services import codes as code_services
from activation_codes.services import pending_batches
from activation_codes.services.pending_batches import (
    cancel_batch,
    create_or_queue_codes,
    create_pending_codes,
)
from licenses.services.suspensions import resume_order, suspend_order
from tests import factories
from tests.helpers import at_once, change
from tests.pages import DIALOG, notifications, page_text, parsed

# The worker's connection for progress sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Tasks stay in the queue until a test runs them. Five codes are many, two are a step."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(pending_batches, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(code_services, "_STEP", 2)


@pytest.fixture
def small_reads(monkeypatch):
    """COPY reads a line or two at a time, as it reads thousands of a large batch."""
    read = code_services._Lines.read
    monkeypatch.setattr(code_services._Lines, "read", lambda self, size=0: read(self, 40))


@pytest.fixture
def site(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def order(center):
    return factories.order(factories.CODES, assigned_to=center, number_of_codes=9)


@pytest.fixture
def batch(order, admin):
    return queued(order, admin.user)


@pytest.fixture
def while_written(monkeypatch, small_reads):
    """A function: what another browser does after each step while the codes are written."""

    def watch(act):
        report = code_services._Lines._report

        def reported(lines):
            report(lines)
            results.extend(at_once(act))

        results = []
        monkeypatch.setattr(code_services._Lines, "_report", reported)
        return results

    return watch


def queued(order, by):
    boxes = dict.fromkeys(code_services.CODE_SETTINGS, False)
    return create_or_queue_codes(order=order, by=by, boxes=boxes)


def window(order, part=""):
    return f"/inventory/{order.number}/codes/{part}"


def test_few_codes_are_created_immediately(center, admin):
    few = factories.order(factories.CODES, assigned_to=center, number_of_codes=4)

    assert queued(few, admin.user) == 4
    assert not PendingBatch.objects.exists()


def test_many_codes_are_pending_until_the_worker_created_them(site, order, admin):
    response = site.post(window(order, "create/"), {"enable_benchmark": "on"}, follow=True)

    assert not ActivationCode.objects.exists()
    order.refresh_from_db()
    assert (order.enable_benchmark, order.codes_created) == (True, 0)
    assert "Creating codes: 0 of 9 so far" in page_text(response)
    assert "Create Codes" not in page_text(response)
    create_pending_codes.call(PendingBatch.objects.get().pk)
    order.refresh_from_db()
    assert (order.codes_created, order.activation_codes.count()) == (9, 9)
    assert CodeBatch.objects.get().created_by == admin.user
    assert not PendingBatch.objects.exists()
    progress = page_text(site.get(window(order, "progress/")))
    assert progress == "The codes were created. Download Codes"


def test_others_see_the_progress_while_the_codes_are_written(site, order, batch, while_written):
    seen = while_written(lambda: page_text(site.get(window(order, "progress/"))))

    create_pending_codes.call(batch.pk)

    assert [text.split(" so far")[0] for text in seen] == [
        f"Creating codes: {number} of 9" for number in (2, 4, 6, 8)
    ]
    assert order.activation_codes.count() == 9


def test_canceled_while_the_codes_are_written_none_remain(site, order, batch, admin, while_written):
    canceled = while_written(lambda: cancel_batch(order=order, by=admin.user))

    create_pending_codes.call(batch.pk)

    assert canceled == [True]
    assert not ActivationCode.objects.exists()
    assert not CodeBatch.objects.exists()
    order.refresh_from_db()
    assert order.codes_created == 0
    assert "Create Codes" in page_text(site.get(window(order)))


def test_canceled_at_the_last_moment_none_remain(order, batch, admin, monkeypatch):
    create = pending_batches.create_codes

    def create_then_cancel(**values):
        count = create(**values)
        assert at_once(lambda: cancel_batch(order=order, by=admin.user)) == [True]
        return count

    monkeypatch.setattr(pending_batches, "create_codes", create_then_cancel)
    create_pending_codes.call(batch.pk)

    assert not ActivationCode.objects.exists()


def test_canceled_in_the_window_it_can_be_started_again(site, order, batch, admin):
    page = parsed(site.get(window(order)))
    (form,) = page.cssselect("#codes-cancel")
    response = site.post(form.get("action"), follow=True)

    assert notifications(response) == [
        f"Creating the codes of order {order} was canceled. None were created."
    ]
    assert not PendingBatch.objects.exists()
    # The worker finds nothing to do.
    create_pending_codes.call(batch.pk)
    assert not ActivationCode.objects.exists()
    again = queued(order, admin.user)
    create_pending_codes.call(again.pk)
    assert order.activation_codes.count() == 9
    late = site.post(window(order, "cancel/"), follow=True)
    assert notifications(late) == [f"No codes of order {order} are pending."]
    assert order.activation_codes.count() == 9


def test_pressed_twice_there_is_one_batch(order, batch, admin, staff):
    assert queued(order, staff) == batch
    create_pending_codes.call(batch.pk)
    create_pending_codes.call(batch.pk)
    assert order.activation_codes.count() == 9
    assert queued(order, admin.user) == 0


def test_an_order_that_was_suspended_meanwhile_gets_no_codes_and_says_why(
    site, order, batch, staff, admin
):
    suspend_order(order=order, by=staff, reason="unpaid")
    create_pending_codes.call(batch.pk)

    page = site.get(window(order))
    assert "The codes were not created. The license is suspended." in page_text(page)
    assert not ActivationCode.objects.exists()
    resume_order(order=order, by=staff)
    order.refresh_from_db()
    again = queued(order, admin.user)
    create_pending_codes.call(again.pk)
    assert order.activation_codes.count() == 9


def test_what_was_allocated_meanwhile_is_not_created(order, batch):
    change(order, codes_allocated=3)

    create_pending_codes.call(batch.pk)

    assert order.activation_codes.count() == 6
    assert CodeBatch.objects.get().number_of_codes == 6


def test_a_supplier_sees_the_progress_and_cannot_cancel(sign_in, hub_admin, order, batch):
    site = sign_in(hub_admin)

    assert "Creating codes: 0 of 9 so far" in page_text(site.get(window(order)))
    assert not parsed(site.get(window(order))).cssselect("#codes-cancel")
    assert site.post(window(order, "cancel/")).status_code == 403
    assert PendingBatch.objects.exists()


def test_foreign_administrators_see_nothing_and_cannot_cancel(sign_in, foreign_admin, order, batch):
    site = sign_in(foreign_admin)

    assert site.get(window(order, "progress/")).status_code == 404
    assert site.post(window(order, "cancel/")).status_code == 404
    assert PendingBatch.objects.exists()


def test_cci_staff_start_and_cancel_in_the_admin(staff_site, order):
    address = f"/admin/activation_codes/activationcode/order/{order.pk}/"

    page = page_text(staff_site.post(address, {"_create": "1"}, follow=True))
    assert "The activation codes are being created in the background." in page
    assert "Creating codes: 0 of 9 so far" in page
    page = page_text(staff_site.post(address, {"_cancel": "1"}, follow=True))
    assert "Creating the codes was canceled." in page
    assert not PendingBatch.objects.exists()
    assert "No codes are pending." in page_text(
        staff_site.post(address, {"_cancel": "1"}, follow=True)
    )


def test_the_dialog_asks_again_until_the_codes_are_created(site, order, batch):
    (part,) = parsed(site.get(window(order), **DIALOG)).cssselect("[data-hx-trigger='every 2s']")

    page = site.get(part.get("data-hx-get"), HTTP_HX_REQUEST="true")
    assert parsed(page).cssselect("[data-hx-trigger='every 2s']")
    create_pending_codes.call(batch.pk)
    page = site.get(part.get("data-hx-get"), HTTP_HX_REQUEST="true")
    assert not parsed(page).cssselect("[data-hx-trigger]")
    assert parsed(page).cssselect("#codes-cancel[data-hx-swap-oob=delete]")
