"""Web addresses of other sites."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def origin_of(address: str) -> list[str]:
    """Return the origin (scheme and host) of a web address in a list, empty for no address."""
    if not address:
        return []
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ImproperlyConfigured(f"Not a web address: {address}")
    return [f"{parts.scheme}://{parts.netloc}"]
