"""When joinings look like a code that is passed around: many in an hour, far from the usual."""

from dataclasses import dataclass
from datetime import timedelta

HOUR = timedelta(hours=1)
# What was usual is told from these four weeks, without the day that is being looked at, and
# without the bursts that were told of.
USUAL = timedelta(days=28)
TODAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BurstRule:
    """`least` students in an hour, and more than `times` the busiest hour of what was usual.

    A license on which hardly anyone joined so far has no usual: whole classes come in their first
    lesson, several at once. Until `known` students joined before today it takes `first`.
    """

    least: int
    times: int
    known: int
    first: int

    def is_burst(self, *, last_hour: int, busiest_hour: int, joined_before: int) -> bool:
        """Whether so many within the last hour are far from the usual.

        `busiest_hour` of the four weeks before today; `joined_before` counts them, and may stop
        counting at `known`.
        """
        least = self.least if joined_before >= self.known else max(self.least, self.first)
        return last_hour >= least and last_hour > self.times * busiest_hour
