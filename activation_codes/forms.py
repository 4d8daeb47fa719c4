"""The User Activation Codes window's form."""

from django import forms

from activation_codes.models import BOXES, CodeSettings


class CodeSettingsForm(forms.ModelForm):
    """The four boxes. The views save them through the service."""

    class Meta:
        model = CodeSettings
        fields = BOXES
