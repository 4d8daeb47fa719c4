"""How django-allauth fits this site: no open sign-up, mails through the queue."""

from allauth.account.adapter import DefaultAccountAdapter

from jasper_inventory.accounts.notifications import post_notice


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by CCI staff; a slow mail server holds up nobody's page."""

    def is_open_for_signup(self, request):
        return False

    def send_mail(self, template_prefix, email, context):
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
