"""How django-allauth fits this site: no open sign-up, mails through the queue."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from jasper_inventory.accounts import sign_in_throttling
from jasper_inventory.accounts.browsers import browser_of
from jasper_inventory.accounts.emails import post_notice
from jasper_inventory.accounts.services.passwords import change_password
from jasper_inventory.lib.exceptions import DomainError
from jasper_inventory.lib.returning import answers_get

# What asking for a new password sends, to an account's address or to one that nobody has.
RESETS = ("account/email/password_reset_key", "account/email/unknown_account")


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up: a code, an invitation, or CCI staff makes an account. Emails are queued."""

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Django-allauth's; what can't be read as an address, or opened, isn't safe either."""
        try:
            return super().is_safe_url(url) and answers_get(url)
        except ValueError:
            return False

    def authenticate(self, request, **credentials):
        """Django-allauth's, with our own throttling: per account, and never by the Host header."""
        try:
            attempt = sign_in_throttling.admit(request, credentials)
        except DomainError as refusal:
            raise ValidationError(str(refusal), code="too_many_login_attempts") from None
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.was_right()
        return user

    def login(self, request, user):
        super().login(request, user)
        browser_of(request).remember(user.pk)

    def set_password(self, user, password):
        """On all of django-allauth's pages the person chooses it."""
        changed = change_password(password=password, by=user)
        user.password, user.must_change_password = changed.password, False

    def get_reset_password_from_key_url(self, key):
        """At the site's own address: the host of a request is the sender's to choose."""
        return settings.SITE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def send_mail(self, template_prefix, email, context):
        """Queue it; a username without an address, or nobody's, has no mailbox to write to."""
        if "@" not in email:
            return
        # Without a word: an answer would say whether two names are one account.
        if template_prefix in RESETS and not sign_in_throttling.may_send_reset(email):
            return
        site = {"name": _("the License Inventory"), "domain": settings.SITE_URL}
        context = {"email": email, "current_site": site, **context}
        message = self.render_mail(template_prefix, email, context)
        html = [body for body, kind in getattr(message, "alternatives", []) if kind == "text/html"]
        post_notice(
            kind="account",
            address=email,
            recipient=context.get("user"),
            subject=message.subject,
            text=message.body,
            html=html[0] if html else "",
        )
