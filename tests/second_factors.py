"""Second factors of people in tests: an authenticator app, and the codes that it shows."""

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value


def app_of(user):
    """Set up an authenticator app and recovery codes; return the app's secret and the codes."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).generate_codes()


def code_of(secret, *, later=0):
    """The code that the app shows now, or `later` periods from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))
