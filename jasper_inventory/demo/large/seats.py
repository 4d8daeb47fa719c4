"""The seats, people and codes of planned orders, with the counters that follow from them."""

from collections.abc import Iterable
from itertools import accumulate
from random import Random

from jasper_inventory.accounts.models import Level
from jasper_inventory.demo.large.orders import Line, suspensions
from jasper_inventory.demo.large.tree import Tree
from licenses.models.orders import MOST_CODES

# The students of the order with the most.
CAMPUS_STUDENTS = 5_000
# The part of students that redeem codes.
REDEEMING = 0.4
# One of this many students was removed from the order.
REMOVED_OF = 97


def is_removed(student: int) -> bool:
    """Return whether this student was removed from the orders of their people."""
    return student % REMOVED_OF == 5


def removed_before(student: int) -> int:
    """Return how many students with lower keys were removed."""
    return (student + REMOVED_OF - 6) // REMOVED_OF


def staying(first: int, number: int) -> int:
    """Return how many of consecutive students were not removed."""
    return number - removed_before(first + number) + removed_before(first)


def shared(total: int, weights: Iterable[float]) -> list[int]:
    """Return whole numbers in proportion to the weights, which add up to the total."""
    ends = list(accumulate(weights))
    if not ends or not ends[-1]:
        return [0] * len(ends)
    cuts = [round(total * end / ends[-1]) for end in ends]
    return [cut - before for cut, before in zip(cuts, [0, *cuts], strict=False)]


class Seats:
    """Fills planned orders; `first_student` is the key of the first of all students."""

    def __init__(self, random: Random, tree: Tree, lines: list[Line], today: int) -> None:
        self.random, self.tree, self.lines, self.today = random, tree, lines, today

    def fill(self, *, students: int, codes: int, first_student: int) -> None:
        """Set seats, people, codes and counters of all orders."""
        used = [line for line in self.lines if line.is_approved and not line.is_stock]
        of_codes = [line for line in used if line.is_codes]
        self._create_codes(of_codes, codes)
        redeeming = self._redeem(of_codes, int(students * REDEEMING))
        centers = [line for line in used if not line.is_codes]
        self._join(centers, students - redeeming)
        self._number(used, first_student)
        for line in used:
            self._set_size(line)
        self._allocate()

    def _weights(self, lines: list[Line]) -> list[float]:
        return [self.random.lognormvariate(0, 0.9) for _line in lines]

    def _create_codes(self, lines: list[Line], codes: int) -> None:
        created = [line for line in lines if line.start < self.today and self.random.random() < 0.9]
        for line, number in zip(created, shared(codes, self._weights(created)), strict=True):
            line.codes_created = min(number, MOST_CODES)

    def _redeem(self, lines: list[Line], students: int) -> int:
        room = sum(line.codes_created * line.users_per_code for line in lines)
        part = students / room if room else 0
        for line in lines:
            fill = 1 if self.random.random() < 0.05 else self.random.random() * 2 * part
            line.students = int(line.codes_created * line.users_per_code * min(fill, 1))
        return sum(line.students for line in lines)

    def _join(self, lines: list[Line], students: int) -> None:
        """Share students among the orders of Center Licenses that no one was carried over to."""
        campus = next(line for line in lines if line.holder is self.tree.campus)
        campus.students = min(CAMPUS_STUDENTS, students // 2)
        open_to_all = [
            line
            for line in lines
            if line is not campus and not line.keeps_code and line.start < self.today
        ]
        numbers = shared(students - campus.students, self._weights(open_to_all))
        for line, number in zip(open_to_all, numbers, strict=True):
            line.students = number

    def _number(self, lines: list[Line], first_student: int) -> None:
        """Give each order its students, or those of the order whose people it keeps."""
        for line in lines:
            old = line.renewal_of
            if line.keeps_code and old is not None:
                line.teachers = old.teachers
                if not line.is_codes:
                    line.first_student, line.students = old.first_student, old.students
                    line.enrolled = old.enrolled
                    continue
            else:
                line.teachers = self._teachers(line)
            line.first_student = first_student
            first_student += line.students
            line.enrolled = staying(line.first_student, line.students)

    def _teachers(self, line: Line) -> range:
        staff = line.holder.teachers
        number = min(len(staff), 1 + (self.random.random() < 0.2))
        first = staff.start + self.random.randrange(len(staff) - number + 1) if number else 0
        return range(first, first + number)

    def _set_size(self, line: Line) -> None:
        random = self.random
        if line.is_codes:
            line.size = line.codes_created or random.randrange(10, 100)
        elif line.size is not None:
            spare = 0 if random.random() < 0.1 else random.randrange(1, line.enrolled + 12)
            line.size = max(line.enrolled + spare, 1)

    def _allocate(self) -> None:
        """Allocate each order from its parent, the lowest first, and size their stocks."""
        for level in reversed(Level):
            for line in self.lines:
                # A supplier's own license is filled like those of centers.
                if line.is_approved and line.holder.level == level and not line.is_stock:
                    self._allocate_one(line)
            for line in self.lines:
                if line.is_stock and line.holder.level == level:
                    spare = 1 + self.random.random()
                    line.size = min(int(line.allocated * spare) + 20, MOST_CODES)
                    self._allocate_one(line)
        for line in self.lines:
            line.suspended_ancestors = suspensions(line.parent)

    def _allocate_one(self, line: Line) -> None:
        parent, size = line.parent, line.size
        if parent is None or size is None:
            return
        if parent.allocated + size > MOST_CODES:
            # CCI assigns the orders that no longer fit.
            line.parent = None
            return
        parent.allocated += size
        if not line.is_stock and self.random.random() < 0.04:
            line.reclaimed = self.random.randrange(1, 20)
