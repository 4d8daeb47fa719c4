"""Fields for whole numbers and dates are our own, in forms, admin, filters and commands."""

import importlib
import pkgutil
from pathlib import Path

import django_filters
import pytest
from django import forms
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.test import RequestFactory

from jasper_inventory.lib.filters import WholeNumberFilter
from jasper_inventory.lib.forms import DateTextField, WholeNumberField
from tests import factories

PROJECT = ("jasper_inventory", "licenses", "activation_codes", "renewals")
# Hidden keys that nobody types: the role or the teacher code when the form was opened.
TECHNICAL = {("AskingField", "asking"), ("IntegerField", "shown")}
PLAIN = (forms.IntegerField, forms.DateField, forms.DateTimeField)


def is_ours(name, field):
    """Whether a field is not one of Django's for numbers or dates, or is hidden and listed."""
    if isinstance(field, (WholeNumberField, DateTextField)) or not isinstance(field, PLAIN):
        return True
    technical = (type(field).__name__, name) in TECHNICAL
    return technical and isinstance(field.widget, forms.HiddenInput)


def of_project(cls):
    return cls.__module__.split(".")[0] in PROJECT


def subclasses(cls):
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def import_all():
    for name in PROJECT:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations" not in module.name and not module.name.endswith("sgi"):
                importlib.import_module(module.name)


def test_every_form_has_our_number_and_date_fields():
    import_all()
    found = [cls for cls in {*subclasses(forms.BaseForm)} if of_project(cls)]
    assert len(found) > 30
    wrong = [
        (cls.__name__, name)
        for cls in found
        for name, field in cls.base_fields.items()
        if not is_ours(name, field)
    ]
    assert not wrong


def test_every_filter_has_our_number_and_date_fields():
    import_all()
    found = [cls for cls in {*subclasses(django_filters.FilterSet)} if of_project(cls)]
    assert found
    for cls in found:
        for name, each in cls.base_filters.items():
            is_number = isinstance(each, django_filters.NumberFilter)
            assert not is_number or isinstance(each, WholeNumberFilter), (cls, name)
            assert is_ours(name, each.field_class()) if is_number else True, (cls, name)
            if isinstance(each, django_filters.DateFilter):
                assert issubclass(each.field_class, DateTextField), (cls, name)


def test_every_form_of_the_admin_has_our_number_and_date_fields(db):
    request = RequestFactory().get("/")
    request.user = factories.person(is_superuser=True, is_staff=True)
    checked = 0
    for model, model_admin in admin.site._registry.items():
        if not of_project(type(model_admin)):
            continue
        classes = [model_admin.get_form(request)]
        inlines = model_admin.get_inline_instances(request)
        classes += [inline.get_formset(request).form for inline in inlines]
        for cls in classes:
            for name, field in cls.base_fields.items():
                assert is_ours(name, field), (model, name)
                checked += 1
    assert checked > 40


COMMANDS = sorted(name for name, app in get_commands().items() if app.split(".")[0] in PROJECT)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_reads_numbers_and_dates_by_our_types(name):
    command = load_command_class(get_commands()[name], name)
    if command.add_arguments.__module__.split(".")[0] not in PROJECT:
        # The arguments of a library's command stay the library's; Django's base has none.
        assert name == "db_worker" or command.add_arguments.__module__.startswith("django.")
        return
    parser = command.create_parser("manage.py", name)
    own = [action for action in parser._actions if action.dest not in ("verbosity",)]
    for action in own:
        assert action.type not in (int, float), action.dest
        # Paths of files are typed as they are.
        if action.type not in (None, Path):
            assert action.type.__module__.split(".")[0] in PROJECT, action.dest
