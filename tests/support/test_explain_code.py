"""manage.py explain_code"""

import json

import pytest

from tests import factories
from tests.commands import contents, refusal, run

pytestmark = pytest.mark.django_db


def test_it_lists_the_rules_and_changes_nothing():
    code = factories.codes(factories.order(factories.CODES))[0]
    before = contents()

    rows = json.loads(run("explain_code", code, "--format", "json"))

    assert len(rows) > 5
    assert {row["passed"] for row in rows} == {"yes"}
    assert contents() == before


def test_the_first_rule_that_fails_is_the_error():
    code = factories.codes(factories.order(factories.CODES))[0]
    factories.redemption(code)

    assert refusal("explain_code", code) == "Its only use is taken."


def test_for_a_person_it_explains_their_own_checks():
    code = factories.codes(factories.order(factories.CODES))[0]
    user = factories.redemption(code).enrollment.user

    assert str(user) in run("explain_code", code, "--user", user.username)
    assert refusal("explain_code", code, "--user", "nobody") == 'There is no user "nobody".'


def test_a_mistyped_code():
    assert "typing error" in refusal("explain_code", "BCDFG-HJKM-NPQR")
