"""People and sign-in: passwords, second factors, single sign-on, sessions."""

from django.core.exceptions import ImproperlyConfigured

from jasper_inventory.lib.sso_settings import provider_apps
from jasper_inventory.settings.environment import IS_LOCAL, env

AUTH_USER_MODEL = "accounts.User"
# Only one backend: each hashes the password, so with two, timing would reveal which knew the user.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "jasper_inventory.accounts.password_rules.PasswordRules"}]
# New passwords get the first; a password stored with another is stored anew at sign-in.
PASSWORD_HASHERS = [
    "jasper_inventory.accounts.password_rules.SmallArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# A link for a new password works for an hour: see also accounts/tokens.py.
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inventory:panel"
ACCOUNT_ADAPTER = "jasper_inventory.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "jasper_inventory.accounts.forms.SignInForm",
    "reset_password": "jasper_inventory.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "jasper_inventory.accounts.forms.NewPasswordByLinkForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "jasper_inventory.accounts.tokens.NewestTokenGenerator"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Our own throttling of wrong passwords (accounts/sign_in_throttling.py) replaces django-allauth's
# sign-in limits, which depend on the Host header.
# Password resets are limited by network only: a limit by account would reveal which email address
# belongs to which username.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": "20/m/ip"}
# Second factors: required for CCI staff and superusers; organizations can require them of their
# people. Only the demo and development may do without.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)
if not MFA_REQUIRED and not IS_LOCAL:
    raise ImproperlyConfigured("MFA_REQUIRED=0 is only for the demo and for development.")
# Also of everyone else, students included.
MFA_REQUIRED_FOR_ALL = env.bool("MFA_REQUIRED_FOR_ALL", default=False)
MFA_ADAPTER = "jasper_inventory.accounts.second_factors.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey is two factors: the device, and the fingerprint, face or PIN that unlocks it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Addresses are confirmed in a way of our own: django-allauth's list of them isn't used.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Jasperactive License Inventory"
# How many codes before and after the current one are accepted, for phones whose clock is wrong.
# Each code is accepted once all the same.
MFA_TOTP_TOLERANCE = env.int("MFA_TOTP_TOLERANCE", default=0)
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "jasper_inventory.accounts.forms_second_factor.SecondFactorForm",
    "reauthenticate": "jasper_inventory.accounts.forms_second_factor.SecondFactorAgainForm",
    "activate_totp": "jasper_inventory.accounts.forms_second_factor.AuthenticatorAppForm",
    "add_webauthn": "jasper_inventory.accounts.forms_second_factor.PasskeyForm",
    "edit_webauthn": "jasper_inventory.accounts.forms_second_factor.PasskeyNameForm",
}
# Single sign-on: Google, Microsoft, and other OpenID Connect services.
SOCIALACCOUNT_ADAPTER = "jasper_inventory.accounts.sso.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {"sso": {"APPS": provider_apps(env)}}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# Whether a person whom a service vouches for gets an account without an invitation; never a role.
SSO_CREATES_PEOPLE = env.bool("SSO_CREATES_PEOPLE", default=False)
# Sensitive acts ask for the password or passkey again after this time.
REAUTHENTICATION_MINUTES = env.int("REAUTHENTICATION_MINUTES", default=15)
# How long a session lasts at all, and without activity: accounts/session_store.py.
SESSION_ENGINE = "jasper_inventory.accounts.session_store"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=120)
STAFF_IDLE_MINUTES = env.int("STAFF_SESSION_IDLE_MINUTES", default=30)
CSRF_FAILURE_VIEW = "jasper_inventory.accounts.submissions.csrf_failure"
