"""Steps that tests of invitations share: the page of the link, and the account created there."""

from tests import factories

PAGE = "/invitation/"

ADDRESS = "rosa@example.com"

ACCOUNT = {
    "first_name": "Rosa",
    "last_name": "Patel",
    "username": "rosa.patel",
    "password": factories.PASSWORD,
    "password_again": factories.PASSWORD,
}
