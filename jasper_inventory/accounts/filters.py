"""Filters by an organization in the active role's scope."""

from typing import Any, Protocol

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.decorators import MemberHttpRequest
from jasper_inventory.accounts.organization_field import OrganizationField


class ScopedSearch(Protocol):
    """A search in the scope of the active role, as its filters use it."""

    request: MemberHttpRequest

    @property
    def form(self) -> forms.Form: ...


class OrganizationFilter(django_filters.Filter):
    """A filter by an organization of the scope, found by typing; its FilterSet needs a request.

    Its method finds a `BranchFilter` beside it in `form.cleaned_data`.
    """

    field_class = OrganizationField
    field_name: str
    parent: ScopedSearch

    @property
    def field(self) -> OrganizationField:
        field = super().field
        assert isinstance(field, OrganizationField)
        field.within = self.parent.request.membership.organization
        return field


class BranchFilter(django_filters.Filter):
    """The checkbox beside an `OrganizationFilter` that includes sub-organizations."""

    field_class = forms.BooleanField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Including sub-organizations"), **kwargs)

    def filter(self, qs: QuerySet[Model], value: bool | None) -> QuerySet[Model]:
        return qs
