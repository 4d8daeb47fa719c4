"""Searches of the admin: each typed word is part of one of several texts, or equals a number.

The texts may be in several tables. For an "or" across tables, PostgreSQL reads all rows, so each
combination is a query that starts from one text's index.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import product
from operator import and_, or_

from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from jasper_inventory.lib.admin_base import ModelT
from jasper_inventory.lib.numbers import is_number, whole_number
from jasper_inventory.lib.text_fields import Folded, has, words_of

# The rows that a search lists at most.
MOST_FOUND = 100
# The words of a search that may each be in another text. Further ones are compared with what these
# find, because each combination of words and texts is a query.
_MOST_COMBINED = 2
# The indexes of parts of texts know no shorter parts.
_SHORTEST_PART = 3
# As many people or organizations with a text are found before the rows that refer to them.
_MOST_REFERRED_TO = 300


def ways_to_find(model: type[Model], fields: Iterable[str], typed: str) -> Iterator[Q]:
    """Yield the conditions of which a row meets one if each typed word is in one of its fields."""
    numbers = [field for field in fields if field.endswith("__exact")]
    texts = [field for field in fields if field not in numbers]
    words = [typed] if numbers and is_number(typed) else words_of(typed)
    # The longest ones find the fewest rows.
    words = sorted(words, key=len, reverse=True)
    combined, further = words[:_MOST_COMBINED], words[_MOST_COMBINED:]
    rest = reduce(and_, (_in_any(texts, numbers, word) for word in further), Q())
    choices = [[*texts, *(numbers if is_number(word) else ())] for word in combined]
    for chosen in product(*choices) if choices else ():
        condition = Q()
        for field in dict.fromkeys(chosen):
            own = [word for word, at in zip(combined, chosen, strict=True) if at == field]
            if field in numbers:
                condition &= reduce(and_, (Q(**{field: whole_number(word)}) for word in own))
            else:
                condition &= has_parts(model, field, own)
        yield condition & rest


def _in_any(texts: Iterable[str], numbers: Iterable[str], word: str) -> Q:
    conditions = [_has_part(path, word) for path in texts]
    if is_number(word):
        conditions += [Q(**{field: whole_number(word)}) for field in numbers]
    return reduce(or_, conditions)


def has_parts(model: type[Model], path: str, phrases: Sequence[str]) -> Q:
    """Return the condition that a text contains all typed phrases.

    If the text is another model's, and few of its rows match, the condition names their keys:
    PostgreSQL can't estimate how many match, and would read all rows to find those of a few.
    """
    reference, _separator, key = path.rpartition("__")
    related = _model_at(model, reference)
    if related is not None:
        found = related._default_manager.order_by().filter(_has_all(key, phrases))
        keys = list(found.values_list("pk", flat=True)[: _MOST_REFERRED_TO + 1])
        if len(keys) <= _MOST_REFERRED_TO:
            return Q(**{f"{reference}__in": keys})
    return _has_all(path, phrases)


def _model_at(model: type[Model], reference: str) -> type[Model] | None:
    """Return the model that a path leads to, or None if it doesn't lead to another one."""
    try:
        field = get_fields_from_path(model, reference)[-1] if reference else None
    except FieldDoesNotExist:
        # An annotation.
        return None
    related = getattr(field, "related_model", None)
    return related if isinstance(related, type) else None


def _has_all(path: str, phrases: Iterable[str]) -> Q:
    return reduce(and_, (_has_part(path, phrase) for phrase in phrases))


def _has_part(path: str, typed: str) -> Q:
    """Return the condition that a text contains the typed phrase, or a word that begins so.

    The latter is for phrases that are too short for the indexes of parts of texts.
    """
    if sum(char.isalnum() for char in typed) not in range(1, _SHORTEST_PART):
        return has(path, typed)
    key = Folded(Value(typed))
    within = Q(**{f"{path}__contains": Concat(Value(" "), key, output_field=TextField())})
    return Q(**{f"{path}__startswith": key}) | within


def found_by(rows: QuerySet[ModelT], ways: Sequence[Q]) -> QuerySet[ModelT]:
    """Return the newest rows that meet one of the conditions, one more than `MOST_FOUND` at most.

    If many rows meet a condition, PostgreSQL finds the newest ones soon.
    """
    newest = rows.order_by("-pk").values_list("pk", flat=True)
    found = [newest.filter(way)[: MOST_FOUND + 1] for way in ways]
    if not found:
        return rows.none()
    keys = sorted({*found[0].union(*found[1:])} if found[1:] else found[0], reverse=True)
    return rows.filter(pk__in=keys[: MOST_FOUND + 1])
