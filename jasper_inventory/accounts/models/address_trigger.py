"""Database trigger that ends reservations of an email address once an account has proved it."""

import pgtrigger

# Services also take this lock before locking rows: `accounts.services.addresses.hold_address`.
ADDRESS_LOCK = "pg_advisory_xact_lock(hashtextextended('email address ' || {address}, 0))"

ADDRESS_TRIGGER = pgtrigger.Trigger(
    name="one_account_per_address",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("email", "unconfirmed_email"),
    func=f"""
        IF NEW.email <> '' THEN
            PERFORM {ADDRESS_LOCK.format(address="NEW.email")};
            NEW.unconfirmed_email = '';
            UPDATE accounts_user
            SET unconfirmed_email = '', lost_email = NEW.email, is_username_noted = false
            WHERE unconfirmed_email = NEW.email AND id <> NEW.id;
        ELSIF NEW.unconfirmed_email <> '' THEN
            PERFORM {ADDRESS_LOCK.format(address="NEW.unconfirmed_email")};
            IF EXISTS (SELECT 1 FROM accounts_user WHERE email = NEW.unconfirmed_email) THEN
                RAISE EXCEPTION 'this email address belongs to another account'
                USING ERRCODE = 'unique_violation',
                      CONSTRAINT = 'accounts_user_unconfirmed_email_is_free';
            END IF;
        END IF;
        RETURN NEW;
    """,
)
