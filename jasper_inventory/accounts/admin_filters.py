"""Filters of the admin by roles of people and levels of organizations."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from jasper_inventory.accounts.models import Level, Membership, Organization, Role, User
from jasper_inventory.lib.admin import Choices
from jasper_inventory.lib.pagination import MOST_COUNTED


class RoleFilter(admin.SimpleListFilter):
    """People by their roles in organizations."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Choices:
        return Role.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = [role for role in Role if str(role.value) == self.value()]
        if not chosen:
            return queryset
        roles = Membership.objects.filter(role__in=chosen)
        # PostgreSQL would compare all people with a few thousand, unless it knows their keys.
        few = list(roles.values_list("user", flat=True)[: MOST_COUNTED + 1])
        if len(few) <= MOST_COUNTED:
            return queryset.filter(pk__in=few)
        # A join would repeat people who have the role in two organizations.
        return queryset.filter(Exists(roles.filter(user=OuterRef("pk"))))


class LevelFilter(admin.SimpleListFilter):
    """Rows by the level of an organization that they belong to."""

    title = gettext_lazy("level")
    parameter_name = "level"
    organization: ClassVar[str]

    @classmethod
    def of(cls, organization: str) -> "type[LevelFilter]":
        """Return the filter by the organization in this field."""
        return type("LevelFilter", (cls,), {"organization": organization})

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Choices:
        return Level.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = [level for level in Level if str(level.value) == self.value()]
        if not chosen:
            return queryset
        is_center = chosen == [Level.CENTER]
        # Nearly all organizations are centers. PostgreSQL knows how many rows belong to the others
        # only by their keys.
        levels = [level for level in Level if level != Level.CENTER] if is_center else chosen
        few = Organization.objects.filter(level__in=levels).order_by().values_list("pk", flat=True)
        condition = {f"{self.organization}__in": list(few)}
        return queryset.exclude(**condition) if is_center else queryset.filter(**condition)
