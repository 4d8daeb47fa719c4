"""A form field that finds an organization by typed text."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Organization
from jasper_inventory.accounts.models.organizations import OrganizationQuerySet
from jasper_inventory.lib.forms import TextField
from jasper_inventory.lib.text_fields import Folded, has

SEPARATOR = " › "
MOST_OFFERED = 20


def labels_of(organizations: Collection[Organization], *, within: Organization) -> dict[int, str]:
    """Return labels by key that distinguish organizations in the scope of `within`.

    A label is the path in the tree, such as "Harbour Hub › Tolano", without organizations outside
    the scope. Equal labels are followed by the organization's id.
    """
    scope = Organization.objects.in_scope_of(within)
    alike = list(scope.filter(name__in={one.name for one in organizations}))
    step, top = Organization.steplen, len(within.path)
    above = {one.path[:end] for one in alike for end in range(top + step, len(one.path), step)}
    names = dict(scope.filter(path__in=above).values_list("path", "name"))
    paths = {
        one.pk: SEPARATOR.join(
            [names[one.path[:end]] for end in range(top + step, len(one.path), step)] + [one.name]
        )
        for one in alike
    }
    times = Counter(paths.values())
    return {pk: path if times[path] == 1 else f"{path} ({pk})" for pk, path in paths.items()}


def key_of(pk: int) -> str:
    """Return the key by which links and choices name an organization; a number may be a name."""
    return f"#{pk}"


def suggestions(typed: str, *, organizations: OrganizationQuerySet) -> list[Organization]:
    """Return organizations whose names contain the text, those that start with it first.

    The list has at most MOST_OFFERED + 1 organizations.
    """
    name = typed.split(SEPARATOR.strip())[-1].strip()
    found = organizations.filter(has("folded", name)) if name else organizations
    begins = Case(When(folded__startswith=Folded(Value(name)), then=0), default=1)
    return list(found.order_by(begins, "folded", "path")[: MOST_OFFERED + 1])


def named(
    typed: str, *, organizations: OrganizationQuerySet, within: Organization
) -> list[Organization]:
    """Return the organization that `typed` names, or all that it may mean.

    The first that matches counts: key (see `key_of`), name, label (see `labels_of`), part of the
    name, id.
    """
    if key := re.fullmatch(r"#([0-9]{1,9})", typed):
        return list(organizations.filter(pk=int(key[1])))
    last = typed.split(SEPARATOR.strip())[-1].strip()
    bare = re.sub(r" \(\d+\)$", "", last)
    if exact := organizations.called(typed):
        return exact
    alike = list(organizations.filter(folded__in=[Folded(Value(name)) for name in (last, bare)]))
    labels = labels_of(alike, within=within) if alike else {}
    if exact := [one for one in alike if labels[one.pk].casefold() == typed.casefold()]:
        return exact
    found = suggestions(typed, organizations=organizations)
    if not found and re.fullmatch(r"[0-9]{1,9}", typed):
        return list(organizations.filter(pk=int(typed)))
    return found


class FindInput(forms.TextInput):
    """A text input whose value may also be chosen from the offered organizations."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        values = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name) or ""]
        return next((value for value in reversed(values) if str(value).strip()), "")


class OrganizationBoundField(forms.BoundField):
    """The field as `includes/find_organization.html` shows it."""

    field: "OrganizationField"

    @property
    def text(self) -> str:
        """The text in the box: the label of the organization that was found, or the input."""
        found: Organization | None
        if not self.form.is_bound:
            found = self.initial
        else:
            found = None if self.name in self.form.errors else self.field.found
        if isinstance(found, Organization):
            return labels_of([found], within=self.field.within)[found.pk]
        return self.value() or ""

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The organizations that the input may mean, as (value, label)."""
        if not self.form.is_bound or self.name not in self.form.errors:
            return []
        offered = self.field.offered
        labels = labels_of(offered, within=self.field.within) if offered else {}
        return [(key_of(one.pk), labels[one.pk]) for one in offered]


class OrganizationField(TextField):
    """A field for an organization, found by typing. The form sets its scope: `within`.

    `only_children` limits it to direct sub-organizations. If the text matches several, the error
    offers them. With JavaScript, the input suggests organizations while the user types.
    """

    within: Organization
    found: Organization | None
    offered: list[Organization]

    widget = FindInput
    default_error_messages = {
        "unknown": _("No organization with this name was found."),
        "many": _("More than %(number)d organizations match. Type more of the name."),
        "several": _("Several organizations match. Choose one."),
    }

    def __init__(
        self, *, within: Organization | None = None, only_children: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(max_length=500, **kwargs)
        if within is not None:
            self.within = within
        self.only_children = only_children
        self.found, self.offered = None, []

    @property
    def organizations(self) -> OrganizationQuerySet:
        """The organizations that can be found."""
        scope = Organization.objects.in_scope_of(self.within)
        return scope.filter(depth=self.within.depth + 1) if self.only_children else scope

    def clean(self, value: Any) -> Organization | None:
        """Return the organization, or None for an empty text."""
        typed = " ".join(super().clean(value).split())
        self.found, self.offered = None, []
        if not typed:
            return None
        found = named(typed, organizations=self.organizations, within=self.within)
        if not found:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        if len(found) > MOST_OFFERED:
            self.offered = found[:MOST_OFFERED]
            raise ValidationError(
                self.error_messages["many"], code="many", params={"number": MOST_OFFERED}
            )
        if len(found) > 1:
            self.offered = found
            raise ValidationError(self.error_messages["several"], code="several")
        self.found = found[0]
        return self.found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> OrganizationBoundField:
        return OrganizationBoundField(form, self, field_name)
