"""Names of cookies."""

from django.conf import settings


def cookie_name(name: str) -> str:
    """Return a cookie's name, with a prefix like that of Django's own cookies.

    With it, no other host of the domain can set the cookie.
    """
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name
