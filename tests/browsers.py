"""A test's browser: its forms say who opened them, and in which role, as the pages' forms do."""

from django import test
from django.conf import settings
from django.db import connection
from django.test.client import MULTIPART_CONTENT

from jasper_inventory.accounts.middleware import SESSION_KEY
from jasper_inventory.accounts.models import Membership, User
from jasper_inventory.lib.form_recovery import OWNER, signed_owner


class Browser(test.Client):
    """Django's client. A form is sent as opened in the role that is active, unless it says."""

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
