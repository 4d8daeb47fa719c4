"""Searching by an organization of the active role's scope."""

import django_filters
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField

from jasper_inventory.accounts.models import Organization


def organizations_in_scope(request):
    """The organizations that the active role sees, in the tree's order."""
    return Organization.objects.visible_to(request.membership)


class TreeChoiceField(ModelChoiceField):
    """Organizations indented by their place in the tree below `top`."""

    top = 1

    def label_from_instance(self, obj):
        return "\N{NO-BREAK SPACE}" * 3 * (obj.depth - self.top) + obj.name


class ScopeFilter(django_filters.ModelChoiceFilter):
    """One organization of the scope; the FilterSet needs the request."""

    field_class = TreeChoiceField

    def __init__(self, **kwargs):
        super().__init__(queryset=organizations_in_scope, empty_label=_("All"), **kwargs)

    @property
    def field(self):
        field = super().field
        field.top = self.parent.request.membership.organization.depth
        return field
