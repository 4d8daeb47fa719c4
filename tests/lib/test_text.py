"""Reading the email addresses of a pasted text."""

import pytest

from jasper_inventory.lib.text import addresses_in

LAURA, MEHTA = "laura@x.org", "s@x.org"


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ('Laura Bennett <laura@x.org>; "Mehta, S" <s@x.org>', [LAURA, MEHTA]),
        ('Laura Bennett <laura@x.org>, "Mehta, S" <s@x.org>', [LAURA, MEHTA]),
        ('Laura Bennett <laura@x.org>\r\n"Mehta; S" <s@x.org>', [LAURA, MEHTA]),
        ('"Mehta, s@y.org" <s@x.org>', [MEHTA]),
        ("laura@x.org, s@x.org", [LAURA, MEHTA]),
        ("laura@x.org s@x.org\nLAURA@X.ORG", [LAURA, MEHTA]),
        ("laura@x.org; Mehta <s@x.org>", [LAURA, MEHTA]),
        ("laura@x.org, Mehta <s@x.org>", [LAURA, MEHTA]),
        ("<laura@x.org>", [LAURA]),
        ("laura@x.org; no-address", [LAURA, "no-address"]),
        ("Laura <no address>", ["no address"]),
        ("", []),
        (" ;, \n", []),
    ],
)
def test_pasted_addresses_are_read_as_mail_programs_write_them(pasted, found):
    assert addresses_in(pasted) == found
