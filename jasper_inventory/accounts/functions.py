"""Functions in the database on people and their roles."""

from jasper_inventory.accounts.models import User
from jasper_inventory.lib.functions import Function, argument, where


def add_role() -> Function:
    """Return the function behind `services.memberships.add_role`.

    It returns the key of the role, or nothing if the account was erased.
    """
    person = where(User.objects.filter(pk=argument("person"), erased_at=None))
    return Function(
        name="accounts_add_role",
        arguments="person bigint, organization bigint, the_role integer, OUT membership bigint",
        body=f"""
BEGIN
    PERFORM FROM accounts_user WHERE {person} FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT id INTO membership FROM accounts_membership
    WHERE user_id = person AND organization_id = organization AND role = the_role;
    IF NOT FOUND THEN
        -- Someone else may grant the same role at this moment. Updating nothing returns its key.
        INSERT INTO accounts_membership (user_id, organization_id, role, created_at)
        VALUES (person, organization, the_role, now())
        ON CONFLICT (user_id, organization_id, role) DO UPDATE SET role = EXCLUDED.role
        RETURNING id INTO membership;
    END IF;
END
""",
    )
