"""Base classes of the management commands: actor, dry run, clear errors, output formats."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from operator import or_
from tempfile import SpooledTemporaryFile
from textwrap import indent
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser, OutputWrapper
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Value

from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.numbers import calendar_day, whole_number
from jasper_inventory.lib.origins import running
from jasper_inventory.lib.tasks import tasks_dropped
from jasper_inventory.lib.text import printable, refuse_control_characters
from jasper_inventory.lib.text_fields import Folded

FORMATS = ("table", "csv", "json")
# Byte order mark: without it, spreadsheets don't read a file as UTF-8 ("École" as "Ã‰cole").
MARK = "\ufeff"
# Similar usernames that an error suggests at most.
MOST_NAMED = 5
# Bytes of a table that are kept in memory while it is written; more are kept in a file.
MOST_KEPT = 1_000_000

Row = Mapping[str, Any]
Write = Callable[[str], object]


class ServiceCommand(BaseCommand):
    """A command that reports bad input or a refusal in one line, with exit code 1 or 2."""

    example = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stdout = _SafeOutput(self.stdout)
        self.stderr = _SafeOutput(self.stderr)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        if self.example:
            kwargs.setdefault("epilog", f"Example: manage.py {subcommand} {self.example}")
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Errors don't repeat the usage; --help shows it. Only this parser object is changed.
        parser.print_usage = lambda file=None: None  # type: ignore[method-assign]
        read = parser.parse_args

        def read_all(*args: Any, **kwargs: Any) -> Any:
            """Read the arguments and report all wrong ones together."""
            options = read(*args, **kwargs)
            wrong = [
                f"argument {'/'.join(action.option_strings) or action.metavar}: {value}"
                for action in parser._actions
                if isinstance(value := getattr(options, action.dest, None), WrongArgument)
            ]
            if wrong:
                parser.error("; ".join(wrong))
            return options

        parser.parse_args = read_all  # type: ignore[method-assign]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        for name, value in options.items():
            for text in value if isinstance(value, list) else [value]:
                # Typed bytes that aren't UTF-8 arrive as lone surrogates.
                if isinstance(text, str):
                    _require_text(name, text)
        for name in ("stdout", "stderr"):
            if options.get(name):
                options[name] = _SafeOutput(OutputWrapper(options[name]))
        with running(command=type(self).__module__.rpartition(".")[2]):
            return super().execute(*args, **options)


def _require_text(name: str, text: str) -> None:
    try:
        text.encode()
        refuse_control_characters(text)
    except UnicodeEncodeError:
        raise CommandError(f"{name}: this text is not UTF-8.") from None
    except ValidationError as error:
        raise CommandError(f"{name}: {error.messages[0]}") from None


class _SafeOutput(OutputWrapper):
    """A command's output, with control characters escaped except those of the command's colors."""

    def __init__(self, output: OutputWrapper) -> None:
        # Django accepts any object with `write`; its stubs ask for a text file.
        super().__init__(output._out, ending=output.ending)  # type: ignore[arg-type]
        self.style_func = output.style_func

    # Django's own signature; its stubs inherit the one of TextIOBase.
    def write(  # type: ignore[override]
        self, msg: str = "", style_func: Any = None, ending: str | None = None
    ) -> None:
        kept = MARK if msg.startswith(MARK) else ""
        super().write(kept + printable(msg.removeprefix(MARK)), style_func, ending)


class ChangingCommand(ServiceCommand):
    """A command that changes data through a service, on behalf of a user, or shows a dry run."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--by",
            required=True,
            metavar="USER",
            help="username or email of the user who makes the change; their permissions apply and "
            "the history names them",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would change, without changing anything or sending emails",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line_errors():
            line = self._changed(options)
        self.stdout.write(line)

    def _changed(self, options: dict[str, Any]) -> str:
        by = find_actor(options["by"])
        if not options["dry_run"]:
            return self.change(by=by, options=options)
        with tasks_dropped(), transaction.atomic():
            line = self.change(by=by, options=options)
            transaction.set_rollback(True)
        return f"Dry run, nothing was changed. A real run says: {line}"

    def change(self, *, by: Any, options: dict[str, Any]) -> str:
        """Call the service and return a one-line summary of the change."""
        raise NotImplementedError


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn a service's refusal into a command error on one line."""
    try:
        yield
    except DomainError as error:
        raise CommandError(" ".join(error.named.split())) from None


def find_user(typed: str, *, only_reads: bool = False) -> Any:
    """Return the user with this username or email address, verified or not.

    A command that only reads also accepts other spellings of the username, such as "elie" for
    "élie". Otherwise raise DomainError with the right spelling, so that a command repeated after
    its user was erased doesn't find someone else.
    """
    typed = typed.strip()
    everyone = get_user_model().objects.all()
    people = list(everyone.called(typed) | everyone.addressed(typed)) if typed else []
    alike = []
    if typed and not people:
        alike = list(everyone.filter(username__folded=Folded(Value(typed))).order_by("username"))
    if only_reads:
        people = people or alike
    if len(people) > 1:
        raise DomainError(f'More than one user matches "{typed}". Enter a username.')
    if not people:
        names = " or ".join(f'"{one.get_username()}"' for one in alike[:MOST_NAMED])
        hint = f" Did you mean {names}?" if names else ""
        raise DomainError(f'There is no user "{typed}".{hint}')
    return people[0]


def find_actor(typed: str) -> Any:
    """Return the user on whose behalf a command makes changes; raise DomainError if inactive."""
    user = find_user(typed)
    if not user.is_active:
        raise DomainError(f"{user.get_username()} is not active and can't make changes.")
    return user


class WrongArgument(str):
    """The error of an argument, reported together with those of other arguments."""


def day(text: str) -> date | WrongArgument:
    """Argument type: a date as forms accept it."""
    try:
        return calendar_day(text)
    except ValueError as error:
        return WrongArgument(f'"{text}" is not a date. {error}')


def positive(text: str) -> int | WrongArgument:
    """Argument type: a whole number above 0 as forms accept it."""
    try:
        number = whole_number(text)
    except ValueError as error:
        return WrongArgument(f'"{text}" is not a whole number above 0. {error}')
    if not 0 < number < 2**63:
        return WrongArgument(f'"{text}" is not a whole number above 0.')
    return number


def add_format(parser: CommandParser) -> None:
    """Add the argument --format of a command that lists rows."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        help="table (the default) for reading; csv for spreadsheets, with an apostrophe before "
        "text that looks like a formula; json for programs",
    )


def write_rows(
    write: Write,
    format: str,
    *,
    columns: Sequence[str],
    rows: Iterable[Row],
) -> None:
    """Write rows in one of FORMATS; `columns` are the keys of the rows to write."""
    {"table": _write_table, "csv": _write_csv, "json": _write_json}[format](write, columns, rows)


def _write_json(write: Write, columns: Sequence[str], rows: Iterable[Row]) -> None:
    last = None
    for row in rows:
        write("[" if last is None else f"{last},")
        listed = {column: row[column] for column in columns}
        text = json.dumps(listed, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        # Escape control characters as JSON does; `printable` would make invalid JSON.
        last = "".join(s if s.isprintable() or s == "\n" else json.dumps(s)[1:-1] for s in text)
        last = indent(last, "  ")
    write("[]" if last is None else f"{last}\n]")


class _Lines:
    """A file for csv.writer that writes to a command's output."""

    def __init__(self, write: Write) -> None:
        self.write = write


def _write_csv(write: Write, columns: Sequence[str], rows: Iterable[Row]) -> None:
    writer = csv.writer(_Lines(write), lineterminator="\n")
    writer.writerow([MARK + columns[0], *columns[1:]])
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in columns])


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        return f"'{value}"
    return value


def _write_table(write: Write, columns: Sequence[str], rows: Iterable[Row]) -> None:
    headings = [column.replace("_", " ").capitalize() for column in columns]
    widths, numeric = [len(heading) for heading in headings], [False] * len(columns)
    # Widths depend on all rows, which may be too many to be kept in memory.
    with SpooledTemporaryFile(MOST_KEPT, "w+", encoding="utf-8", newline="") as kept:
        lines = csv.writer(kept)
        for row in rows:
            values = [row[column] for column in columns]
            cells = [_shown(value) for value in values]
            widths = [*map(max, widths, map(len, cells))]
            numeric = [*map(or_, numeric, map(_is_number, values))]
            lines.writerow(cells)
        kept.seek(0)
        for cells in chain([headings, ["-" * width for width in widths]], csv.reader(kept)):
            aligned = [
                text.rjust(width) if is_number else text.ljust(width)
                for text, width, is_number in zip(cells, widths, numeric, strict=True)
            ]
            write("  ".join(aligned).rstrip())


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """Return a value as the text of a table cell, without control characters."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else " " for char in text)
