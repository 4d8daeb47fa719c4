"""Settings of single sign-on, read from the environment: docs/operators.md describes them."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

GOOGLE, MICROSOFT = "google", "microsoft"


def provider_apps(env: Any) -> list[dict[str, Any]]:
    """Return the services that people can sign in with, as django-allauth's settings name them."""
    return [_app(env, name.strip().lower()) for name in env.list("SSO_PROVIDERS", default=[])]


def _app(env: Any, name: str) -> dict[str, Any]:
    if not name.replace("-", "").replace("_", "").isalnum():
        raise ImproperlyConfigured(f"SSO_PROVIDERS: {name!r} isn't a name of letters and digits.")
    start = f"SSO_{name.upper().replace('-', '_')}_"
    label, url = name.capitalize(), ""
    if name == GOOGLE:
        url = "https://accounts.google.com"
    elif name == MICROSOFT:
        # One tenant: any other could claim to be anyone.
        url = f"https://login.microsoftonline.com/{env.str(f'{start}TENANT')}/v2.0"
    else:
        url = env.str(f"{start}URL")
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ImproperlyConfigured(f"{start}URL has to begin with https://.")
    return {
        "provider_id": name,
        "name": env.str(f"{start}NAME", default=label),
        "client_id": env.str(f"{start}CLIENT_ID"),
        "secret": env.str(f"{start}CLIENT_SECRET"),
        "settings": {
            "server_url": url.rstrip("/"),
            "oauth_pkce_enabled": True,
            # The domains whose addresses count as proven by this service.
            "domains": [one.lower() for one in env.list(f"{start}DOMAINS", default=[])],
        },
    }
