"""Texts in the database: fields that store one spelling, and the key that finds and sorts it."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_
from typing import Any

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


class _CleanField(CharField):
    """Stores what its `clean` makes of a text, on every path of the ORM, lookups included."""

    default_validators = [refuse_control_characters]
    clean_text: Callable[[str], str] = staticmethod(clean_line)

    def deconstruct(self) -> Any:
        """As the field of Django that it is in the database: migrations needn't know of it."""
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
    """A name or another line that people type."""


class UsernameField(_CleanField):
    """What a person signs in by."""

    clean_text = staticmethod(clean_username)


class AddressField(_CleanField, models.EmailField):
    """An email address, each mailbox in one spelling."""

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
    """The key by which a text is found and sorted, such as "ecole st jean" of "École St-Jean".

    Without accents, case, and apostrophes; other punctuation is a space. Computed by a function of
    our own in the database (accounts, migration 0008): `unaccent` isn't immutable, and its rules
    and collations differ from one PostgreSQL to the next. Its order is that of its code points.
    """

    lookup_name = "folded"
    function = "jasper_folded"
    template = '%(function)s(%(expressions)s) COLLATE "C"'
    output_field = TextField(db_collation="C")


class Compact(Folded):
    """The folded key without spaces: purchase orders are found without theirs, and hyphens."""

    lookup_name = "compact"
    function = "jasper_compact"


CharField.register_lookup(Compact)
TextField.register_lookup(Compact)


class IsPlain(models.Func):
    """Whether a stored text is in normal form and nothing in it is invisible or steers."""

    function = "jasper_is_plain"
    output_field = models.BooleanField()


def folded_key(expression: Any) -> models.GeneratedField:
    """The stored key of a model that is searched or sorted by name."""
    return models.GeneratedField(
        expression=expression, output_field=TextField(db_collation="C"), db_persist=True
    )


def has(path: str, typed: str) -> Q:
    """The condition that a text has in it what was typed, in any spelling, as one phrase.

    `path` leads to a stored key (`folded`, `compact_…`) or to a transform (`subject__folded`).
    """
    if not any(sign.isalnum() for sign in typed):
        return Q(pk__in=[])
    key = Compact if path.rsplit("__", 1)[-1].startswith("compact") else Folded
    typed = clean_address(typed) if "@" in typed else typed
    return Q(**{f"{path}__contains": key(Value(typed))})


def words_of(typed: str) -> list[str]:
    """The words to search for: those that have a letter or a digit."""
    return [word for word in typed.split() if any(sign.isalnum() for sign in word)]


def has_words(paths: Iterable[str], typed: str) -> Q:
    """The condition that each typed word is in one of the texts."""
    paths, words = list(paths), words_of(typed)
    if not words:
        return Q(pk__in=[])
    return reduce(and_, (reduce(or_, (has(path, word) for path in paths)) for word in words))
