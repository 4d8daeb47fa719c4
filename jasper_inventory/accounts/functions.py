"""Functions in the database on people and their roles."""

from jasper_inventory.accounts.models import LogEntry, User
from jasper_inventory.accounts.models.log_entries import MAINTENANCE
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


def writes_entry(row: str) -> str:
    """Return the statement that writes an entry of the activity log: `row` is JSON in SQL."""
    table = LogEntry._meta.db_table
    columns = [str(f.column) for f in LogEntry._meta.concrete_fields if not f.primary_key]
    listed = ", ".join(columns)
    return (
        f"INSERT INTO {table} ({listed})"
        f" SELECT {listed} FROM jsonb_populate_record(NULL::{table}, {row})"
    )


# They run with the rights of the tables' owner, because the site's role can't change the log.
_OF_OWNER = "SECURITY DEFINER SET search_path FROM CURRENT"
# What lets the log's trigger pass. Only a superuser could have the function set it by an option.
_ON, _OFF = (f"PERFORM set_config('{MAINTENANCE}', '{value}', true)" for value in ("on", "off"))
# Nobody can remove what was recorded in these last days.
SHORTEST_DAYS = 30


def erase_from_log() -> Function:
    """Return the function that removes where an erased person was from the activity log."""
    erased = where(User.objects.filter(pk=argument("person"), erased_at__isnull=False))
    return Function(
        name="accounts_erase_from_log",
        arguments="person bigint, OUT changed bigint",
        options=_OF_OWNER,
        body=f"""
BEGIN
    {_ON};
    changed := 0;
    PERFORM FROM accounts_user WHERE {erased};
    IF FOUND THEN
        UPDATE {LogEntry._meta.db_table} SET address = NULL, browser = ''
        WHERE (actor_id = person
            OR actor_id IS NULL AND people @> ARRAY[person] AND people <> '{{}}')
        AND (address IS NOT NULL OR browser <> '');
        GET DIAGNOSTICS changed = ROW_COUNT;
    END IF;
    {_OFF};
END
""",
    )


def trim_log() -> Function:
    """Return the function that deletes up to `most` of the oldest entries of a kind.

    Entries of the last `SHORTEST_DAYS` days always stay.
    """
    return Function(
        name="accounts_trim_log",
        arguments="of_kind text, until timestamptz, most bigint, OUT deleted bigint",
        options=_OF_OWNER,
        body=f"""
BEGIN
    {_ON};
    DELETE FROM {LogEntry._meta.db_table} WHERE id IN (
        SELECT id FROM {LogEntry._meta.db_table}
        WHERE kind = of_kind AND at < LEAST(until, now() - interval '{SHORTEST_DAYS} days')
        ORDER BY id LIMIT most
    );
    GET DIAGNOSTICS deleted = ROW_COUNT;
    {_OFF};
END
""",
    )
