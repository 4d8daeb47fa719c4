"""create_codes, export_codes."""

import io
import logging
import stat

import pytest
from openpyxl import load_workbook

from activation_codes.models import CodeBatch, CodeDownload
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.support.management.commands import export_codes
from licenses.models import Order
from tests import factories
from tests.commands import contents, refusal, run


@pytest.fixture
def order(center):
    return factories.order(factories.CODES, assigned_to=center, number_of_codes=3)


# create_codes


def test_create_codes(order, admin):
    line = run("create_codes", order.number, "--by", admin.user.username)
    assert line == f"Created 3 activation codes of order {order.number}."
    assert order.activation_codes.count() == 3
    assert CodeBatch.objects.get().created_by == admin.user


def test_create_codes_twice(order, admin):
    argv = ["create_codes", order.number, "--by", admin.user.username]
    run(*argv)
    before = contents()
    assert "were already created" in run(*argv)
    assert contents() == before


def test_create_codes_rehearsed(order, admin):
    before = contents()
    line = run("create_codes", order.number, "--by", admin.user.username, "--dry-run")
    assert line == (
        "Dry run, nothing was changed. A real run says: "
        f"Created 3 activation codes of order {order.number}."
    )
    assert contents() == before


def test_create_codes_refuses(order, admin, hub_admin):
    kim, hub = admin.user.username, hub_admin.user.username
    center_license = factories.order(assigned_to=admin.organization)
    ended = factories.order(
        factories.CODES, assigned_to=admin.organization, finish_date=factories.days(-1)
    )
    before = contents()
    assert "There is no order 9." in refusal("create_codes", 9, "--by", kim)
    assert "whole number" in refusal("create_codes", "x", "--by", kim)
    assert "no user activation codes" in refusal("create_codes", center_license.number, "--by", kim)
    assert "The license ended on" in refusal("create_codes", ended.number, "--by", kim)
    assert "Only the license holder" in refusal("create_codes", order.number, "--by", hub)
    assert contents() == before


# export_codes


@pytest.fixture
def created(order, admin):
    factories.codes(order, by=admin.user)
    order.refresh_from_db()
    return order


def test_export_codes(created, tmp_path):
    target = tmp_path / "codes.xlsx"
    line = run("export_codes", created.number, "--output", target)
    assert line == f"Wrote 3 activation codes of order {created.number} to {target}."
    sheet = load_workbook(target).active
    codes = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert codes == [str(code) for code in created.activation_codes.all()]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_export_codes_names_the_file_itself(created, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("export_codes", created.number)
    assert [path.name for path in tmp_path.iterdir()] == [f"activation-codes-{created.number}.xlsx"]


def test_export_codes_to_standard_output(created, monkeypatch):
    class Output:
        buffer = io.BytesIO()

    monkeypatch.setattr("sys.stdout", Output)
    assert run("export_codes", created.number, "--output", "-") == ""
    assert load_workbook(Output.buffer).active.max_row == 4


def test_export_codes_keeps_files(created, tmp_path):
    target = tmp_path / "codes.xlsx"
    target.write_text("mine")
    argv = ["export_codes", created.number, "--output", target]
    assert "already exists" in refusal(*argv)
    assert target.read_text() == "mine"
    run(*argv, "--force")
    assert load_workbook(target).active.max_row == 4


def test_export_codes_refuses(order, tmp_path):
    target = ["--output", tmp_path / "codes.xlsx"]
    center_license = factories.order()
    assert "There is no order 9." in refusal("export_codes", 9, *target)
    assert "have not yet been created" in refusal("export_codes", order.number, *target)
    assert "no user activation codes" in refusal("export_codes", center_license.number, *target)
    assert not list(tmp_path.iterdir())


def test_export_codes_to_an_impossible_path(created, tmp_path):
    target = tmp_path / "nowhere" / "codes.xlsx"
    line = refusal("export_codes", created.number, "--output", target)
    assert line == f"{target} can't be written: No such file or directory."
    assert not CodeDownload.objects.exists()


@pytest.mark.parametrize("output", ["codes.xlsx", "-"])
def test_export_codes_writes_none_for_people_without_access(
    created, output, tmp_path, monkeypatch, capfdbinary
):
    monkeypatch.chdir(tmp_path)
    stranger = factories.member(factories.organization("Elsewhere"))
    argv = ["export_codes", created.number, "--output", output, "--by", stranger.user.username]
    assert "Only the license holder" in refusal(*argv)
    assert not list(tmp_path.iterdir())
    assert capfdbinary.readouterr().out == b""
    assert not CodeDownload.objects.exists()


def test_a_broken_export_leaves_no_half_file(created, tmp_path, monkeypatch):
    def broken(order, stream):
        stream.write(b"half")
        raise DomainError("broken")

    monkeypatch.setattr(export_codes, "write_codes", broken)
    with pytest.raises(DomainError):
        run("export_codes", created.number, "--output", tmp_path / "codes.xlsx")
    assert not list(tmp_path.iterdir())


def test_no_code_is_logged_or_shown(order, admin, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    shown = run("create_codes", order.number, "--by", admin.user.username)
    shown += run("export_codes", order.number, "--output", tmp_path / "codes.xlsx")
    for code in Order.objects.get(pk=order.pk).activation_codes.all():
        assert code.code not in caplog.text + shown
        assert str(code) not in caplog.text + shown
