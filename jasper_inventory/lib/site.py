"""What every page shows of the site itself, and its error pages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def support(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who helps, for the page's foot."""
    return {
        "support_name": settings.SUPPORT_NAME,
        "support_url": settings.SUPPORT_URL,
        "support_phone": settings.SUPPORT_PHONE,
        "support_tel": "".join(c for c in settings.SUPPORT_PHONE if c.isdigit() or c == "+"),
    }


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is too old: say so, and how to go on without losing what was typed."""
    return render(request, "403_csrf.html", status=403)
