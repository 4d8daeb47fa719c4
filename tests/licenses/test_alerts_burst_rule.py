"""The rule for an unusual number of joins within an hour."""

import pytest
from django.conf import settings

from licenses.services.alerts import BurstRule

RULE = BurstRule(least=30, times=5, known=30, first=120)


@pytest.mark.parametrize(
    ("last_hour", "busiest_hour", "joined_before", "is_burst"),
    [
        # A license with usual numbers: five times its busiest hour, and at least 30.
        (29, 1, 200, False),
        (30, 1, 200, True),
        (30, 5, 200, True),
        (30, 6, 200, False),
        (31, 6, 200, True),
        (175, 35, 200, False),
        (176, 35, 200, True),
        # No recent joins, though many are enrolled: a new class, or two.
        (35, 0, 0, False),
        (119, 0, 0, False),
        (120, 0, 0, True),
        # Until 30 joined no number is usual; a busy first week counts anyway.
        (35, 1, 29, False),
        (35, 1, 30, True),
        (120, 24, 29, False),
        (121, 24, 29, True),
    ],
)
def test_the_rule_at_its_boundaries(last_hour, busiest_hour, joined_before, is_burst):
    found = RULE.is_burst(
        last_hour=last_hour, busiest_hour=busiest_hour, joined_before=joined_before
    )
    assert found is is_burst


def test_a_class_in_its_first_lesson_raises_no_alert_by_the_settings():
    rule = BurstRule(**settings.BURST)
    assert not rule.is_burst(last_hour=35, busiest_hour=0, joined_before=0)
