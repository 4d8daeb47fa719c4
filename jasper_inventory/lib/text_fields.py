"""Database fields that normalize text, and the keys by which texts are searched and sorted."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import CharField, Q, TextField, Transform, Value

from jasper_inventory.lib import forms
from jasper_inventory.lib.text import (
    clean_address,
    clean_line,
    clean_username,
    refuse_control_characters,
    refuse_unreadable_domain,
)

if TYPE_CHECKING:
    # Django's fields take no type arguments at run time.
    _CharField = CharField[str, str]
    _EmailField = models.EmailField[str, str]
else:
    _CharField, _EmailField = CharField, models.EmailField


class _CleanField(_CharField):
    """A text field that applies `clean_text` on every path of the ORM, including lookups."""

    default_validators = [refuse_control_characters]
    clean_text: Callable[[str], str] = staticmethod(clean_line)

    def deconstruct(self) -> Any:
        """Deconstruct as Django's own field, so that migrations don't depend on this one."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def to_python(self, value: Any) -> Any:
        return self._cleaned(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return self._cleaned(super().get_prep_value(value))

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = self._cleaned(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def _cleaned(self, value: Any) -> Any:
        return self.clean_text(value) if isinstance(value, str) else value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.TextField, **kwargs})


class LineField(_CleanField):
    """A name or another typed line of text."""


class UsernameField(_CleanField):
    """A username, by which a person signs in."""

    clean_text = staticmethod(clean_username)


class AddressField(_CleanField, _EmailField):
    """An email address, stored in one spelling for each mailbox."""

    default_validators = [
        refuse_control_characters,
        *models.EmailField.default_validators,
        refuse_unreadable_domain,
    ]
    clean_text = staticmethod(clean_address)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.AddressField, **kwargs})


@CharField.register_lookup
@TextField.register_lookup
class Folded(Transform):
    """The key by which a text is searched and sorted: "ecole st jean" for "École St-Jean".

    It has no accents, case or apostrophes; other punctuation becomes a space. A database function
    of ours computes it, because `unaccent` isn't immutable and its rules and collations differ
    between PostgreSQL versions. Keys are sorted by code point.
    """

    lookup_name = "folded"
    function = "jasper_folded"
    template = '%(function)s(%(expressions)s) COLLATE "C"'
    output_field = TextField(db_collation="C")


class Compact(Folded):
    """The folded key without spaces, so that purchase orders match with or without hyphens."""

    lookup_name = "compact"
    function = "jasper_compact"


CharField.register_lookup(Compact)
TextField.register_lookup(Compact)


class IsPlain(models.Func):
    """Whether a stored text is normalized, without invisible or control characters."""

    function = "jasper_is_plain"
    output_field = models.BooleanField()


def folded_key(expression: Any) -> models.GeneratedField:
    """Return the stored key field of a model that is searched or sorted by a text."""
    return models.GeneratedField(
        expression=expression, output_field=TextField(db_collation="C"), db_persist=True
    )


def has(path: str, typed: str) -> Q:
    """Return the condition that a text contains the typed phrase, in any spelling.

    `path` is the path of a stored key (`folded`, `compact_…`) or of a transform
    (`subject__folded`).
    """
    if not any(char.isalnum() for char in typed):
        return Q(pk__in=[])
    key = Compact if path.rsplit("__", 1)[-1].startswith("compact") else Folded
    typed = clean_address(typed) if "@" in typed else typed
    return Q(**{f"{path}__contains": key(Value(typed))})


def words_of(typed: str) -> list[str]:
    """Return the words to search for: those with a letter or a digit."""
    return [word for word in typed.split() if any(char.isalnum() for char in word)]


def has_words(paths: Iterable[str], typed: str) -> Q:
    """Return the condition that each typed word is in one of the texts at `paths`."""
    paths, words = list(paths), words_of(typed)
    if not words:
        return Q(pk__in=[])
    return reduce(and_, (reduce(or_, (has(path, word) for path in paths)) for word in words))
