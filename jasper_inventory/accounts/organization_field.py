"""Type to find: a field in which an organization is named, however many there are."""

import re
from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Organization
from jasper_inventory.lib.forms import TextField
from jasper_inventory.lib.text_fields import Folded, has

SEPARATOR = " › "
MOST_OFFERED = 20


def labels_of(organizations, *, within):
    """How each is told from the others in the scope of `within`: {key: text}.

    Its place in the tree, such as "Harbour Hub › Tolano", which names nobody outside the scope;
    and its id where the same is true of another one.
    """
    scope = Organization.objects.in_scope_of(within)
    alike = list(scope.filter(name__in={one.name for one in organizations}))
    step, top = Organization.steplen, len(within.path)
    above = {one.path[:end] for one in alike for end in range(top + step, len(one.path), step)}
    names = dict(scope.filter(path__in=above).values_list("path", "name"))
    places = {
        one.pk: SEPARATOR.join(
            [names[one.path[:end]] for end in range(top + step, len(one.path), step)] + [one.name]
        )
        for one in alike
    }
    times = Counter(places.values())
    return {pk: place if times[place] == 1 else f"{place} ({pk})" for pk, place in places.items()}


def key_of(pk):
    """How a link, or one of those offered, names an organization: a bare number may be a name."""
    return f"#{pk}"


def suggestions(typed, *, organizations):
    """Those whose name has in it what was typed, in any spelling; those that begin with it first.

    At most as many as are offered, and one more.
    """
    name = typed.split(SEPARATOR.strip())[-1].strip()
    found = organizations.filter(has("folded", name)) if name else organizations
    begins = Case(When(folded__startswith=Folded(Value(name)), then=0), default=1)
    return list(found.order_by(begins, "folded", "path")[: MOST_OFFERED + 1])


def named(typed, *, organizations, within):
    """The organization that `typed` stands for, in a list; or all those that it may mean.

    By its key (see `key_of`), by name, by a label (see `labels_of`), by part of its name, or by
    id, whichever comes first.
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
    """A text, or the one of the offered organizations that was chosen below it."""

    def value_from_datadict(self, data, files, name):
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        return next((value for value in reversed(values) if str(value).strip()), "")


class OrganizationBoundField(forms.BoundField):
    """What `includes/find_organization.html` shows."""

    @property
    def text(self):
        """What stands in the box: the organization's label once it is found."""
        if not self.form.is_bound:
            found = self.initial
        else:
            found = self.name not in self.form.errors and self.field.found
        if isinstance(found, Organization):
            return labels_of([found], within=self.field.within)[found.pk]
        return self.value() or ""

    @property
    def offered(self):
        """Those that what was typed may mean: (value, label)."""
        if not self.form.is_bound or self.name not in self.form.errors:
            return []
        offered = self.field.offered
        labels = labels_of(offered, within=self.field.within) if offered else {}
        return [(key_of(one.pk), labels[one.pk]) for one in offered]


class OrganizationField(TextField):
    """One organization of a scope, typed to find it. The form sets whose scope it is: `within`.

    `only_children` leaves those directly below. What may mean several is an error that offers
    them; so it works without script, with which the box suggests while one types.
    """

    widget = FindInput
    default_error_messages = {
        "unknown": _("No organization of this name was found."),
        "many": _("More than %(number)d organizations match: type more of the name."),
        "several": _("Several organizations match: choose one."),
    }

    def __init__(self, *, within=None, only_children=False, **kwargs):
        super().__init__(max_length=500, **kwargs)
        self.within, self.only_children = within, only_children
        self.found, self.offered = None, []

    @property
    def organizations(self):
        """Those that can be found."""
        scope = Organization.objects.in_scope_of(self.within)
        return scope.filter(depth=self.within.depth + 1) if self.only_children else scope

    def clean(self, value):
        """The organization, or None where nothing was typed."""
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

    def has_changed(self, initial, data):
        return str(initial or "") != str(data or "")

    def get_bound_field(self, form, field_name):
        return OrganizationBoundField(form, self, field_name)
