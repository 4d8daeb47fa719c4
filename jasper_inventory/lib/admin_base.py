"""Django's admin classes with type arguments, sorting by folded keys, and robust foreign keys."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, ForeignKey, Model
from django.forms import ModelChoiceField
from django.http import HttpRequest

ModelT = TypeVar("ModelT", bound=Model)

if TYPE_CHECKING:
    TypedModelAdmin = admin.ModelAdmin
else:

    class TypedModelAdmin(admin.ModelAdmin, Generic[ModelT]):
        """Django's class, which takes no type arguments at run time."""


def is_key(text: object) -> bool:
    """Return whether a text can be the key of a row: a number of at most eight bytes."""
    text = str(text)
    return text.isascii() and text.isdecimal() and len(text) <= 18


class KeySelect(AutocompleteSelect):
    """Django's widget, which can also show a form again after an invalid key was sent."""

    def optgroups(
        self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        keys = [key for key in value if is_key(key)]
        return super().optgroups(name, keys, attr)


if TYPE_CHECKING:
    # The common base of model admins and inlines, which the mixin's users inherit.
    _AdminMixin = admin.options.BaseModelAdmin[Any]
else:
    _AdminMixin = object


class KeyFields(_AdminMixin):
    """A mixin for model admins and inlines whose foreign key fields survive invalid keys."""

    select = KeySelect

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = self.select(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class NameOrderChangeList(ChangeList):
    """Django's list, with columns of names and other texts sorted by their folded keys."""

    def get_ordering_field(self, field_name: Callable[..., Any] | str) -> Any:
        """Return the field or expression by which to sort a column."""
        name = super().get_ordering_field(field_name)
        try:
            field = self.lookup_opts.get_field(name) if isinstance(name, str) else None
        except FieldDoesNotExist:
            return name
        if isinstance(field, ForeignKey) and hasattr(field.related_model, "folded"):
            return f"{name}__folded"
        is_text = isinstance(field, CharField) and not field.choices
        return f"{name}__folded" if is_text else name
