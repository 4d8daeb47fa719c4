"""The forms of sign-in and of E-mail Alerts."""

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from jasper_inventory.accounts.models import Topic, User


class SignInForm(LoginForm):
    """Django-allauth's, named for what one may type; its page has the link to a new password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def user_credentials(self):
        """As user name or as e-mail, never as both: to refuse an address that someone has would
        take twice as long, and tell it from others."""
        credentials = super().user_credentials()
        if "username" in credentials and "email" in credentials:
            is_name = User.objects.filter(username__iexact=credentials["username"]).exists()
            del credentials["email" if is_name else "username"]
        return credentials


class EmailAlertsForm(forms.Form):
    """The topics of which one gets e-mails."""

    topics = forms.MultipleChoiceField(
        label=_("Send me an e-mail about"),
        required=False,
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
    )
