"""The parts of the house style that a program can check: which code writes, and names."""

import ast
import re
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

APPS = ("accounts", "licenses", "activation_codes", "renewals")
ROOT = Path(settings.BASE_DIR)
MODULES = sorted(
    path
    for folder in ("jasper_inventory", "licenses", "activation_codes", "renewals", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
CODE = [path for path in MODULES if path.relative_to(ROOT).parts[0] != "tests"]
SERVICES = [path for path in CODE if path.stem == "services" or "services" in path.parts]
OURS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in APPS and not hasattr(model, "pgh_tracked_model")
]
# Parts of another row or of a person; a view reaches them through it.
PARTS = {
    "Membership": "user",
    "Activity": "order",
    "Enrollment": "order",
    "OrderProduct": "order",
    "CodeBatch": "order",
    "PendingBatch": "order",
    "CodeWorkbook": "order",
    "CodeDownload": "order",
    "Handout": "order",
    "CodeReturn": "order",
    "EnrollmentWithRedemption": "order",
    "Redemption": "code",
    # Read by its organization only.
    "ApprovedCount": "organization",
}


# Methods that change what they are called on.
CHANGING = {
    *("append", "extend", "insert", "remove", "pop", "clear", "update", "add", "discard"),
    *("setdefault", "sort", "reverse", "unregister"),
}
MOST_LINES = {"jasper_inventory/devserver/postgres.py": 440}


def name_of(path):
    return str(path.relative_to(ROOT))


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path):
    """The functions and methods of a file."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]


def public_functions(path):
    """The functions of a module that others may call."""
    return [
        node
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def calls(node):
    """The names called anywhere inside: f() and a.f() are both f."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            called = call.func
            yield getattr(called, "attr", getattr(called, "id", "")), call


def body_lines(function):
    """The lines of a function without its signature and its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def offences(paths, of):
    """Return findings of `of` in files, as "file:line what", for a list that must stay empty."""
    return [f"{name_of(path)}:{line} {what}" for path in paths for line, what in of(path)]


def test_a_file_has_at_most_400_lines():
    def long(path):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES.get(name_of(path), 400):
            yield lines, "lines"

    assert offences(CODE, long) == []


def test_functions_are_short_and_views_shorter():
    def long(path):
        # Above the house style's 25 and 30: a call with one argument a line is long but simple.
        most = 30 if path.stem == "views" or "views" in path.parts else 50
        for node in functions(path):
            if body_lines(node) > most:
                yield node.lineno, f"{node.name}: {body_lines(node)} lines"

    assert offences(CODE, long) == []


def test_nothing_is_imported_inside_functions():
    def inside(path):
        for function in functions(path):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, function.name

    # An app imports its models once all are ready.
    assert offences([path for path in CODE if path.name != "apps.py"], inside) == []


def test_views_forms_filters_and_queries_write_nothing():
    writes = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    reading = {"views", "forms", "filters", "queries", "access", "exports"}
    reading = [path for path in CODE if reading & {path.stem, path.parent.name}]
    assert len(reading) >= 8

    def written(path):
        for name, call in calls(tree(path)):
            if name in writes:
                yield call.lineno, name

    assert offences(reading, written) == []


def test_every_public_function_of_services_says_what_it_does():
    def silent(path):
        for node in public_functions(path):
            if not ast.get_docstring(node):
                yield node.lineno, node.name

    assert offences(SERVICES, silent) == []


def test_an_act_takes_its_arguments_by_name_and_its_actor_as_by():
    """An act opens a history record; the actor of redeeming is the user."""

    def unnamed(path):
        for node in public_functions(path):
            opened = [call for name, call in calls(node) if name == "audited"]
            if opened and node.args.args:
                yield node.lineno, f"{node.name}: positional arguments"
            for call in opened:
                by = next(keyword.value for keyword in call.keywords if keyword.arg == "by")
                actor = "user" if node.name == "redeem_code" else "by"
                named = {argument.arg for argument in node.args.kwonlyargs}
                if getattr(by, "id", "") != actor or actor not in named:
                    yield node.lineno, f"{node.name}: its actor"

    assert offences(SERVICES, unnamed) == []


def test_translatable_texts_are_whole_and_their_placeholders_named():
    def broken(path):
        for name, call in calls(tree(path)):
            if name not in ("_", "gettext", "gettext_lazy", "ngettext") or not call.args:
                continue
            text = call.args[0]
            if not isinstance(text, ast.Constant):
                yield call.lineno, "not a plain text"
            elif len(re.findall(r"%[sdr]|\{\}", text.value)) > 1:
                yield call.lineno, text.value

    assert offences(CODE, broken) == []


def test_no_test_module_imports_another():
    """Shared code is in a conftest.py or in a module without tests."""

    def imported(path):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            module = getattr(node, "module", None)
            for alias in node.names:
                name = f"{module}.{alias.name}" if module else alias.name
                if re.match(r"tests\.(.*\.)?test_", name):
                    yield node.lineno, name

    tests = [path for path in MODULES if path.relative_to(ROOT).parts[0] == "tests"]
    assert len(tests) > 100
    assert offences(tests, imported) == []


def test_no_task_is_left_in_a_comment():
    word = "TO" + "DO"
    assert not [name_of(path) for path in MODULES if word in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_models_of_an_organization_are_scoped_by_two_names(model):
    related = {
        field.related_model.__name__ for field in model._meta.concrete_fields if field.remote_field
    }
    if model.__name__ in PARTS:
        assert model._meta.get_field(PARTS[model.__name__])
        return
    if model.__name__ == "Organization" or related & {"Organization", "Order"}:
        assert callable(model.objects.visible_to)
        assert callable(model.objects.manageable_by)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_models_querysets_and_their_methods_say_what_they_are(model):
    assert model.__doc__ and not model.__doc__.startswith(f"{model.__name__}(")
    queryset = type(model.objects.all())
    undocumented = [
        name
        for name, method in vars(queryset).items()
        if queryset.__module__.split(".")[0] not in ("django", "treebeard")
        and callable(method)
        and not name.startswith("_")
        and not method.__doc__
    ]
    assert not undocumented


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_constraints_are_named_after_app_and_model(model):
    start = f"{model._meta.app_label}_{model._meta.model_name}_"
    assert not [c.name for c in model._meta.constraints if not c.name.startswith(start)]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_verbose_names_and_choices_can_be_translated(model):
    for field in model._meta.get_fields():
        if isinstance(field, models.Field) and field.choices:
            assert not [text for _value, text in field.flatchoices if type(text) is str]
    assert model._meta.verbose_name and model._meta.verbose_name_plural


def test_described_models_are_tracked():
    """Orders, requests, settings, memberships, people: each change leaves a history record."""
    tracked = {model.__name__ for model in OURS if hasattr(model, "pgh_event_models")}
    assert tracked >= {
        "User",
        "Organization",
        "Membership",
        "Order",
        "OrderProduct",
        "Enrollment",
        "CodeBatch",
        "Redemption",
        "RenewalRequest",
    }


def test_packages_of_services_forms_and_views_export_nothing():
    """Imports name the module itself, so that a reader finds the file in one step."""
    hubs = [
        name_of(path)
        for path in CODE
        if path.name == "__init__.py"
        and path.parent.name in ("services", "forms", "views")
        and path.read_text(encoding="utf-8")
    ]

    assert hubs == []


def at_import(node):
    """The nodes that run when a module is imported: all but the bodies of its functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from at_import(child)


def imported_names(module):
    """The names that a module imports, but for those of Python itself."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            packages = [node.module] * len(node.names)
        elif isinstance(node, ast.Import):
            packages = [alias.name for alias in node.names]
        else:
            continue
        for package, alias in zip(packages, node.names, strict=True):
            if package.split(".")[0] not in sys.stdlib_module_names:
                yield (alias.asname or alias.name).split(".")[0]


def root(node):
    """The name that a chain such as a.b["c"].d starts with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return getattr(node, "id", "")


def changed_at_import(module):
    """Changes a module makes to others at import: the line, and the start of the name."""
    others = set(imported_names(module))
    for node in at_import(module):
        changed = []
        if isinstance(node, ast.Assign | ast.Delete):
            changed = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            changed = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = [node.func] if node.func.attr in CHANGING else []
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("setattr", "delattr"):
            # Equivalent to an assignment with a dot.
            changed = [ast.Attribute(node.args[0])]
        for target in changed:
            if isinstance(target, ast.Attribute | ast.Subscript) and root(target) in others:
                yield node.lineno, root(target)


def test_no_module_changes_another_at_import():
    """A class or a list is filled in its own module; see AppConfig and the settings."""
    assert offences(CODE, lambda path: changed_at_import(tree(path))) == []


@pytest.mark.parametrize(
    "line",
    [
        "OrderAdmin.links.append(link)",
        "OrderAdmin.links += [link]",
        "OrderAdmin.title = 'Orders'",
        "OrderAdmin.options['a'] = 1",
        "del OrderAdmin.title",
        "setattr(OrderAdmin, 'title', 'Orders')",
        "admin.site.unregister(Order)",
        "if DEBUG:\n    OrderAdmin.links.append(link)",
        "class Mine:\n    OrderAdmin.links.append(link)",
    ],
)
def test_changing_another_module_is_found(line):
    start = "from django.contrib import admin\nfrom licenses.admin import OrderAdmin\n"
    assert list(changed_at_import(ast.parse(start + line)))


@pytest.mark.parametrize(
    "line",
    [
        "links = [*OrderAdmin.links, link]",
        "def act():\n    OrderAdmin.links.append(link)",
        "mine = []\nmine.append(OrderAdmin)",
        "@admin.register(Order)\nclass Mine(OrderAdmin):\n    title = 'Mine'",
        "import os\nos.environ.setdefault('A', 'b')",
    ],
)
def test_using_another_module_changes_nothing(line):
    start = "from django.contrib import admin\nfrom licenses.admin import OrderAdmin\n"
    assert not list(changed_at_import(ast.parse(start + line)))
