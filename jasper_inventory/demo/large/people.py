"""The rows of people, enrollments and codes, as lines for COPY."""

import unicodedata
from collections.abc import Callable, Iterator

from activation_codes.code_check import generate
from jasper_inventory.accounts.models import Role
from jasper_inventory.demo.large.names import COMMON_SURNAME, FIRST_NAMES, SURNAMES
from jasper_inventory.demo.large.orders import Line
from jasper_inventory.demo.large.rows import NULL, Plan, current, row, used_of
from jasper_inventory.demo.large.seats import is_removed
from jasper_inventory.demo.large.tree import Node
from jasper_inventory.lib.code_format import NEW_KEY_LENGTH, check_character

NO_PASSWORD = "!no password was set"
USER = (
    "id password is_staff is_active date_joined is_username_noted username first_name last_name"
    " email"
)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if letter.isascii())


PLAIN = {name: _plain(name) for name in (*FIRST_NAMES, *SURNAMES, COMMON_SURNAME)}


def users(plan: Plan, named: dict[int, str]) -> Iterator[str]:
    """Yield all people; `named` are the usernames of those with an account to sign in with."""
    founded = plan.days.at(min(line.created for line in plan.lines), 0)
    yield _user(plan, plan.staff, founded, 1, named, is_staff="t")
    for node in plan.tree.nodes:
        yield _user(plan, node.administrator, founded, 1, named)
    for node in plan.tree.nodes:
        for pk in node.teachers:
            yield _user(plan, pk, founded, 1, named)
    for line in joined_first(plan):
        for at in range(line.students):
            day = plan.days.at(plan.joined(line, at), at)
            yield _user(plan, line.first_student + at, day, 0.3, named)


def joined_first(plan: Plan) -> Iterator[Line]:
    """Yield the orders whose students were on no other order before."""
    for line in plan.approved():
        if not line.keeps_code or line.is_codes:
            yield line


def _user(
    plan: Plan, pk: int, at: str, with_email: float, named: dict[int, str], is_staff: str = "f"
) -> str:
    draw = plan.random.random
    first = FIRST_NAMES[int(draw() * len(FIRST_NAMES))]
    drawn = draw() * 20
    last = COMMON_SURNAME if drawn < 1 else SURNAMES[int((drawn - 1) / 19 * len(SURNAMES))]
    username = named.get(pk) or f"{PLAIN[first]}.{PLAIN[last]}{pk}"
    email = f"{username}@school.example" if draw() < with_email else ""
    is_active = "f" if pk % 199 == 3 and pk not in named else "t"
    return (
        f"{pk}\t{NO_PASSWORD}\t{is_staff}\t{is_active}\t{at}\tt\t{username}\t{first}\t{last}"
        f"\t{email}\n"
    )


def memberships(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield the roles of administrators, teachers and students."""
    founded = plan.days.at(min(line.created for line in plan.lines), 0)
    for node in plan.tree.nodes:
        yield row(next(keys), node.administrator, node.pk, Role.ADMINISTRATOR.value, founded)
        for pk in node.teachers:
            yield row(next(keys), pk, node.pk, Role.TEACHER.value, founded)
    student = Role.STUDENT.value
    for line in joined_first(plan):
        holder = line.holder.pk
        for at in range(line.students):
            day = plan.days.at(plan.joined(line, at), at)
            yield f"{next(keys)}\t{line.first_student + at}\t{holder}\t{student}\t{day}\n"


def group_keys(plan: Plan, characters: Callable[[int], str]) -> Iterator[str]:
    """Yield a group key for each teacher and teacher code."""
    for line in plan.approved():
        if line.code_of is line:
            for at in range(len(line.teachers)):
                body = characters(NEW_KEY_LENGTH - 1)
                key = body + check_character(body)
                yield row(line.first_group_key + at, key, plan.reviewed(line))


ENROLLMENT = "id order_id user_id role teacher_id group_key_id enrolled_at ends_on removed_at"


def enrollments(plan: Plan) -> Iterator[str]:
    """Yield the teachers and students of all orders."""
    for line in plan.approved():
        at, key = line.first_enrollment, line.code_of.first_group_key
        for pk in line.teachers:
            yield row(at, line.pk, pk, 1, None, key, plan.reviewed(line), None, None)
            at, key = at + 1, key + 1
        yield from _students(plan, line, at)


def people_on(line: Line) -> int:
    """Return the number of an order's enrollments."""
    if line.keeps_code and not line.is_codes:
        return len(line.teachers) + line.enrolled
    return len(line.teachers) + line.students


def _students(plan: Plan, line: Line, first: int) -> Iterator[str]:
    teachers, days, order = len(line.teachers), plan.days, line.pk
    students: Iterator[int] = iter(range(line.first_student, line.first_student + line.students))
    is_carried = line.keeps_code and not line.is_codes
    if is_carried:
        students = current(students)
    for at, student in enumerate(students):
        day = line.created if is_carried else plan.joined(line, at)
        # Four of five are linked to a teacher.
        teacher = line.first_enrollment + at % teachers if teachers and at % 5 else NULL
        ends = days[day + line.duration - 1] if line.is_codes else NULL
        removed = NULL
        if not is_carried and is_removed(student):
            removed = days.at(min(day + 9, plan.today - 1), at + 1)
        yield (
            f"{first + at}\t{order}\t{student}\t2\t{teacher}\t{NULL}\t{days.at(day, at)}\t{ends}"
            f"\t{removed}\n"
        )


def has_replaced_code(line: Line) -> bool:
    """Return whether one of the order's codes was replaced: the last one, which no one used."""
    is_last_unused = line.students < (line.codes_created - 1) * line.users_per_code
    return line.pk % 40 == 7 and is_last_unused


def codes_on(line: Line) -> int:
    """Return the number of an order's codes, with the replaced one."""
    return line.codes_created + has_replaced_code(line)


CODE = "id order_id code users used replacement_id replaced_by_id replaced_at"


def codes(plan: Plan) -> Iterator[str]:
    """Yield the activation codes."""
    texts = generate(sum(codes_on(line) for line in plan.lines), plan.draw)
    none = f"{NULL}\t{NULL}\t{NULL}"
    for line in plan.lines:
        first, users, order = line.first_code, line.users_per_code, line.pk
        redeemed = -(-line.students // users) if users else 0
        for at in range(line.codes_created):
            used = used_of(line, at) if at < redeemed else 0
            yield f"{first + at}\t{order}\t{next(texts)}\t{users}\t{used}\t{none}\n"
        if has_replaced_code(line):
            last = first + line.codes_created
            by = line.holder.administrator
            yield row(last, order, next(texts), 0, 0, last - 1, by, plan.stopped(line))


def batches(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield the batches in which codes were created: one for each order."""
    for line in plan.lines:
        if line.codes_created:
            by, at = line.holder.administrator, plan.days.at(line.start, line.pk)
            yield row(next(keys), line.pk, line.codes_created, by, at)


def redemptions(plan: Plan, keys: Iterator[int]) -> Iterator[str]:
    """Yield who redeemed which code."""
    for line in plan.lines:
        if line.is_codes and line.is_approved:
            enrollment = line.first_enrollment + len(line.teachers)
            for at in range(line.students):
                code = line.first_code + at // line.users_per_code
                day = plan.days.at(plan.joined(line, at), at)
                yield f"{next(keys)}\t{code}\t{enrollment + at}\t{day}\n"


def organizations(nodes: list[Node]) -> Iterator[str]:
    """Yield the organizations."""
    for node in nodes:
        yield row(node.pk, node.path, node.depth, node.children, node.name, node.level)
