"""A test's browser: its forms send their person and role, as the forms of the pages do."""

import time

from django import test
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.test.client import MULTIPART_CONTENT
from django.utils.crypto import get_random_string

from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.accounts.session_store import SessionStore
from jasper_inventory.lib.form_recovery import OWNER, signed_owner


def records_of(user, *records):
    """What django-allauth keeps in a session about how the person signed in."""
    return {
        "account_authentication_methods": [*records],
        "account_authentication_methods_user": str(user.pk),
    }


class Browser(test.Client):
    """Django's client. A form is sent as if opened in the active role, unless it names one."""

    def force_login(self, user, backend=None):
        """Sign in by one statement instead of Django's fifteen; the time of it isn't kept."""
        if backend is not None or settings.SESSION_COOKIE_NAME in self.cookies:
            super().force_login(user, backend)
            return
        signed_in = {
            **records_of(user, {"method": "password", "at": time.time()}),
            auth.SESSION_KEY: str(user.pk),
            auth.BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            auth.HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key, store = get_random_string(32).lower(), SessionStore()
        store._session_key = key
        store.create_model_instance(signed_in).save(force_insert=True)
        self.cookies[settings.SESSION_COOKIE_NAME] = key

    def signed_in_long_ago(self):
        """Make the last sign-in too old for sensitive acts."""
        session = self.session
        for record in session["account_authentication_methods"]:
            record["at"] = 0
        session.save()

    def post(self, path, data=None, content_type=MULTIPART_CONTENT, **extra):
        if content_type == MULTIPART_CONTENT and OWNER not in (data or {}):
            data = self._opened_now(data)
        return super().post(path, data, content_type, **extra)

    def _opened_now(self, data):
        counting, connection.force_debug_cursor = connection.force_debug_cursor, False
        try:
            session = self.session if settings.SESSION_COOKIE_NAME in self.cookies else {}
            user = User.objects.filter(pk=session.get("_auth_user_id")).first()
            if user is None:
                return data
            roles = list(Membership.objects.of_user(user))
            chosen = [role for role in roles if role.pk == session.get(SESSION_KEY)]
            active = (chosen + roles + [None])[0]
        finally:
            connection.force_debug_cursor = counting
        sent = {} if data is None else data.copy()
        sent[OWNER] = signed_owner(user, active)
        return sent
