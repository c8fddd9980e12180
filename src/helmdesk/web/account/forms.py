"""Forms of accounts where allauth's own would tell too much, or fail on what a browser never sends."""

import struct
from typing import Any, Final

from allauth.account.fields import EmailField
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.http import HttpRequest

from helmdesk.web.account.mail import ask_for_reset_link

MALFORMED: Final = (TypeError, ValueError, KeyError, AttributeError, IndexError, struct.error)


class ResetForm(forms.Form):
    """Takes any address alike."""

    email = EmailField(required=True)

    def save(self, request: HttpRequest) -> None:
        ask_for_reset_link(self.cleaned_data["email"])


class AddPasskey(AddWebAuthnForm):
    def clean(self) -> Any:
        try:
            return super().clean()
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class ShownPasskey:
    """A credential that is not even one is answered like a wrong one."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeySignIn(ShownPasskey, LoginWebAuthnForm):
    pass


class PasskeySecondStep(ShownPasskey, AuthenticateWebAuthnForm):
    pass


class PasskeyAgain(ShownPasskey, ReauthenticateWebAuthnForm):
    pass
