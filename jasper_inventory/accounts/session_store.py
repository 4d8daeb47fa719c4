"""Sessions with two limits: how long a person may be away, and how long a session lasts at all.

Both are kept as the end of the session's row, which Django compares at each request, so that they
need no query of their own. The row is written at most once a minute while pages are only read.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.backends import db
from django.core.exceptions import SuspiciousOperation
from django.utils import timezone

from jasper_inventory.accounts.models import Session, User

# What the session itself keeps about its sign-in; the row has copies.
_SIGN_IN = "signed_in"
# How exact "last seen" is.
_EXACT = timedelta(minutes=1)


def key_hash(session_key: str) -> str:
    """Return what the database stores for the key in a browser's cookie.

    A key has 165 random bits, so that a plain hash can't be reversed.
    """
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(db.SessionStore):
    """Django's store with the limits, on the table of `accounts.models.Session`."""

    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def begin(self, user: User, *, browser: str, address: str) -> None:
        """Note who signed in just now, from where."""
        self[_SIGN_IN] = {
            "at": timezone.now().isoformat(),
            "is_staff": has_short_sessions(user),
            "browser": browser,
            "address": address,
        }

    def see(self, user: User) -> None:
        """Note that the signed-in person is active, at most once a minute."""
        now = timezone.now()
        if self.seen_at is None or now - self.seen_at < _EXACT:
            return
        sign_in = self.get(_SIGN_IN)
        if sign_in is None or sign_in["is_staff"] != has_short_sessions(user):
            # The session is saved with the limit that is right now.
            self[_SIGN_IN] = {**(sign_in or _unknown()), "is_staff": has_short_sessions(user)}
            return
        Session.objects.filter(session_key=key_hash(self.session_key or "")).update(
            seen_at=now, expire_date=self._end(sign_in, now)
        )

    def exists(self, session_key: str) -> bool:
        return super().exists(key_hash(session_key))

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        if session_key:
            Session.objects.filter(session_key=key_hash(session_key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        # The stubs lack this method.
        key = key_hash(self._get_or_create_session_key())  # type: ignore[attr-defined]
        if USER_KEY not in data:
            end = self.get_expiry_date()
            return Session(session_key=key, session_data=self.encode(data), expire_date=end)
        sign_in, now = data.setdefault(_SIGN_IN, _unknown()), timezone.now()
        self.seen_at = now
        return Session(
            session_key=key,
            session_data=self.encode(data),
            expire_date=self._end(sign_in, now),
            user_id=int(data[USER_KEY]),
            began_at=datetime.fromisoformat(sign_in["at"]),
            seen_at=now,
            browser=sign_in["browser"],
            address=sign_in["address"],
        )

    def _get_session_from_db(self) -> Session | None:
        now = timezone.now()
        try:
            row = Session.objects.get(
                session_key=key_hash(self.session_key or ""), expire_date__gt=now
            )
        except (Session.DoesNotExist, SuspiciousOperation):
            self._session_key = None
            return None
        self.seen_at = row.seen_at
        return row

    def _end(self, sign_in: dict[str, Any], now: datetime) -> datetime:
        """Return when the session ends unless the person is active again before."""
        began_at = datetime.fromisoformat(sign_in["at"])
        limits = (
            began_at + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            now + timedelta(minutes=idle_minutes(sign_in["is_staff"])),
        )
        return min(limits)


def has_short_sessions(user: User) -> bool:
    """Return whether a person's sessions have the short idle limit: CCI staff and superusers."""
    return user.is_staff or user.is_superuser


def idle_minutes(is_short: bool) -> int:
    """Return the minutes without activity after which a session ends."""
    minutes: int = settings.STAFF_IDLE_MINUTES if is_short else settings.IDLE_MINUTES
    return minutes


def _unknown() -> dict[str, Any]:
    return {"at": timezone.now().isoformat(), "is_staff": False, "browser": "", "address": ""}
