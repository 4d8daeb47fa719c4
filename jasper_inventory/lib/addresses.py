"""Addresses of other sites."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def origin_of(address: str) -> list[str]:
    """The scheme and host of a web address, as a policy names them; none of an empty one."""
    if not address:
        return []
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ImproperlyConfigured(f"Not a web address: {address}")
    return [f"{parts.scheme}://{parts.netloc}"]
