"""Searching by an organization of the active role's scope."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.organization_field import OrganizationField


class OrganizationFilter(django_filters.Filter):
    """One organization of the scope, typed to find it; the FilterSet needs the request.

    With the box of a `BranchFilter`, named `branch`, it means all that is below it, too.
    """

    field_class = OrganizationField

    @property
    def field(self):
        field = super().field
        field.within = self.parent.request.membership.organization
        return field

    def filter(self, qs, value):
        if value is None:
            return qs
        branch = self.parent.form.cleaned_data.get("branch")
        return qs.filter(in_organization(value, self.field_name, branch=branch))


class BranchFilter(django_filters.Filter):
    """The box beside an `OrganizationFilter`: with all that is below it."""

    field_class = forms.BooleanField

    def __init__(self, **kwargs):
        super().__init__(label=_("With all below it"), **kwargs)

    def filter(self, qs, value):
        return qs


def in_organization(organization, lookup, *, branch):
    """The condition that a row's organization is just this one, or one of its branch."""
    if branch:
        return Q(**{f"{lookup}__path__startswith": organization.path})
    return Q(**{lookup: organization})
