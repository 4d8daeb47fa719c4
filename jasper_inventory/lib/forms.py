"""Form fields for typed text, numbers and dates, and refusals of services as form errors."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jasper_inventory.lib.exceptions import ChangedMeanwhile, DomainError, Refusals
from jasper_inventory.lib.numbers import calendar_day, whole_number
from jasper_inventory.lib.text import (
    clean_address,
    refuse_control_characters,
    refuse_unreadable_domain,
    without_invisible,
)

# Returns the address of a row, or "" if the user may not see it.
LinkTo = Callable[[Model], str]
Result = TypeVar("Result")
FieldT = TypeVar("FieldT", bound=forms.Field)


class WholeNumberInput(forms.TextInput):
    """A text input, because browsers' number inputs don't accept "1,000"."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})


class WholeNumberField(forms.IntegerField):
    """A field for whole numbers as people type them: see `lib.numbers.whole_number`."""

    widget = WholeNumberInput
    default_error_messages = {
        "min_value": _("At least %(limit)s."),
        "max_value": _("At most %(limit)s."),
    }

    def __init__(self, *, error_messages: dict[str, Any] | None = None, **kwargs: Any) -> None:
        messages = {**self.default_error_messages, **(error_messages or {})}
        super().__init__(error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return whole_number(str(value))
        except ValueError as error:
            message = error.args[0]
        raise ValidationError(message, code="invalid")

    def run_validators(self, value: Any) -> None:
        """Run the validators; `%(limit)s` in a message is the limit with thousands separators."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            for one in error.error_list:
                if one.params and "limit_value" in one.params:
                    limit = one.params["limit_value"]
                    one.params["limit"] = number_format(limit, force_grouping=True)
            raise


class DateTextField(forms.DateField):
    """A field for dates as people type them: see `lib.numbers.calendar_day`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("(yyyy-mm-dd)"))
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault(
            "widget",
            forms.DateInput(
                format="%Y-%m-%d",
                attrs={
                    "placeholder": "yyyy-mm-dd",
                    "autocomplete": "off",
                    "data-jasper-date": _("Choose a date"),
                },
            ),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return calendar_day(value)
        except ValueError as error:
            message = error.args[0]
        raise ValidationError(message, code="invalid")


# Invisible, though Unicode counts them as letters and symbols.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def has_visible_characters(text: str) -> bool:
    """Return whether a text has more than spaces, format characters and lone accents."""
    return any(
        char not in _BLANKS
        and unicodedata.category(char)[0] not in "CZ"
        and unicodedata.category(char) not in ("Mn", "Me")
        for char in text
    )


class TextField(forms.CharField):
    """A text field checked by the server, because `maxlength` would cut pasted text silently.

    A text of invisible characters only counts as empty. Control characters are refused. Invisible
    characters are removed unless every character counts, as in a password (`strip=False`).
    """

    default_validators = [refuse_control_characters]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not has_visible_characters(text or ""):
            return self.empty_value
        if self.strip and text:
            text = unicodedata.normalize("NFC", without_invisible(text))
        return text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class AddressField(forms.EmailField):
    """A field for an email address, normalized as stored."""

    default_validators = [*forms.EmailField.default_validators, refuse_unreadable_domain]

    def to_python(self, value: Any) -> Any:
        return clean_address(super().to_python(value) or "")


class _CarriedField(forms.BoundField):
    """A field whose hidden copy has no `aria-*` attributes, which HTML forbids there."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        if widget is not None and widget.is_hidden:
            attrs.pop("aria-describedby", None)
        return attrs


class DatesForm(forms.Form):
    """A form with a start and finish date whose rules are checked with the other fields.

    `link_to` returns the address of a conflicting row, or "" if the user may not see it.
    """

    link_to: LinkTo | None = None

    def wrong_dates(self, start: date | None, finish: date | None) -> Iterable[DomainError]:
        """Return the rules that the dates break; a date is None if it is missing or invalid."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        start, finish = (self.cleaned_data.get(name) for name in ("start_date", "finish_date"))
        for error in self.wrong_dates(start, finish):
            if not self.has_error(error.field or NON_FIELD_ERRORS):
                refuse(self, error, link_to=self.link_to)
        return cleaned


class RowEditForm(forms.Form):
    """A form to edit a row, with hidden copies of the values it showed.

    Saving it writes only edited fields, and never silently overwrites a field that someone else
    changed meanwhile.
    """

    bound_field_class = _CarriedField
    # Fields whose inputs the template writes itself; other fields render their own hidden copy.
    written_by_template: ClassVar[tuple[str, ...]] = ()

    def changed_values(self) -> dict[str, Any]:
        """Return the new values of the fields that the user changed, by name."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def shown_values(self) -> dict[str, Any]:
        """Return the values that the form showed for the changed fields, if still readable."""
        shown = {}
        for name in self.changed_data:
            field = self.fields[name]
            widget = field.hidden_widget()
            typed = widget.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))
            try:
                shown[name] = field.to_python(typed)
            except ValidationError:
                continue
        return shown

    def hidden_initial(self) -> SafeString:
        """Return the hidden copies of the fields that the template writes itself."""
        carried = [name for name in self.written_by_template if name in self.fields]
        return format_html_join(
            "", "{}", ((self[name].as_hidden(only_initial=True),) for name in carried)
        )

    def show_as_now(self, error: ChangedMeanwhile) -> None:
        """Accept the other's value as shown, so that submitting again overwrites it."""
        assert error.field is not None
        value = self.fields[error.field].prepare_value(error.now)
        values = value if isinstance(value, list) else [value]
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        data.setlist(
            self.add_initial_prefix(error.field),
            ["" if each is None else str(each) for each in values],
        )
        self.data = data


def field_of(form: forms.BaseForm, name: str, kind: type[FieldT]) -> FieldT:
    """Return the form's field with this name, which is of this kind."""
    field = form.fields[name]
    assert isinstance(field, kind)
    return field


def choices_of(field: forms.ChoiceField) -> list[tuple[Any, Any]]:
    """Return the choices of a field that has neither a function for them nor groups."""
    # The stubs include both.
    return list(field.choices)  # type: ignore[arg-type]


def attempt(
    form: forms.BaseForm,
    service: Callable[..., Result],
    *,
    link_to: LinkTo | None = None,
    **kwargs: Any,
) -> Result | None:
    """Call a service and return its result, or None after adding its refusal to the form."""
    try:
        return service(**kwargs)
    except DomainError as error:
        refuse(form, error, link_to=link_to)
        return None


def refuse(form: forms.BaseForm, error: DomainError, *, link_to: LinkTo | None = None) -> None:
    """Add a refusal to the field it belongs to, or to the top of the form.

    `link_to` returns the address of the conflicting row, or "" if the user may not see it.
    """
    if isinstance(error, Refusals):
        for each in error.refusals:
            refuse(form, each, link_to=link_to)
        return
    if isinstance(error, ChangedMeanwhile) and isinstance(form, RowEditForm):
        form.show_as_now(error)
    text = str(error.message)
    url = link_to(error.about) if link_to and error.about is not None else ""
    if url and error.about is not None:
        # In a new tab, so that the input isn't lost.
        text = format_html(
            '{} <a href="{}" target="_blank">{} {}<span class="visually-hidden"> {}</span></a>',
            text,
            url,
            capfirst(error.about._meta.verbose_name),
            error.about,
            gettext("(in a new tab)"),
        )
    form.add_error(error.field if error.field in form.fields else None, text)


def focus_first_error(form: forms.BaseForm) -> None:
    """Give the first invalid field the focus when the form is shown again."""
    for name in form.fields:
        if name in form.errors:
            widget = form.fields[name].widget
            # A page may have only one autofocus, so only the first choice gets it.
            if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
                _focus_first_choice(widget)
            else:
                widget.attrs["autofocus"] = True
            return


def _focus_first_choice(widget: forms.RadioSelect | forms.CheckboxSelectMultiple) -> None:
    plain_option = widget.create_option

    def create_option(*args: Any, **kwargs: Any) -> dict[str, Any]:
        option = plain_option(*args, **kwargs)
        if option["index"] in ("0", "0_0"):
            option["attrs"]["autofocus"] = True
        return option

    # Only this widget object is changed.
    widget.create_option = create_option  # type: ignore[method-assign]
